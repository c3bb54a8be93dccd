import { MediatorError } from '../../../src/errors/index.js';
import { createApp, type Listener, listen } from '../../../src/http/index.js';
import { type OperatorApiDeps, operatorRoutes } from '../../../src/operator/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics, type Metrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { birth, type Harness, startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { startTestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';
import { settingsWith } from '../../unit/config/environment.js';

export const OPERATORS = { username: 'operators', password: 'operators-password-of-the-tests' } as const;

/** Where the operators' commands find the API. */
export const environmentOf = ({ url }: { readonly url: string }): Readonly<Record<string, string>> => ({
  MEDIATOR_URL: url,
  OPERATOR_USERNAME: OPERATORS.username,
  OPERATOR_PASSWORD: OPERATORS.password,
});

export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The operator API over the real pipeline on a PostgreSQL of its own. */
export interface OperatorStage {
  readonly harness: Harness;
  readonly metrics: Metrics;
  readonly url: string;
  call(
    path: string,
    call?: Call,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly body: unknown }>;
  stop(): Promise<void>;
}

const basic = `Basic ${Buffer.from(`${OPERATORS.username}:${OPERATORS.password}`).toString('base64')}`;

/** `isLocked`: the settings hold no credentials. */
export async function startOperatorStage({
  isLocked = false,
  refusedSettings = () => [],
}: {
  readonly isLocked?: boolean;
  readonly refusedSettings?: OperatorApiDeps['refusedSettings'];
} = {}): Promise<OperatorStage> {
  const folder = temporaryFolder();
  const store = await startTestStore('postgres');
  const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 200 });
  const { log } = createMemoryLog();
  const metrics = createMetrics();
  const settings = settingsWith();
  const { health, pipeline } = harness;
  const routes = operatorRoutes(
    {
      operator: () => pipeline.operator(),
      clock: systemClock,
      health,
      metrics,
      settings: () => settings,
      refusedSettings,
    },
    isLocked ? undefined : OPERATORS,
  );
  const app = createApp({ clock: systemClock, log, metrics }, routes, {
    urn: 'urn:test',
    inbound: undefined,
    renderers: {},
  });
  const listener: Listener = await listen(app, { host: '127.0.0.1', port: 0, tls: undefined });
  const url = `http://127.0.0.1:${listener.port}`;
  return {
    harness,
    metrics,
    url,
    async call(path, { method, body, headers = {} } = {}) {
      const response = await fetch(`${url}/operator${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          authorization: basic,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    },
    async stop() {
      await listener.close(1_000);
      await harness.stop();
      await store.stop();
      await folder.remove();
    },
  };
}

/** One birth in each of the places where people look for it; gives their ids. */
export async function everyPlace({ pipeline, system, reaches, event }: Harness) {
  system.when('E-settled', async () => ({ result: 'issued', identity: { nationalId: 'CANARY-NID-1' } }));
  system.when('E-refused', async () => ({ result: 'refused', code: 'IDS-007', reason: 'The name is too short.' }));
  system.when('E-stuck', async () => {
    throw new MediatorError('national_id_misconfigured');
  });
  const transactionId = '65d3c1f1a2b3c4d5e6f70809';
  await pipeline.accept({ ...birth('E-settled'), transactionId });
  for (const number of ['E-waiting', 'E-refused', 'E-stuck']) await pipeline.accept(birth(number));
  const settled = await reaches('E-settled', 'settled');
  const waiting = await reaches('E-waiting', 'submitted');
  await until(async () => (await event('E-refused'))?.told_at != null, 'the refusal is told');
  const refused = await reaches('E-refused', 'refused');
  const stuck = await reaches('E-stuck', 'stuck');
  return { settled: settled.id, waiting: waiting.id, refused: refused.id, stuck: stuck.id, transactionId };
}
