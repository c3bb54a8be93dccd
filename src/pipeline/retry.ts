import type { RetrySettings } from '../config/index.js';
import type { MediatorError } from '../errors/index.js';
import type { Change, EventRow, Failure } from './store/index.js';

export interface RetryPolicy {
  /** First wait; it doubles with each failure. */
  readonly firstMs: number;
  /** Longest wait while the other side answers with errors. */
  readonly longestMs: number;
  /** Longest wait while it does not answer: short, so that everything moves again soon after an outage. */
  readonly longestUnansweredMs: number;
  /** How long a step may be answered with failures before a person must look. Time without answers does not count. */
  readonly giveUpMs: number;
}

/** Architecture section 10. */
export const DEFAULT_RETRY: RetryPolicy = {
  firstMs: 1_000,
  longestMs: 300_000,
  longestUnansweredMs: 20_000,
  giveUpMs: 7 * 24 * 3_600_000,
};

/** What the settings leave of it to an operator. */
export function retryPolicy(settings: RetrySettings): RetryPolicy {
  const { longestUnansweredMs } = DEFAULT_RETRY;
  return { ...settings, longestUnansweredMs: Math.min(longestUnansweredMs, settings.longestMs) };
}

/** The longest `Retry-After` that is obeyed. */
const LONGEST_REQUESTED_MS = 3_600_000;

/**
 * Milliseconds until the next try: doubling from the first wait, at least what the other side asked for, with jitter so
 * that events that failed together do not return together. `random` gives 0 to 1.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failures: number,
  error: MediatorError,
  random: () => number,
): number {
  const longest = error.unanswered ? policy.longestUnansweredMs : policy.longestMs;
  const doubled = Math.min(policy.firstMs * 2 ** Math.min(failures, 20), longest);
  const jittered = doubled * (0.5 + random() / 2);
  return Math.max(jittered, Math.min(error.retryAfterMs ?? 0, LONGEST_REQUESTED_MS));
}

/** How a failed try counts. */
export function failureOf({ unanswered, code }: MediatorError): Failure {
  if (unanswered) return 'unanswered';
  return code === 'peer_quota_used' ? 'excused' : 'counted';
}

/** What a failed try makes of an event: another try later, or `stuck` when a person is needed. */
export function changeAfter(error: MediatorError, event: EventRow, policy: RetryPolicy, random: () => number): Change {
  if (error.disposition !== 'retry') {
    return { state: 'stuck', code: error.code, reason: error.message, nextInMs: undefined };
  }
  const failure = failureOf(error);
  if (failure === 'counted' && (event.failingForMs ?? 0) > policy.giveUpMs) {
    const reason = `Answered with failures for too long; the last one was ${error.code}.`;
    return { state: 'stuck', code: 'retries_exhausted', reason, nextInMs: undefined };
  }
  return {
    state: event.state,
    code: error.code,
    reason: error.message,
    nextInMs: retryDelayMs(policy, event.failures, error, random),
    failure,
  };
}
