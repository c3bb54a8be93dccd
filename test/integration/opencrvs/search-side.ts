import {
  createRecordReader,
  createRecordSearch,
  createSystemToken,
  fromRecordSearch,
  parseDelivery,
  type RecordReaderOptions,
  readDelivery,
} from '../../../src/opencrvs/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import type { RegistrationKind, VitalEvent } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsAuthPeer } from '../../peers/opencrvs-auth-peer.js';
import { OpenCrvsGatewayPeer } from '../../peers/opencrvs-gateway-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { fixture } from '../../support/fixtures.js';
import {
  type FhirBundle,
  filteredDocument,
  fullBundle,
  ID,
  keeping,
  webhookBody,
} from '../../support/opencrvs-shapes.js';

export interface Sent {
  readonly event: VitalEvent;
  readonly raw: string;
}

/** The event in a webhook with this record. */
export function delivered(kind: RegistrationKind, bundle: FhirBundle): Sent {
  const body = webhookBody(kind === 'birth' ? 'BIRTH_REGISTERED' : 'DEATH_REGISTERED', bundle);
  const reading = readDelivery(parseDelivery(body));
  if (!reading.ok) throw new Error(reading.reason);
  return { event: reading.event, raw: JSON.stringify(body) };
}

/** The birth as 1.5 and 1.6 send it, of the persons the child and whoever else is kept; the informant is the mother. */
export const birthWith = (...persons: readonly string[]): Sent =>
  delivered(
    'birth',
    keeping(
      filteredDocument('birth'),
      ({ resourceType, id }) => resourceType !== 'Patient' || [ID.child, ...persons].includes(id),
    ),
  );

export const RECORDS = {
  birth: {
    id: ID.birthComposition,
    number: '2024BQX7T4N',
    trackingId: 'BQX7T4N',
    fixture: 'opencrvs/birth-bundle-full.json',
  },
  death: {
    id: fullBundle('death').entry[0]?.resource.id ?? '',
    number: '2024DKM3W9C',
    trackingId: 'DKM3W9C',
    fixture: 'opencrvs/death-bundle-full.json',
  },
} as const;

/** An OpenCRVS 1.5 to 1.9 with a birth and a death, a client of type RECORD_SEARCH, and our side of it. */
export async function startSearchSide(
  options: {
    readonly parts?: RecordReaderOptions['parts'];
    readonly dailyQuota?: number;
    readonly scopes?: readonly string[];
  } = {},
) {
  const clock = new ManualClock(Date.parse('2024-03-01T10:00:00Z'));
  const system = new OpenCrvsSystem({
    tokenMode: 'query',
    scopes: options.scopes ?? ['recordsearch'],
    now: () => clock.now(),
  });
  const auth = await new OpenCrvsAuthPeer(system).start();
  const gateway = await new OpenCrvsGatewayPeer(system).start();
  for (const event of ['birth', 'death'] as const) {
    const { id, number: registrationNumber, trackingId } = RECORDS[event];
    gateway.addRecord(id, {
      event: event === 'birth' ? 'BIRTH' : 'DEATH',
      status: 'REGISTERED',
      registrationNumbers: [registrationNumber],
      bundle: fixture(RECORDS[event].fixture),
    });
    const changedAt = event === 'birth' ? '2024-02-19T08:41:11.904Z' : '2024-03-01T09:00:00.000Z';
    gateway.search.index.push({ id, event, status: 'REGISTERED', registrationNumber, trackingId, changedAt });
  }

  const { log, lines } = createMemoryLog();
  const [metrics, health] = [createMetrics(), createHealth(clock)];
  const outbound = createOutboundClient({ clock, metrics });
  const tokens = createSystemToken(
    { outbound, clock, log, metrics, health },
    {
      authUrl: auth.url,
      tokenMode: 'query',
      clientId: system.clientId,
      clientSecret: system.clientSecret,
      scope: 'recordsearch',
    },
    { check: 'opencrvs-search-token' },
  );
  const search = createRecordSearch(
    { outbound, clock, metrics, health, tokens },
    { gatewayUrl: gateway.url, dailyQuota: options.dailyQuota ?? 2000 },
  );
  const reader = createRecordReader(
    { source: fromRecordSearch({ search, log }), locations: undefined, log },
    { parts: options.parts ?? ['mother', 'father'] },
  );
  return {
    clock,
    system,
    auth,
    gateway,
    search,
    lines,
    complete: ({ event, raw }: Sent) => reader.completeEvent(event, raw, new AbortController().signal),
    /** Names of the operations that the gateway was asked for. */
    asked: () => gateway.received.map(({ body }): unknown => JSON.parse(body.toString('utf8')).operationName),
    check: (name: string) => health.readiness().checks[name],
    async stop() {
      search.stop();
      tokens.stop();
      await outbound.close();
      await Promise.all([auth.stop(), gateway.stop()]);
    },
  };
}

export type SearchSide = Awaited<ReturnType<typeof startSearchSide>>;
