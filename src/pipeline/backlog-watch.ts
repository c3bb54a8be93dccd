import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { State } from './states.js';
import type { Database, EventFinder } from './store/index.js';

export interface BacklogWatchDeps {
  readonly database: Database;
  readonly finder: EventFinder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

const EVERY_MS = 60_000;
const SHOWN: readonly State[] = ['received', 'submitted', 'issued', 'refused', 'stuck'];

/** Each minute: tells the metrics how many events are in each state that is not over, and for how long. */
export function startBacklogWatch({ database, finder, clock, log, metrics }: BacklogWatchDeps): Repeater {
  return repeat(clock, async () => {
    try {
      const standing = await finder.standing(database);
      for (const state of SHOWN) {
        const found = standing.find((one) => one.state === state);
        metrics.events.set({ state }, found?.count ?? 0);
        metrics.oldestEvent.set({ state }, Math.round((found?.oldestMs ?? 0) / 1000));
      }
      metrics.overdue.set(Math.round((await finder.overdueMs(database)) / 1000));
    } catch (thrown) {
      log.warn({ event: 'backlog.watch_failed', err: thrown }, 'the events could not be counted, will be repeated');
    }
    return EVERY_MS;
  });
}
