import type { Clock } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';
import type { Job, JobResult, Jobs } from './jobs.js';
import type { Queue } from './queues.js';
import { JobTakenBack, type Step } from './steps/step.js';

export interface WorkerDeps {
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Waits after a batch that met no peer: short enough to notice its return, long enough not to turn the whole backlog over. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Runs the step of each queue for batches of jobs. While a peer is away, batches of its queue slow down, so that a
 * backlog of any size waits in the queue instead of being tried again and again.
 */
export async function startWorker(
  deps: WorkerDeps,
  steps: Readonly<Record<Queue, Step>>,
  signal: AbortSignal,
): Promise<void> {
  const { jobs, clock, log } = deps;

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(ms, done);
      function done(): void {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });

  const run = async (queue: Queue, step: Step, job: Job): Promise<JobResult | 'no-answer'> => {
    try {
      return await step(job);
    } catch (thrown) {
      if (thrown instanceof JobTakenBack) return 'done';
      log.warn(
        { event: 'step.store_failed', step: queue, err: thrown },
        'the store failed during a step; it will be repeated',
      );
      return 'again';
    }
  };

  const workOn = async (queue: Queue, step: Step): Promise<void> => {
    let pauseMs = FIRST_PAUSE_MS;
    await jobs.work(queue, async (batch) => {
      const ends = await Promise.all(batch.map(async (job) => [job.id, await run(queue, step, job)] as const));
      if (ends.every(([, end]) => end !== 'done')) {
        await pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      } else {
        pauseMs = FIRST_PAUSE_MS;
      }
      return new Map(ends.map(([id, end]) => [id, end === 'again' ? 'again' : 'done']));
    });
  };

  for (const [queue, step] of Object.entries(steps)) await workOn(queue as Queue, step);
}
