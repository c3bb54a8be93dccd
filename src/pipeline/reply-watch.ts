import { MediatorError } from '../errors/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { HealthCheck, Logger, Metrics } from '../telemetry/index.js';
import { applyChange, type ChangeDeps } from './steps/step.js';
import type { Change, Database } from './store/index.js';

export interface ReplyWatchDeps extends ChangeDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly check: HealthCheck;
}

const EVERY_MS = 60_000;
/** An action token of OpenCRVS lives 7 days (reference/opencrvs.md 6.5): the warning comes at 5. */
const WARN_BEFORE_MS = 2 * 24 * 3_600_000;
/** Left for the answer itself: what has less is given up with its reason, instead of failing at the last moment. */
const GIVE_UP_BEFORE_MS = 3_600_000;
const PASS = 1_000;

/** Each minute: warns of events whose answer will soon not be taken any more, and makes those stuck that are too late. */
export function startReplyWatch(deps: ReplyWatchDeps): Repeater {
  const { database, clock, log, metrics, check, events } = deps;

  const giveUp = async (): Promise<void> => {
    const error = new MediatorError('reply_expired');
    const change: Change = { state: 'stuck', code: error.code, reason: error.message, nextInMs: undefined };
    for (const event of await events.replyingBefore(database, GIVE_UP_BEFORE_MS, PASS)) {
      const entry = { step: 'deliver', outcome: 'stuck', code: error.code, note: error.message };
      await database.transaction((sql) => applyChange(deps, sql, event, change, entry));
      const { id: eventId, kind, registrationNumber } = event;
      log.error({ event: 'event.stuck', eventId, kind, registrationNumber, reason: error.code }, error.message);
    }
  };

  const warn = async (): Promise<void> => {
    const count = (await events.replyingBefore(database, WARN_BEFORE_MS, PASS)).length;
    metrics.repliesExpiring.set(count);
    if (count === 0) {
      check.report('ok');
      return;
    }
    check.report('degraded', `Answers that OpenCRVS will not take much longer: ${count}.`);
    log.warn({ event: 'replies.expiring', count }, 'answers to OpenCRVS are due within two days');
  };

  return repeat(clock, async () => {
    try {
      await giveUp();
      await warn();
    } catch (thrown) {
      log.warn({ event: 'replies.watch_failed', err: thrown }, 'the watch over replies failed, will be repeated');
    }
    return EVERY_MS;
  });
}
