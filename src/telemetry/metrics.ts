import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Every metric of the service. Label values come from closed sets: never an identifier, never an address. */
export interface Metrics {
  readonly httpRequest: Histogram<'method' | 'route' | 'status'>;
  readonly outboundCall: Histogram<'peer' | 'operation' | 'outcome'>;
  readonly circuitOpen: Gauge<'peer'>;
  readonly eventAccepted: Counter<'kind' | 'repeat'>;
  readonly eventStep: Histogram<'step' | 'outcome'>;
  readonly eventState: Counter<'kind' | 'state'>;
  readonly tokenRefresh: Counter<'peer' | 'outcome'>;
  readonly heartbeat: Counter<'outcome'>;
  readonly callback: Counter<'outcome'>;
  readonly outcomeReport: Counter<'outcome'>;
  readonly repliesExpiring: Gauge;
  readonly searchesToday: Gauge;
  readonly reconciled: Counter<'result'>;
  readonly events: Gauge<'state'>;
  readonly oldestEvent: Gauge<'state'>;
  readonly overdue: Gauge;
  readonly operatorRefusal: Counter<'outcome'>;
  readonly certificateExpiry: Gauge<'certificate'>;
  /** Prometheus text of all of them, with its content type. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Builds a registry of its own, so that two services in one process (tests) do not share counters. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    httpRequest: new Histogram({
      name: 'mediator_http_request_duration_seconds',
      help: 'Time to answer an inbound request.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    }),
    outboundCall: new Histogram({
      name: 'mediator_outbound_call_duration_seconds',
      help: 'Time of a call to a peer; outcome is the status class or an error code.',
      labelNames: ['peer', 'operation', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    circuitOpen: new Gauge({
      name: 'mediator_circuit_open',
      help: '1 while calls to the peer are paused by its breaker.',
      labelNames: ['peer'],
      registers,
    }),
    eventAccepted: new Counter({
      name: 'mediator_events_accepted_total',
      help: 'Events acknowledged to OpenCRVS; repeat tells a delivery already known.',
      labelNames: ['kind', 'repeat'],
      registers,
    }),
    eventStep: new Histogram({
      name: 'mediator_event_step_duration_seconds',
      help: 'Time of one step of an event; outcome is the new state or an error code.',
      labelNames: ['step', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    eventState: new Counter({
      name: 'mediator_event_transitions_total',
      help: 'Events that entered a state.',
      labelNames: ['kind', 'state'],
      registers,
    }),
    tokenRefresh: new Counter({
      name: 'mediator_token_requests_total',
      help: 'Token requests to a peer.',
      labelNames: ['peer', 'outcome'],
      registers,
    }),
    heartbeat: new Counter({
      name: 'mediator_openhim_heartbeats_total',
      help: 'Heartbeats sent to OpenHIM core.',
      labelNames: ['outcome'],
      registers,
    }),
    callback: new Counter({
      name: 'mediator_national_id_callbacks_total',
      help: 'Callbacks of the national ID system by what became of them.',
      labelNames: ['outcome'],
      registers,
    }),
    outcomeReport: new Counter({
      name: 'mediator_openhim_outcome_reports_total',
      help: 'Outcomes of events told to OpenHIM core, by what became of the report.',
      labelNames: ['outcome'],
      registers,
    }),
    events: new Gauge({
      name: 'mediator_events',
      help: 'Events in a state that is not over, counted each minute.',
      labelNames: ['state'],
      registers,
    }),
    oldestEvent: new Gauge({
      name: 'mediator_event_oldest_seconds',
      help: 'Age of the oldest event in the state; stuck ones keep their personal data.',
      labelNames: ['state'],
      registers,
    }),
    overdue: new Gauge({
      name: 'mediator_event_overdue_seconds',
      help: 'For how long the step that is due the longest has waited.',
      registers,
    }),
    operatorRefusal: new Counter({
      name: 'mediator_operator_credentials_refused_total',
      help: 'Calls to the operator API with wrong credentials, or after too many of them, by error code.',
      labelNames: ['outcome'],
      registers,
    }),
    certificateExpiry: new Gauge({
      name: 'mediator_certificate_expiry_timestamp_seconds',
      help: 'When a certificate that we use at the national ID system expires (Unix time).',
      labelNames: ['certificate'],
      registers,
    }),
    repliesExpiring: new Gauge({
      name: 'mediator_replies_expiring',
      help: 'Events whose answer OpenCRVS will not take any more in two days.',
      registers,
    }),
    searchesToday: new Gauge({
      name: 'mediator_opencrvs_searches_today',
      help: 'Record searches made at OpenCRVS since midnight (UTC).',
      registers,
    }),
    reconciled: new Counter({
      name: 'mediator_reconciled_registrations_total',
      help: 'Registrations that a reconciliation found at OpenCRVS and not here, by what became of them.',
      labelNames: ['result'],
      registers,
    }),
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
