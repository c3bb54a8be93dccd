import { ERROR_CODES, type ErrorCode, EXPLANATIONS } from '../errors/index.js';
import type { EventSummary, State } from '../pipeline/index.js';

/** An event in the words of a registrar's office. */
export interface EventExplanation {
  /** Where it is. */
  readonly where: string;
  /** Why it is there, where that needs saying. */
  readonly why?: string | undefined;
  /** What a person has to do; often nothing. */
  readonly todo: string;
}

const NOTHING = 'Nothing: it goes on by itself.';
const FINISHED = 'Nothing: it is finished.';

/** Where an event is, and what to do when no error says more. */
export const STATE_WORDS: Readonly<Record<State, Omit<EventExplanation, 'why'>>> = {
  received: { where: 'It has arrived and is about to be sent to the national ID system.', todo: NOTHING },
  submitted: { where: 'The national ID system has it and has not answered yet.', todo: NOTHING },
  issued: { where: 'The national ID system has answered; the answer is on its way to OpenCRVS.', todo: NOTHING },
  settled: {
    where: 'It is finished: the national ID system has answered, and OpenCRVS has what it takes.',
    todo: FINISHED,
  },
  skipped: {
    where: 'It is not sent: by the rules of this country it does not concern the national ID system.',
    todo: FINISHED,
  },
  refused: {
    where: 'The national ID system has refused it.',
    todo: 'Correct the registration in OpenCRVS: the correction is sent by itself.',
  },
  stuck: { where: 'It has stopped, and a person has to look.', todo: 'Tell the people who run the mediator.' },
  closed: { where: 'An operator has closed it: nothing more is done.', todo: FINISHED },
};

const WAITS_BEHIND = {
  where: 'It waits for an earlier registration of the same person to be finished.',
  todo: 'Nothing: it goes on by itself after the earlier one.',
} as const;

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);

/** What to say about an event: where it is, why, and what to do. No personal data. */
export function explainEvent({ state, code, nextAt, holdsData }: EventSummary): EventExplanation {
  if (state === 'received' && nextAt === undefined) return WAITS_BEHIND;
  const words = STATE_WORDS[state];
  if (code === undefined) return words;
  // A refusal carries the code of the national ID system.
  const { why, todo } = EXPLANATIONS[isErrorCode(code) ? code : 'national_id_refused'];
  if (state === 'closed' || state === 'settled') return { ...words, why };
  if (state === 'stuck' && !holdsData) {
    return { ...words, why, todo: 'Its data has been removed: register it again in OpenCRVS, and close this event.' };
  }
  return { ...words, why, todo };
}
