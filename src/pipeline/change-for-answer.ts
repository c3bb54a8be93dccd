import { MediatorError } from '../errors/index.js';
import type { Answer } from '../national-id/index.js';
import type { Change, EventRow } from './store/index.js';

/** How long the answer to a submission may take. */
export interface AnswerWaits {
  /** Milliseconds from the submission until a person must look. */
  readonly deadlineMs: number;
  /** Milliseconds until the system is first asked where the submission stands. */
  readonly pollMs: number;
}

const LONGEST_POLL_MS = 24 * 3_600_000;

/**
 * Milliseconds until the next question about a submitted event: each wait is as long as the event has waited in all, up
 * to a day. With jitter, so that events that were handed over together are not asked about together.
 */
function pollDelayMs(event: EventRow, { pollMs }: AnswerWaits, random: () => number): number {
  const doubled = Math.min(event.submittedForMs ?? 0, LONGEST_POLL_MS);
  return Math.max(doubled, pollMs) * (0.8 + random() * 0.4);
}

/** An event whose answer is still to come. */
export function waitOn(
  event: EventRow,
  waits: AnswerWaits,
  options: { readonly canAsk: boolean; readonly random: () => number },
): Change {
  return {
    state: 'submitted',
    nextInMs: Math.max(0, waits.deadlineMs - (event.submittedForMs ?? 0)),
    pollInMs: options.canAsk ? pollDelayMs(event, waits, options.random) : undefined,
  };
}

/** What an answer that settles the matter makes of an event. */
export function changeFor(answer: Exclude<Answer, { readonly result: 'pending' }>): Change {
  switch (answer.result) {
    case 'issued':
    case 'confirmed':
      return { state: 'issued', outcome: answer, nextInMs: 0 };
    case 'refused':
      return { state: 'refused', code: answer.code, reason: answer.reason, outcome: answer, nextInMs: 0 };
    case 'not-supported': {
      const error = new MediatorError('not_supported');
      return { state: 'stuck', code: error.code, reason: error.message, nextInMs: undefined };
    }
  }
}
