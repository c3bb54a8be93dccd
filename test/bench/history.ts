import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createOperatorClient, type OperatorClient } from '../../src/cli/events/operator-client.js';
import { loadSettings } from '../../src/config/index.js';
import { createApp, listen } from '../../src/http/index.js';
import { operatorRoutes } from '../../src/operator/index.js';
import { createOutboundClient } from '../../src/outbound/index.js';
import type { Pipeline } from '../../src/pipeline/index.js';
import { createAudit, createEventFinder, createStores, type Sql } from '../../src/pipeline/store/index.js';
import { systemClock } from '../../src/runtime/index.js';
import { createHealth, createLogger, createMetrics } from '../../src/telemetry/index.js';
import { FakeNationalIdSystem } from '../fakes/fake-national-id-system.js';
import { KEYS } from '../support/pipeline-harness.js';
import { tablesScanned } from '../support/query-plans.js';
import { onPostgres, percentile, time, withPipeline } from './pipeline-stage.js';

const EVENTS = 100_000;
const SHOWN = 2_000;
const OPERATORS = { username: 'operators', password: 'operators' } as const;

/** Events of many ages, a tenth of them not over, each with its history; and deliveries, callbacks and actions beside. */
const FILL = `
  insert into mediator.person (id) select gen_random_uuid() from generate_series(1, ${EVENTS});
  insert into mediator.event (id, event_key, kind, registration_number, tracking_id, person_id, transaction_id, state, code,
    system, outward_key, received_at)
  select gen_random_uuid(), 'birth:N-' || n, 'birth', 'N-' || n, 'T-' || n, p.id, md5(n::text),
    case when n % 100 = 0 then 'stuck' when n % 100 = 1 then 'refused' when n % 12 = 2 then 'submitted' else 'settled' end,
    case when n % 100 = 0 then 'answer_deadline_passed' end, 'mosip', 'K-' || n, now() - n * interval '1 minute'
  from (select id, row_number() over () as n from mediator.person) as p;
  insert into mediator.history (event_id, step, outcome, duration_ms)
  select id, step, 'received', 12 from mediator.event, unnest(array['accept', 'submit', 'answer', 'deliver']) as step;
  insert into mediator.callback (id, delivery_id, system, state, event_id, handled_at)
  select gen_random_uuid(), id::text, 'mosip', 'matched', id, now() from mediator.event;
  insert into mediator.report (transaction_id, event_id) select 'again-' || id, id from mediator.event;
  insert into mediator.audit (actor, action, event_id, reason)
  select 'operators', 'retry', id, 'again' from mediator.event where state = 'stuck';
  analyze;
`;

/** The operator API over HTTP, as the \`events\` commands call it. */
async function withClient<T>(pipeline: Pipeline, work: (client: OperatorClient) => Promise<T>): Promise<T> {
  const [metrics, log] = [createMetrics(), createLogger('error')];
  const settings = loadSettings({
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: 'http://127.0.0.1:9/fhir',
    OPENHIM_REGISTER: 'false',
    DATA_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    INDEX_KEY: 'an index key of the benchmark, long enough',
  });
  const routes = operatorRoutes(
    {
      operator: () => pipeline.operator(),
      clock: systemClock,
      health: createHealth(systemClock),
      metrics,
      settings: () => settings,
      refusedSettings: () => [],
    },
    OPERATORS,
  );
  const app = createApp({ clock: systemClock, log, metrics }, routes, {
    urn: 'urn:bench',
    inbound: undefined,
    renderers: {},
  });
  const listener = await listen(app, { host: '127.0.0.1', port: 0, tls: undefined });
  const outbound = createOutboundClient({ clock: systemClock, metrics });
  try {
    return await work(createOperatorClient({ outbound }, { url: `http://127.0.0.1:${listener.port}`, ...OPERATORS }));
  } finally {
    await outbound.close();
    await listener.close(1_000);
  }
}

/** Everything that an operator looks at, run past the planner: the tables that are read from end to end. */
async function scans(client: pg.Client): Promise<Readonly<Record<string, string>>> {
  const finder = createEventFinder();
  const sql: Pick<Sql, 'query'> = {
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await client.query(text, values === undefined ? undefined : [...values])).rows as Row[],
  };
  const [event] = await finder.find({ ...sql, boss: { executeSql: async () => ({ rows: [] }) } }, 'N-100');
  if (event === undefined) throw new Error('the store was not filled');
  const stores = createStores(KEYS);
  const works: Readonly<Record<string, (watched: Sql) => Promise<unknown>>> = {
    find: (watched) => finder.find(watched, 'N-100'),
    get: (watched) => finder.get(watched, event.id),
    blocker: (watched) => finder.blocker(watched, event),
    history: (watched) => stores.history.of(watched, event.id),
    callbacks: (watched) => stores.callbacks.of(watched, event.id),
    audit: (watched) => createAudit().list(watched, { eventId: event.id, limit: 500 }),
    list: (watched) => finder.list(watched, { states: ['stuck'] }, { limit: 50 }),
  };
  const found: Record<string, string> = {};
  for (const [name, work] of Object.entries(works)) {
    const tables = await tablesScanned(sql, work);
    found[name] = tables.length === 0 ? 'none' : tables.join(', ');
  }
  return found;
}

/** Milliseconds of the calls of `events show` and `events list` at 100,000 events, and what is read without an index. */
export function benchHistory(): Promise<object> {
  return onPostgres((url) =>
    withPipeline({ kind: 'postgres', url }, new FakeNationalIdSystem(), async (pipeline) => {
      const admin = new pg.Client({ connectionString: url });
      await admin.connect();
      try {
        await admin.query(FILL);
        const shown = await withClient(pipeline, async (client) => {
          const show = async (number: string): Promise<void> => {
            const [found] = await client.find(number);
            if (found !== undefined) await client.show(found.id);
          };
          await time(200, (index) => show(`N-${index}`), 1);
          const one = await time(SHOWN, (index) => show(`N-${(index * 7_919) % EVENTS}`), 1);
          const unknown = await time(SHOWN, () => show(randomUUID()), 1);
          const list = await time(200, () => client.list(new URLSearchParams({ state: 'stuck' })), 1);
          return { one, unknown, list };
        });
        const figures = Object.entries(shown).map(([name, { durations }]) => [
          name,
          {
            p50_ms: percentile(durations, 0.5),
            p95_ms: percentile(durations, 0.95),
            p99_ms: percentile(durations, 0.99),
          },
        ]);
        const { one, ...others } = Object.fromEntries(figures);
        return { events: EVENTS, ...one, ...others, tables_scanned: await scans(admin) };
      } finally {
        await admin.end();
      }
    }),
  );
}
