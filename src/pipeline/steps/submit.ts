import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { Answer, NationalIdSystem, Submission } from '../../national-id/index.js';
import type { RecordReader } from '../../opencrvs/index.js';
import {
  type IdentityOperation,
  type IdentityRules,
  identityIdentifiers,
  identityOperation,
  type VitalEvent,
} from '../../vital-events/index.js';
import { changeAfter } from '../retry.js';
import type { Change, EventRow } from '../store/index.js';
import { endOnly, finish, type Step, type StepDeps } from './step.js';

export interface SubmitOptions {
  readonly system: NationalIdSystem;
  /** Reads what a delivery left out, where OpenCRVS offers it. */
  readonly recordReader: Pick<RecordReader, 'completeEvent'>;
  /** Milliseconds the system has to answer. */
  readonly answerDeadlineMs: number;
  readonly outwardKeyOf: (eventKey: string) => string;
  readonly rules: IdentityRules;
}

type Ask = (system: NationalIdSystem, submission: Submission) => Promise<Answer>;

const ASK: Readonly<Record<Exclude<IdentityOperation, 'operator'>, Ask>> = {
  issue: (system, submission) => system.issue(submission),
  deactivate: (system, submission) => system.deactivate(submission),
  update: (system, submission) => system.update(submission),
  reactivate: (system, submission) => system.reactivate(submission),
};

/** What an answer makes of an event. */
export function changeFor(answer: Answer, answerDeadlineMs: number): Change {
  switch (answer.result) {
    case 'pending':
      return { state: 'submitted', nextInMs: answerDeadlineMs };
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

/** Hands an event to the national ID system. The try is counted before the call, so that a repeat knows of it. */
export function createSubmitStep(deps: StepDeps, options: SubmitOptions): Step {
  const { database, events, contents } = deps;
  const { system } = options;

  const bind = async (event: EventRow): Promise<EventRow> => {
    if (event.system === system.name) return event;
    // An event stays with the system it was first sent to; one that was never sent follows the settings.
    if (event.tries === 1) return events.assign(database, event, system.name, options.outwardKeyOf(event.eventKey));
    throw new MediatorError('national_id_misconfigured', {
      message: `The event was first sent to ${event.system}, which is no longer configured.`,
    });
  };

  const call = async (event: EventRow, content: VitalEvent, signal: AbortSignal): Promise<Answer> => {
    const operation = identityOperation(content, options.rules);
    if (operation === 'operator') throw new MediatorError('decision_needed');
    const isFirst = operation === 'issue' || event.personId === undefined;
    const known = isFirst ? undefined : await contents.knownIdentity(database, event.personId);
    const { outwardKey, tries } = event;
    try {
      return await ASK[operation](system, { event: content, outwardKey, repeated: tries > 1, known, signal });
    } catch (thrown) {
      throw toMediatorError(thrown);
    }
  };

  /** Read once: what was found is kept for later tries. */
  const complete = async (event: EventRow, told: VitalEvent, raw: string, signal: AbortSignal): Promise<VitalEvent> => {
    const whole = await options.recordReader.completeEvent(told, raw, signal);
    if (whole !== told) await contents.replacePayload(database, event.id, { event: whole, raw });
    return whole;
  };

  return async (job) => {
    const startedAt = deps.clock.now();
    let event = await events.beginTry(database, job.subjectId);
    if (event === undefined) return endOnly(deps, 'submit', job);
    let change: Change;
    try {
      event = await bind(event);
      const payload = await contents.payload(database, event.id);
      if (payload.event === undefined) throw new MediatorError('event_unreadable');
      const content = await complete(event, payload.event, payload.raw, job.signal);
      const answer = await call(event, content, job.signal);
      change = changeFor(answer, options.answerDeadlineMs);
      if (answer.result === 'issued' && event.personId !== undefined) {
        await deps.persons.link(database, event.personId, identityIdentifiers(answer.identity));
      }
    } catch (thrown) {
      if (!(thrown instanceof MediatorError)) throw thrown;
      change = changeAfter(thrown, event, deps.retry, deps.random);
    }
    return finish(deps, { step: 'submit', job, event, change, startedAt });
  };
}
