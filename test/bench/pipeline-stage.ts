import { PgBoss } from 'pg-boss';
import type { StoreSettings } from '../../src/config/index.js';
import { createPipeline, type Pipeline } from '../../src/pipeline/index.js';
import { systemClock } from '../../src/runtime/index.js';
import { createHealth, createLogger, createMetrics } from '../../src/telemetry/index.js';
import { FakeNationalIdSystem } from '../fakes/fake-national-id-system.js';
import { FakeWriteBack } from '../fakes/fake-write-back.js';
import { onlySystem, PIPELINE_SETTINGS, temporaryFolder } from '../support/pipeline-harness.js';
import { startPostgres } from '../support/postgres-server.js';
import { until } from '../support/until.js';

/** Callers at once. */
export const CALLERS = 64;

export interface Timing {
  readonly perSecond: number;
  /** Milliseconds of each call, sorted. */
  readonly durations: readonly number[];
}

/** Runs `work` for each number from 1 to `count`, by so many callers at once. */
export async function time(
  count: number,
  work: (index: number) => Promise<unknown>,
  callers = CALLERS,
): Promise<Timing> {
  let next = 0;
  const durations: number[] = [];
  const begun = performance.now();
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      const startedAt = performance.now();
      await work(next);
      durations.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const perSecond = Math.round(count / ((performance.now() - begun) / 1000));
  return { perSecond, durations: durations.toSorted((a, b) => a - b) };
}

/** What a share of sorted durations does not exceed, in milliseconds to a tenth. */
export function percentile(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1));
}

/** What bare pg-boss sends a second, one at a time by each caller: the yardstick. */
export async function bareSends(url: string, count: number): Promise<number> {
  const boss = new PgBoss({ connectionString: url, max: 10, schema: 'bare', schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue('bare');
  const data = { text: 'x'.repeat(1_000) };
  const { perSecond } = await time(count, () => boss.send('bare', data));
  await boss.stop({ graceful: false });
  return perSecond;
}

/** Gives `work` a durable PostgreSQL of its own. */
export async function onPostgres<T>(work: (url: string) => Promise<T>): Promise<T> {
  const server = await startPostgres({ durable: true });
  try {
    return await work(server.url);
  } finally {
    await server.remove();
  }
}

/** Gives `work` a new folder for an embedded store. */
export async function onEmbedded<T>(work: (store: StoreSettings) => Promise<T>): Promise<T> {
  const folder = temporaryFolder();
  try {
    return await work({ kind: 'embedded', dataDir: folder.path });
  } finally {
    await folder.remove();
  }
}

/** Runs the real pipeline on the store, between a national ID system and a write-back in memory. */
export async function withPipeline<T>(
  store: StoreSettings,
  system: FakeNationalIdSystem,
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  const health = createHealth(systemClock);
  const log = createLogger('error');
  const opencrvs = { writeBack: new FakeWriteBack(), recordReader: { completeEvent: async <E>(event: E) => event } };
  const pipeline = createPipeline(
    {
      clock: systemClock,
      log,
      metrics: createMetrics(),
      health,
      random: Math.random,
      systems: onlySystem(system),
      opencrvs,
    },
    () => ({ ...PIPELINE_SETTINGS, store }),
    { onFatal: (error) => log.error({ err: error }, 'fatal') },
  );
  pipeline.start();
  await until(() => health.readiness().checks['store']?.state === 'ok', 'the store is open', 60_000);
  try {
    return await work(pipeline);
  } finally {
    await pipeline.stop(10_000);
  }
}

/** Issues at once when open, and notes when each event was handed over. Closed, it lets a backlog grow. */
export class GatedSystem extends FakeNationalIdSystem {
  readonly handedOver = new Map<string, number>();
  #open: () => void = () => undefined;
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  constructor() {
    super();
    this.otherwise(async ({ event }) => {
      await this.#opened;
      this.handedOver.set(event.registrationNumber, performance.now());
      return { result: 'issued', identity: { nationalId: `N-${event.registrationNumber}` } };
    });
  }

  open(): void {
    this.#open();
  }
}
