import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { NationalIdSystem, NationalIdSystems, Standing } from '../../national-id/index.js';
import { identityIdentifiers } from '../../vital-events/index.js';
import { type AnswerWaits, changeFor, waitOn } from '../change-for-answer.js';
import type { Job } from '../jobs.js';
import { failureOf } from '../retry.js';
import type { Change, EventRow } from '../store/index.js';
import { endOnly, finish, type Step, type StepDeps } from './step.js';

export interface PollOptions {
  readonly systems: Pick<NationalIdSystems, 'named'>;
  readonly waits: () => AnswerWaits;
}

/** What became of the question; `no-trace`: the system never heard of the event, or has lost it. */
type Finding = Change | 'open' | 'no-trace';

const SENT_AGAIN = 'The national ID system has no trace of the event: it is sent again under the same key.';

function stuck(code: 'answer_deadline_passed' | 'outcome_unknown', message?: string): Change {
  const error = new MediatorError(code, message === undefined ? {} : { message });
  return { state: 'stuck', code: error.code, reason: error.message, nextInMs: undefined };
}

/**
 * The two steps of an event that waits for its answer. `poll` asks the national ID system where it stands: the safety
 * net for an answer that is never delivered. `expire` asks a last time and makes the event stuck; a later answer still
 * moves it on. While the system does not answer the question, its time is not over.
 */
export function createPollSteps(deps: StepDeps, options: PollOptions): Readonly<Record<'poll' | 'expire', Step>> {
  const { database, contents, random } = deps;
  const { systems, waits } = options;

  /** The system that the event was sent to, where it answers such questions. */
  const askable = (event: EventRow): NationalIdSystem | undefined => {
    const system = systems.named(event.system);
    return system?.capabilities.has('status') === true ? system : undefined;
  };

  const ask = async (system: NationalIdSystem, event: EventRow, signal: AbortSignal): Promise<Standing> => {
    const { event: content } = await contents.payload(database, event.id);
    if (content === undefined) throw new MediatorError('event_unreadable');
    const known = event.personId === undefined ? undefined : await contents.knownIdentity(database, event.personId);
    try {
      return await system.status({ event: content, outwardKey: event.outwardKey, repeated: true, known, signal });
    } catch (thrown) {
      throw toMediatorError(thrown);
    }
  };

  const find = async (event: EventRow, signal: AbortSignal): Promise<Finding> => {
    const system = askable(event);
    if (system === undefined) return 'open';
    const standing = await ask(system, event, signal);
    if (standing.result === 'not-found') return 'no-trace';
    if (standing.result === 'pending' || standing.result === 'not-supported') return 'open';
    if (standing.result === 'issued' && event.personId !== undefined) {
      await deps.persons.link(database, event.personId, identityIdentifiers(standing.identity));
    }
    return changeFor(standing);
  };

  /** Only what we hold whole can be sent again: an event taken over from another mediator is a number and no more. */
  const lost = async (event: EventRow): Promise<Change> => {
    const { raw } = await contents.payload(database, event.id);
    if (raw === '') return stuck('outcome_unknown', 'The national ID system has no trace of the event.');
    return { state: 'received', reason: SENT_AGAIN, nextInMs: 0 };
  };

  const wait = (event: EventRow): Change => waitOn(event, waits(), { canAsk: askable(event) !== undefined, random });

  const poll = async (event: EventRow, signal: AbortSignal): Promise<Change> => {
    const found = await find(event, signal);
    if (found === 'open') return wait(event);
    return found === 'no-trace' ? lost(event) : found;
  };

  const expire = async (event: EventRow, signal: AbortSignal): Promise<Change> => {
    const found = await find(event, signal);
    return typeof found === 'string' ? stuck('answer_deadline_passed') : found;
  };

  /** A question that failed leaves the event where it is; at its deadline only a silent system puts the end off. */
  const failed = (event: EventRow, error: MediatorError, name: 'poll' | 'expire'): Change => {
    if (name === 'expire' && !error.unanswered) return stuck('answer_deadline_passed');
    const { pollMs } = waits();
    const { code, message: reason } = error;
    const onward = name === 'expire' ? { ...wait(event), nextInMs: pollMs } : wait(event);
    return { ...onward, code, reason, failure: failureOf(error) };
  };

  const step =
    (name: 'poll' | 'expire', work: typeof poll): Step =>
    async (job: Job) => {
      const startedAt = deps.clock.now();
      const event = await deps.events.get(database, job.subjectId);
      if (event?.state !== 'submitted') return endOnly(deps, name, job);
      let change: Change;
      try {
        change = await work(event, job.signal);
      } catch (thrown) {
        if (!(thrown instanceof MediatorError)) throw thrown;
        change = failed(event, thrown, name);
      }
      return finish(deps, { step: name, job, event, change, startedAt });
    };

  return { poll: step('poll', poll), expire: step('expire', expire) };
}
