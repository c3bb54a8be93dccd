import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import type { HealthCheck, Metrics } from '../../telemetry/index.js';

export interface DailyQuotaDeps {
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'searchesToday'>;
  /** Told how much is used. */
  readonly check: HealthCheck;
}

/** The searches that are left today. They are counted in memory: OpenCRVS counts too, and says when there are none left. */
export interface DailyQuota {
  /** Takes one, of this share of them (default: all). @throws MediatorError `peer_quota_used`, with the time until tomorrow */
  take(share?: number): void;
  /** OpenCRVS has none left, whatever was counted here: the error that says so. */
  exhaust(): MediatorError;
  /** Tells the check again how much is used. */
  show(): void;
  stop(): void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Timers may be early. */
const AFTER_MIDNIGHT_MS = 1000;

/** `limit` searches a day, the day being that of UTC as in OpenCRVS's metrics service. */
export function createDailyQuota({ clock, metrics, check }: DailyQuotaDeps, limit: number): DailyQuota {
  let day: number | undefined;
  let used = 0;
  let cancel: () => void = () => undefined;

  const untilMidnight = (): number => DAY_MS - (clock.now() % DAY_MS);

  const show = (): void => {
    metrics.searchesToday.set(used);
    check.report(used < limit ? 'ok' : 'degraded', `${used} of ${limit} searches are used today.`);
  };

  /** Begins a new day where there is one; the day after it begins by itself, so that what is shown is of today. */
  const keepDay = (): void => {
    const today = Math.floor(clock.now() / DAY_MS);
    if (day === today) return;
    if (day !== undefined) used = 0;
    day = today;
    cancel();
    cancel = clock.after(untilMidnight() + AFTER_MIDNIGHT_MS, () => {
      keepDay();
      show();
    });
  };

  const usedUp = (): MediatorError =>
    new MediatorError('peer_quota_used', {
      message: 'The searches at OpenCRVS are used up for today.',
      retryAfterMs: untilMidnight() + AFTER_MIDNIGHT_MS,
    });

  return {
    show,
    take(share = 1) {
      keepDay();
      if (used >= limit * share) throw usedUp();
      used += 1;
      show();
    },
    exhaust() {
      keepDay();
      used = limit;
      show();
      return usedUp();
    },
    stop: () => cancel(),
  };
}
