import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';
import { type Jobs, sendMissingOf } from './jobs.js';
import { QUEUE_OF } from './states.js';
import type { Database, Due, EventStore } from './store/index.js';

export interface PauseWatchDeps {
  readonly database: Database;
  readonly events: EventStore;
  readonly jobs: Jobs;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The pause of submissions, and whether it has held anything back since the last time it was over. */
export interface Pause {
  /** Asked before an event is handed over; who hears yes hands nothing over. */
  isOn(): boolean;
  hasHeld(): boolean;
  /** Everything that was held back has its job again. */
  over(): void;
}

/** `isPaused`: as the settings say now. */
export function createPause(isPaused: () => boolean): Pause {
  // The last one may have ended while nobody ran.
  let hasHeld = true;
  return {
    isOn() {
      const isOn = isPaused();
      hasHeld ||= isOn;
      return isOn;
    },
    hasHeld: () => hasHeld,
    over() {
      hasHeld = false;
    },
  };
}

const EVERY_MS = 1_000;
/** Rows looked at in one pass. */
const PASS = 1_000;

/**
 * While submissions are paused, the time that events wait does not count towards the limit of their retries. When the
 * pause is over, every event that waits for its submission gets its job back.
 */
export function startPauseWatch(deps: PauseWatchDeps, pause: Pause): Repeater {
  const { database, events, jobs, clock, log } = deps;
  let reached: Due | undefined;

  /** One pass; true when there may be more. */
  const wakeSome = async (): Promise<boolean> => {
    const due = await events.due(database, reached, PASS);
    reached = due.at(-1);
    const waiting = due.filter(({ state }) => QUEUE_OF[state] === 'submit');
    await sendMissingOf(jobs, 'submit', waiting);
    return due.length === PASS;
  };

  return repeat(clock, async () => {
    try {
      if (pause.isOn()) {
        reached = undefined;
        await events.excuseUnsent(database);
      } else if (pause.hasHeld()) {
        if (await wakeSome()) return 0;
        reached = undefined;
        // A job that ends only now was not missing: the sweep finds its event.
        pause.over();
      }
    } catch (thrown) {
      log.warn({ event: 'pause.store_failed', err: thrown }, 'the store failed around a pause, will be repeated');
    }
    return EVERY_MS;
  });
}
