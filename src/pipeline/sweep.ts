import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';
import { type Jobs, sendMissingOf } from './jobs.js';
import { QUEUE_OF } from './states.js';
import type { CallbackStore, Database, Due, EventContents, EventStore } from './store/index.js';

export interface SweepDeps {
  readonly database: Database;
  readonly events: EventStore;
  readonly contents: EventContents;
  readonly callbacks: CallbackStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface SweepOptions {
  readonly everyMs: number;
  readonly retentionDays: number;
  /** While nothing is handed over to the national ID system, events that wait for it need no job. */
  readonly isPaused: () => boolean;
}

/** Rows looked at in one pass: constant work a minute, whatever the backlog. */
const PASS = 1_000;

/**
 * Each minute: sends the job of due events that have none (a lost wake-up, a passed deadline), going through all due
 * events in turn, and erases personal data whose time is over.
 */
export function startSweep(deps: SweepDeps, options: SweepOptions): Repeater {
  const { database, events, contents, callbacks, jobs, clock, log } = deps;
  let reached: Due | undefined;

  const wake = async (): Promise<number> => {
    const due = await events.due(database, reached, PASS);
    reached = due.length < PASS ? undefined : due.at(-1);
    let woken = 0;
    for (const queue of ['submit', 'expire', 'deliver'] as const) {
      if (queue === 'submit' && options.isPaused()) continue;
      woken += await sendMissingOf(
        jobs,
        queue,
        due.filter(({ state }) => QUEUE_OF[state] === queue),
      );
    }
    woken += await jobs.sendMissing('poll', await events.pollsDue(database, PASS));
    return woken + (await jobs.sendMissing('answer', await callbacks.overdue(database, PASS)));
  };

  return repeat(clock, async () => {
    try {
      const woken = await wake();
      if (woken > 0) log.info({ event: 'sweep.woken', count: woken }, 'sent jobs of due events that had none');
      const erased =
        (await contents.erase(database, options.retentionDays, PASS)) +
        (await callbacks.erase(database, options.retentionDays, PASS));
      if (erased > 0) log.info({ event: 'sweep.erased', count: erased }, 'removed personal data whose time is over');
      // Where a whole pass had lost its jobs there may be more: go on at once.
      return woken === PASS ? 0 : options.everyMs;
    } catch (thrown) {
      log.warn({ event: 'sweep.failed', err: thrown }, 'the sweep failed, will be repeated');
      return options.everyMs;
    }
  });
}
