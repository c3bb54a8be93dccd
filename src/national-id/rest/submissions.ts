import { z } from 'zod';
import type { AnswerRule, Once, RequestTemplate, SubmissionRule } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import { Identity, registerOf } from '../../vital-events/index.js';
import type { Answer, Standing, Submission } from '../port.js';
import { type Conclude, compileRefusal } from './answers.js';
import { compileExpression, type Input } from './expression.js';
import { compileOperation, type OperationDeps, type OperationName } from './operation.js';

/** An identity that tells at least one number. */
const SomeIdentity = Identity.refine((identity) => Object.values(identity).some((number) => number !== undefined));

const NOBODY: Answer = {
  result: 'refused',
  code: 'PERSON_UNKNOWN',
  reason: 'Neither the record nor an earlier event tells a number by which the national ID system knows the person.',
};

/**
 * The number that tells whom an event is about. The record of a death names its person itself; for a birth, the number
 * that we were given for it is the better one.
 */
function personOf({ event, known }: Submission): string | undefined {
  const recorded = event.subject.identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value;
  return registerOf(event) === 'birth' ? (known?.nationalId ?? recorded) : (recorded ?? known?.nationalId);
}

function inputOf(submission: Submission): Input {
  const { event, outwardKey, known } = submission;
  return { event, outwardKey, known, person: personOf(submission) };
}

const concludeAnswer: Conclude<AnswerRule, Answer> = (rule, place) => {
  switch (rule.result) {
    case 'issued': {
      const read = compileExpression(`${place}.identity`, rule.identity, SomeIdentity, 'peer_response_invalid');
      return async (input) => ({ result: 'issued', identity: await read(input) });
    }
    case 'refused':
      return compileRefusal(rule, place);
    default:
      return async () => ({ result: rule.result });
  }
};

const concludeStanding: Conclude<SubmissionRule, Standing> = (rule, place) =>
  rule.result === 'not-found' ? async () => ({ result: 'not-found' }) : concludeAnswer(rule, place);

/** The operation `status`: where a submission stands. */
export function createStatus(
  deps: OperationDeps,
  definition: RequestTemplate & { readonly answers: readonly SubmissionRule[] },
): (submission: Submission) => Promise<Standing> {
  const ask = compileOperation(deps, 'status', definition, concludeStanding);
  return (submission) => ask(inputOf(submission), { signal: submission.signal });
}

export interface ChangeDefinition extends RequestTemplate {
  readonly answers: readonly AnswerRule[];
  readonly once?: Once;
  readonly person?: string | undefined;
}

/** Whether a failed call may have been carried out. A plain "not now" and an open breaker say that it was not. */
function mayHaveReached({ code, disposition, unanswered }: MediatorError): boolean {
  if (disposition !== 'retry' || code === 'peer_circuit_open' || code === 'peer_unauthorized') return false;
  return code !== 'peer_unavailable' || unanswered;
}

function unknownOutcome(): MediatorError {
  return new MediatorError('outcome_unknown', {
    message: 'An earlier call may have been carried out, and the file names no way to tell or to repeat it safely.',
  });
}

/**
 * An operation that changes something at the system. It is repeated only where the file says why that does no harm
 * (architecture decision 5); otherwise an unknown outcome is `outcome_unknown`, as is a repeat.
 */
export function createChange(
  deps: OperationDeps,
  name: Extract<OperationName, 'issue' | 'deactivate' | 'update' | 'reactivate'>,
  definition: ChangeDefinition,
  status: ((submission: Submission) => Promise<Standing>) | undefined,
): (submission: Submission) => Promise<Answer> {
  const { once, person } = definition;
  const ask = compileOperation(deps, name, definition, concludeAnswer);
  const findPerson =
    person === undefined
      ? undefined
      : compileExpression(`operations.${name}.person`, person, z.string().min(1).optional());

  return async (submission) => {
    const found = inputOf(submission);
    const input = findPerson === undefined ? found : { ...found, person: await findPerson(found) };
    if (name !== 'issue' && input['person'] === undefined) return NOBODY;
    if (submission.repeated && once === undefined) throw unknownOutcome();
    if (submission.repeated && once === 'look-up' && status !== undefined) {
      const standing = await status(submission);
      if (standing.result !== 'not-found') return standing;
    }
    await deps.authorization.prepare();
    const headers = typeof once === 'object' ? { [once.header]: submission.outwardKey } : {};
    try {
      return await ask(input, { signal: submission.signal, headers });
    } catch (thrown) {
      const error = toMediatorError(thrown);
      throw once === undefined && mayHaveReached(error) ? unknownOutcome() : error;
    }
  };
}
