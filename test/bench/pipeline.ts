import { PgBoss } from 'pg-boss';
import { createPipeline, type Pipeline } from '../../src/pipeline/index.js';
import { systemClock } from '../../src/runtime/index.js';
import { createHealth, createLogger, createMetrics } from '../../src/telemetry/index.js';
import { FakeNationalIdSystem } from '../fakes/fake-national-id-system.js';
import { FakeWriteBack } from '../fakes/fake-write-back.js';
import { birth, KEYS } from '../support/pipeline-harness.js';
import { startPostgres } from '../support/postgres-server.js';
import { until } from '../support/until.js';

export interface PipelineFigures {
  /** Events accepted a second, each on the disk before it is acknowledged, while nothing is worked on. */
  readonly intake_per_second: number;
  /** What bare pg-boss sends a second in the same run, at the same concurrency. */
  readonly bare_sends_per_second: number;
  readonly intake_over_bare: number;
  /** Events handed to the national ID system a second, from a backlog, while others are written back. */
  readonly drain_per_second: number;
  /** Milliseconds from the acknowledgement to the hand-over, one event at a time. */
  readonly latency_p50_ms: number;
  readonly latency_p99_ms: number;
}

const CALLERS = 64;
const EVENTS = 10_000;
const SINGLE = 300;

/** Runs `work` for each number below `count` by so many callers at once; returns how many a second. */
async function rate(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const begun = performance.now();
  const caller = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return Math.round(count / ((performance.now() - begun) / 1000));
}

async function bareSends(url: string): Promise<number> {
  const boss = new PgBoss({ connectionString: url, max: 10, schema: 'bare', schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue('bare');
  const data = { text: 'x'.repeat(1_000) };
  const perSecond = await rate(EVENTS, () => boss.send('bare', data));
  await boss.stop({ graceful: false });
  return perSecond;
}

async function withPipeline<T>(
  url: string,
  system: FakeNationalIdSystem,
  work: (pipeline: Pipeline) => Promise<T>,
): Promise<T> {
  const health = createHealth(systemClock);
  const log = createLogger('error');
  const opencrvs = { writeBack: new FakeWriteBack(), recordReader: { completeEvent: async <E>(event: E) => event } };
  const pipeline = createPipeline(
    { clock: systemClock, log, metrics: createMetrics(), health, random: Math.random, system, opencrvs },
    {
      store: { kind: 'postgres', url },
      keys: KEYS,
      retentionDays: 30,
      answerDeadlineMs: 3_600_000,
      birthCancellation: 'operator',
    },
    { onFatal: (error) => log.error({ err: error }, 'fatal') },
  );
  pipeline.start();
  await until(() => health.readiness().checks['store']?.state === 'ok', 'the store is open');
  try {
    return await work(pipeline);
  } finally {
    await pipeline.stop(10_000);
  }
}

/** Issues at once when open, and notes when each event was handed over. Closed, it lets a backlog grow. */
class GatedSystem extends FakeNationalIdSystem {
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

/** Intake, drain and latency of the pipeline on a PostgreSQL of its own, with durable commits. */
export async function benchPipeline(): Promise<PipelineFigures> {
  const server = await startPostgres({ durable: true });
  try {
    const bare = await bareSends(server.url);
    const system = new GatedSystem();
    return await withPipeline(server.url, system, async (pipeline) => {
      const intake = await rate(EVENTS, (index) => pipeline.accept(birth(`BENCH-${index}`)));
      const begun = performance.now();
      system.open();
      await until(() => system.handedOver.size >= EVENTS, 'the backlog is drained', 600_000);
      const drain = Math.round(EVENTS / ((performance.now() - begun) / 1000));

      const latencies: number[] = [];
      for (let index = 0; index < SINGLE; index += 1) {
        const number = `SINGLE-${index}`;
        await pipeline.accept(birth(number));
        const acknowledgedAt = performance.now();
        await system.submitted(number);
        latencies.push((system.handedOver.get(number) ?? performance.now()) - acknowledgedAt);
      }
      latencies.sort((a, b) => a - b);
      const at = (share: number): number => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1));
      return {
        intake_per_second: intake,
        bare_sends_per_second: bare,
        intake_over_bare: Number((intake / bare).toFixed(2)),
        drain_per_second: drain,
        latency_p50_ms: at(0.5),
        latency_p99_ms: at(0.99),
      };
    });
  } finally {
    await server.remove();
  }
}
