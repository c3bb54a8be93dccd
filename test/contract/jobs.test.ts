import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Job, JobResult, Jobs } from '../../src/pipeline/jobs.js';
import { startPgBossJobs } from '../../src/pipeline/pg-boss-jobs.js';
import { QUEUES } from '../../src/pipeline/queues.js';
import type { Database } from '../../src/pipeline/store/index.js';
import { createMemoryLog } from '../fakes/memory-log.js';
import { SimEngine } from '../simulation/sim-database.js';
import { createSimJobs, runBatch } from '../simulation/sim-jobs.js';
import { temporaryFolder } from '../support/pipeline-harness.js';
import { type Engine, startTestStore } from '../support/test-store.js';
import { until } from '../support/until.js';

interface Bench {
  readonly database: Database;
  readonly jobs: Jobs;
  close(): Promise<void>;
}

async function pgBossOn(engine: Engine): Promise<Bench> {
  const folder = temporaryFolder();
  const store = await startTestStore(engine);
  const { log } = createMemoryLog();
  const database = await store.open({ log }, folder.path);
  const jobs = await startPgBossJobs({ database, log });
  return {
    database,
    jobs,
    async close() {
      await jobs.stop(5_000);
      await database.close();
      await store.stop();
      await folder.remove();
    },
  };
}

/** The jobs of the simulation, run by real time as those of the service are. */
async function simulated(): Promise<Bench> {
  const engine = await SimEngine.open();
  const database = engine.connect({ isAlive: () => true, onCommit: () => undefined });
  const jobs = createSimJobs(database);
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      await engine.setNow(Date.now());
      for (const queue of QUEUES) await runBatch(database, jobs, queue);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const running = run();
  return {
    database,
    jobs,
    async close() {
      isStopped = true;
      await running;
      await engine.close();
    },
  };
}

/** How each run of a subject's job ends; without a word it is done. */
type Script = (job: Job, run: number) => Promise<JobResult>;

describe.each([
  { name: 'pg-boss on the embedded engine', open: () => pgBossOn('embedded') },
  { name: 'pg-boss on PostgreSQL', open: () => pgBossOn('postgres') },
  { name: 'the simulation', open: simulated },
])('jobs: $name', ({ open }) => {
  let bench: Bench;
  const runs = new Map<string, number>();
  const scripts = new Map<string, Script>();

  beforeAll(async () => {
    bench = await open();
    await bench.jobs.work('submit', async (jobs) => {
      const ends = jobs.map(async (job) => {
        const run = (runs.get(job.subjectId) ?? 0) + 1;
        runs.set(job.subjectId, run);
        const script = scripts.get(job.subjectId);
        return [job.id, script === undefined ? 'done' : await script(job, run)] as const;
      });
      return new Map(await Promise.all(ends));
    });
  }, 60_000);
  afterAll(() => bench.close(), 30_000);

  const send = (...subjects: string[]): Promise<void> => bench.jobs.send(bench.database, 'submit', subjects);
  const hasRun = (subject: string, times: number): Promise<void> =>
    until(() => runs.get(subject) === times, `${times} runs of the job`);
  /** A subject whose job ends as the script says. */
  const subject = (script?: Script): string => {
    const id = randomUUID();
    if (script !== undefined) scripts.set(id, script);
    return id;
  };
  /** Everything that was sent before this has had its turn. */
  const afterAnother = async (): Promise<void> => {
    const other = subject();
    await send(other);
    await hasRun(other, 1);
  };

  test('each subject has one run', async () => {
    const subjects = [subject(), subject(), subject()];
    await send(...subjects);
    for (const one of subjects) await hasRun(one, 1);
  });

  test('a subject that waits already gets no second job', async () => {
    const one = subject();
    await bench.jobs.send(bench.database, 'submit', [one], 300);
    await send(one);
    await afterAnother();
    expect(runs.get(one)).toBeUndefined();
    await hasRun(one, 1);
  });

  test('what is due later waits', async () => {
    const [soon, later] = [subject(), subject()];
    await bench.jobs.send(bench.database, 'submit', [later], 60_000);
    await send(soon);
    await hasRun(soon, 1);
    expect(runs.get(later)).toBeUndefined();
  });

  test('a transaction that is rolled back has sent nothing', async () => {
    const one = subject();
    const failed = bench.database.transaction(async (sql) => {
      await bench.jobs.send(sql, 'submit', [one]);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await afterAnother();
    expect(runs.get(one)).toBeUndefined();
  });

  test('a handler that could not end its job gets it again, as another attempt', async () => {
    const attempts: number[] = [];
    const one = subject(async ({ attempt }, run) => {
      attempts.push(attempt);
      return run < 3 ? 'again' : 'done';
    });
    await send(one);
    await hasRun(one, 3);
    expect(new Set(attempts).size).toBe(3);
  });

  test('a job is ended once, and in the same transaction its subject can be sent anew', async () => {
    const ends: boolean[] = [];
    const one = subject(async (job, run) => {
      await bench.database.transaction(async (sql) => {
        ends.push(await bench.jobs.complete(sql, 'submit', job));
        if (run === 1) await bench.jobs.send(sql, 'submit', [job.subjectId]);
      });
      ends.push(await bench.jobs.complete(bench.database, 'submit', job));
      return 'done';
    });
    await send(one);
    await hasRun(one, 2);
    await until(() => ends.length === 4, 'both runs have ended');
    expect(ends).toEqual([true, false, true, false]);
  });

  test('the end of a job that is rolled back leaves it to be run again', async () => {
    const one = subject(async (job, run) => {
      const ended = bench.database.transaction(async (sql) => {
        await bench.jobs.complete(sql, 'submit', job);
        if (run === 1) throw new Error('rolled back');
      });
      return ended.then(() => 'done' as const).catch(() => 'again' as const);
    });
    await send(one);
    await hasRun(one, 2);
  });

  test('an attempt that was taken back cannot end the job', async () => {
    const outcome: boolean[] = [];
    const one = subject(async (job) => {
      outcome.push(await bench.jobs.complete(bench.database, 'submit', { ...job, attempt: job.attempt + 1 }));
      return 'done';
    });
    await send(one);
    await until(() => outcome.length === 1, 'the job has run');
    expect(outcome).toEqual([false]);
  });

  test('only subjects without a job are sent again', async () => {
    const [waiting, missing] = [subject(), subject()];
    await bench.jobs.send(bench.database, 'submit', [waiting], 60_000);
    expect(await bench.jobs.sendMissing('submit', [waiting, missing])).toBe(1);
    await hasRun(missing, 1);
    expect(await bench.jobs.sendMissing('submit', [])).toBe(0);
  });

  test('of a backlog, the jobs of the higher priority run first', async () => {
    const order: string[] = [];
    const later = Array.from({ length: 60 }, () => subject());
    const now = subject();
    await bench.jobs.send(bench.database, 'deliver', later.slice(0, 30), 0, -1);
    await bench.jobs.sendMissing('deliver', later.slice(30), -1);
    await bench.jobs.send(bench.database, 'deliver', [now]);
    await bench.jobs.work('deliver', async (jobs) => {
      order.push(...jobs.map(({ subjectId }) => subjectId));
      return new Map(jobs.map(({ id }) => [id, 'done']));
    });
    await until(() => order.length === later.length + 1, 'all have run');
    // The first batch is 20; several loops take theirs at the same moment.
    expect(order.indexOf(now)).toBeLessThan(20);
  });
});
