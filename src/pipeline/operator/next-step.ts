import { OVER, QUEUE_OF } from '../states.js';
import type { EventSummary } from '../store/index.js';

/** What happens to an event by itself, and when; `wait`: it follows an earlier event of the person; `none`: nothing. */
export interface NextStep {
  readonly step: 'submit' | 'ask' | 'expire' | 'deliver' | 'wait' | 'none';
  readonly at?: Date | undefined;
  /** The event that it waits for. */
  readonly behind?: string | undefined;
}

export type OperatorAction = 'retry' | 'close';

/** What an operator may do about an event in this state. */
export function allowedActions({ state, holdsData }: EventSummary): readonly OperatorAction[] {
  if (state === 'stuck' || state === 'refused') return holdsData ? ['retry', 'close'] : ['close'];
  return state === 'closed' && holdsData ? ['retry'] : [];
}

/** What comes next for an event; `blocker`: the earlier event of the person that is in its way, where there is one. */
export function nextStepOf(event: EventSummary, blocker: EventSummary | undefined): NextStep {
  const { state, nextAt, pollAt } = event;
  const isHeld = state === 'received' ? nextAt === undefined : event.code === 'waits_for_earlier' && state === 'stuck';
  if (isHeld) return { step: 'wait', behind: blocker?.id };
  const queue = QUEUE_OF[state];
  if (OVER.includes(state) || queue === undefined || nextAt === undefined) return { step: 'none' };
  if (queue === 'expire' && pollAt !== undefined && pollAt < nextAt) return { step: 'ask', at: pollAt };
  return { step: queue === 'submit' || queue === 'deliver' ? queue : 'expire', at: nextAt };
}
