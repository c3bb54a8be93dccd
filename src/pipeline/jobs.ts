import type { Queue } from './queues.js';
import type { Due, Sql } from './store/index.js';

/** A wake-up in hand. It carries an id and nothing else: the row is the truth. */
export interface Job {
  readonly id: string;
  /** Which run of the job this is: a run that was taken back can no longer end it. */
  readonly attempt: number;
  readonly subjectId: string;
  /** Aborted when the job is taken back: at the end of its time, or of the service. */
  readonly signal: AbortSignal;
}

/** `done`: ended by the handler. `again`: could not even be ended (the store failed); it comes back at once. */
export type JobResult = 'done' | 'again';

export interface Jobs {
  /**
   * Wakes the subjects after `delayMs` (default: at once), as part of the transaction. At most one job per queue and
   * subject waits or runs; another is not added. Of those that are due, the ones of the higher `priority` (default: 0)
   * run first.
   */
  send(sql: Sql, queue: Queue, subjectIds: readonly string[], delayMs?: number, priority?: number): Promise<void>;
  /** Wakes every subject that has no job yet; returns how many had none. */
  sendMissing(queue: Queue, subjectIds: readonly string[], priority?: number): Promise<number>;
  /** Ends a job as part of the transaction; false when it was taken back meanwhile: its work must not count then. */
  complete(sql: Sql, queue: Queue, job: Job): Promise<boolean>;
  /** Runs `handler` for batches of due jobs, and again as long as there are more. It must not throw. */
  work(queue: Queue, handler: (jobs: readonly Job[]) => Promise<ReadonlyMap<string, JobResult>>): Promise<void>;
  /** Takes no more jobs, waits for those in hand up to `timeoutMs`, then gives the rest back. */
  stop(timeoutMs: number): Promise<void>;
}

/** Wakes due events that have no job, each in its priority; returns how many had none. */
export async function sendMissingOf(
  jobs: Pick<Jobs, 'sendMissing'>,
  queue: Queue,
  due: readonly Pick<Due, 'id' | 'priority'>[],
): Promise<number> {
  let sent = 0;
  for (const [priority, events] of Map.groupBy(due, (event) => event.priority)) {
    sent += await jobs.sendMissing(
      queue,
      events.map(({ id }) => id),
      priority,
    );
  }
  return sent;
}
