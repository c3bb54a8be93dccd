import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { Answer, NationalIdSystem, NationalIdSystems, Progress, Submission } from '../../national-id/index.js';
import type { RecordReader } from '../../opencrvs/index.js';
import {
  type EligibilityRule,
  type IdentityOperation,
  type IdentityRules,
  identityIdentifiers,
  identityOperation,
  type VitalEvent,
} from '../../vital-events/index.js';
import { type AnswerWaits, changeFor, waitOn } from '../change-for-answer.js';
import type { OutwardKeyOf } from '../outward-key.js';
import type { Pause } from '../pause.js';
import { changeAfter } from '../retry.js';
import type { Change, EventRow } from '../store/index.js';
import { endOnly, finish, type Step, type StepDeps } from './step.js';

export interface SubmitOptions {
  readonly systems: Pick<NationalIdSystems, 'current' | 'named'>;
  /** Reads what a delivery left out, where OpenCRVS offers it. */
  readonly recordReader: Pick<RecordReader, 'completeEvent'>;
  /** Which events go to the national ID system. */
  readonly eligibility: EligibilityRule;
  readonly waits: () => AnswerWaits;
  readonly outwardKeyOf: OutwardKeyOf;
  /** As the settings are now. */
  readonly rules: () => IdentityRules;
  /** While it is on, nothing is handed over and what waits keeps no job. */
  readonly pause: Pick<Pause, 'isOn'>;
}

/** An event and the system that it belongs to. */
interface Bound {
  readonly event: EventRow;
  readonly system: NationalIdSystem;
}

/** What another mediator has sent is known by its number alone: sent from here, it would be a person without a name. */
const ONLY_A_NUMBER = 'The event was taken over from another mediator: it cannot be sent from here.';

type Ask = (system: NationalIdSystem, submission: Submission) => Promise<Answer>;

const ASK: Readonly<Record<Exclude<IdentityOperation, 'operator'>, Ask>> = {
  issue: (system, submission) => system.issue(submission),
  deactivate: (system, submission) => system.deactivate(submission),
  update: (system, submission) => system.update(submission),
  reactivate: (system, submission) => system.reactivate(submission),
};

/** Hands an event to the national ID system. The try is counted before the call, so that a repeat knows of it. */
export function createSubmitStep(deps: StepDeps, options: SubmitOptions): Step {
  const { database, events, contents } = deps;
  const { systems, outwardKeyOf } = options;

  const bind = async (event: EventRow): Promise<Bound> => {
    const current = systems.current();
    if (event.system === current.name) return { event, system: current };
    // An event stays with the system it was first sent to; one that was never sent follows the settings.
    if (event.tries === 1) {
      const key = outwardKeyOf(current, event.eventKey);
      return { event: await events.assign(database, event, current.name, key), system: current };
    }
    const first = systems.named(event.system);
    if (first !== undefined) return { event, system: first };
    throw new MediatorError('national_id_misconfigured', {
      message: `The event was first sent to ${event.system}, which is no longer configured.`,
    });
  };

  /** What the adapter writes down; a step whose event was taken over by another one must not go on. */
  const progressOf = async (event: EventRow): Promise<Progress> => ({
    // Before its first try there is none.
    kept: event.tries > 1 ? await contents.progress(database, event.id) : undefined,
    async keep(progress) {
      let isKept: boolean;
      try {
        isKept = await contents.keepProgress(database, event, progress);
      } catch (thrown) {
        throw new MediatorError('store_unavailable', { cause: thrown });
      }
      if (!isKept) throw new MediatorError('call_cancelled');
    },
  });

  /** What becomes of an event that the rule leaves out: over, unless OpenCRVS waits to be told that it may go on. */
  const skip = async ({ id }: EventRow, reason: string): Promise<Change> => {
    const leftOut = { code: 'not_eligible', reason, uncounted: true } as const;
    const isAwaited = (await contents.replyTo(database, id)) !== undefined;
    return isAwaited
      ? { ...leftOut, state: 'issued', outcome: { result: 'confirmed' }, nextInMs: 0 }
      : { ...leftOut, state: 'skipped', nextInMs: undefined };
  };

  const operationFor = (content: VitalEvent): keyof typeof ASK => {
    const operation = identityOperation(content, options.rules());
    if (operation === 'operator') throw new MediatorError('decision_needed');
    return operation;
  };

  const call = async (
    { event, system }: Bound,
    operation: keyof typeof ASK,
    content: VitalEvent,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const isFirst = operation === 'issue' || event.personId === undefined;
    const known = isFirst ? undefined : await contents.knownIdentity(database, event.personId);
    const { outwardKey, tries } = event;
    const progress = await progressOf(event);
    const submission = { event: content, outwardKey, repeated: tries > 1, known, progress, signal };
    try {
      return await ASK[operation](system, submission);
    } catch (thrown) {
      const error = toMediatorError(thrown);
      // The record is at fault, or the mapping: a person has to change one of them, and a corrected record begins anew.
      if (error.code === 'mapping_failed') return { result: 'refused', code: error.code, reason: error.message };
      throw error;
    }
  };

  const wait = ({ event, system }: Bound): Change =>
    waitOn(event, options.waits(), { canAsk: system.capabilities.has('status'), random: deps.random });

  /** Read once: what was found is kept for later tries. */
  const complete = async (event: EventRow, told: VitalEvent, raw: string, signal: AbortSignal): Promise<VitalEvent> => {
    const whole = await options.recordReader.completeEvent(told, raw, signal);
    if (whole !== told) await contents.replacePayload(database, event.id, { event: whole, raw });
    return whole;
  };

  return async (job) => {
    if (options.pause.isOn()) return endOnly(deps, 'submit', job);
    const startedAt = deps.clock.now();
    let event = await events.beginTry(database, job.subjectId);
    if (event === undefined) return endOnly(deps, 'submit', job);
    let change: Change;
    // Nothing leaves before the call: a try that ends earlier is none.
    let isCalled = false;
    try {
      const bound = await bind(event);
      event = bound.event;
      const payload = await contents.payload(database, event.id);
      if (payload.event === undefined) throw new MediatorError('event_unreadable');
      if (payload.raw === '') throw new MediatorError('outcome_unknown', { message: ONLY_A_NUMBER });
      const content = await complete(event, payload.event, payload.raw, job.signal);
      const verdict = await options.eligibility(content);
      if (!verdict.eligible) {
        const change = await skip(event, verdict.reason);
        return finish(deps, { step: 'submit', job, event, change, startedAt });
      }
      const operation = operationFor(content);
      isCalled = true;
      const answer = await call(bound, operation, content, job.signal);
      change = answer.result === 'pending' ? wait(bound) : changeFor(answer);
      if (answer.result === 'issued' && event.personId !== undefined) {
        await deps.persons.link(database, event.personId, identityIdentifiers(answer.identity));
      }
    } catch (thrown) {
      if (!(thrown instanceof MediatorError)) throw thrown;
      change = { ...changeAfter(thrown, event, deps.retry, deps.random), uncounted: !isCalled };
    }
    return finish(deps, { step: 'submit', job, event, change, startedAt });
  };
}
