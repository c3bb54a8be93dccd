import { toMediatorError } from '../errors/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { HealthCheck, Logger } from '../telemetry/index.js';

export interface UpkeepDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly check: HealthCheck;
}

export interface Rhythm {
  /** Between two looks while all is well. */
  readonly renewMs: number;
  /** After a failure; doubled with each further one. */
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
}

/** As often as a hub may be expected to forget us, and as seldom as it is not to mind. */
export const USUAL_RHYTHM: Rhythm = { renewMs: 5 * 60_000, firstRetryMs: 5_000, longestRetryMs: 60_000 };

export interface UpkeepOptions {
  /** What the system with the subscription is called in the log. */
  readonly peer: string;
  readonly rhythm: Rhythm;
}

/** `kept`: looked at again when it is to be renewed. `open`: soon, as after a failure. */
export type Look = 'kept' | 'open';

export interface Upkeep {
  /** Begins in the background; a system that is down is asked again and never fatal. */
  start(): void;
  stop(): Promise<void>;
  /** Was told otherwise that all is well: the next failure is the first again. */
  succeeded(): void;
}

/** Looks after a subscription for as long as the service runs; what fails is told by the health check and in the log. */
export function createUpkeep(
  { clock, log, check }: UpkeepDeps,
  { peer, rhythm: { renewMs, firstRetryMs, longestRetryMs } }: UpkeepOptions,
  look: (signal: AbortSignal) => Promise<Look>,
): Upkeep {
  let failures = 0;
  let repeater: Repeater | undefined;

  const backOff = (): number => {
    failures += 1;
    return Math.min(firstRetryMs * 2 ** (failures - 1), longestRetryMs);
  };

  const keepUp = async (signal: AbortSignal): Promise<number> => {
    try {
      if ((await look(signal)) === 'open') return backOff();
      failures = 0;
      return renewMs;
    } catch (thrown) {
      if (signal.aborted) return 0;
      const waitMs = backOff();
      check.report('degraded', toMediatorError(thrown).message);
      log.warn({ event: 'subscription.failed', peer, waitMs, err: thrown }, 'subscription failed');
      return waitMs;
    }
  };

  return {
    start() {
      repeater ??= repeat(clock, keepUp);
    },
    async stop() {
      await repeater?.stop();
    },
    succeeded() {
      failures = 0;
    },
  };
}
