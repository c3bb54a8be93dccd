import { MediatorError } from '../../errors/index.js';
import type { CallbackAnswer, Hint, NationalIdSystems } from '../../national-id/index.js';
import { identityIdentifiers } from '../../vital-events/index.js';
import type { Job } from '../jobs.js';
import { AWAITING_ANSWER } from '../states.js';
import type { CallbackRow, CallbackState, Change, EventRow, Sql } from '../store/index.js';
import { createFollowHint } from './hint.js';
import { applyChange, endOnly, JobTakenBack, type Step, type StepDeps } from './step.js';

const changeFor = (event: EventRow, answer: CallbackAnswer): Change => {
  if (event.kind !== 'birth') return { state: 'issued', outcome: { result: 'confirmed' }, nextInMs: 0 };
  if (identityIdentifiers(answer.identity).length > 0) {
    return { state: 'issued', outcome: { result: 'issued', identity: answer.identity }, nextInMs: 0 };
  }
  const reason = 'The credential for a birth holds no number.';
  return { state: 'stuck', code: 'credential_unreadable', reason, nextInMs: undefined };
};

/**
 * Opens a stored callback and gives its answer to the event that waits for it, or keeps it for one that will come. Where
 * it holds a hint and no answer, that is followed.
 */
export function createAnswerStep(
  deps: StepDeps,
  options: { readonly systems: Pick<NationalIdSystems, 'named'> },
): Step {
  const { database, callbacks, events, log, metrics } = deps;

  const followHint = createFollowHint(deps);

  const open = async ({ id, system: name }: CallbackRow): Promise<CallbackAnswer | Hint> => {
    const system = options.systems.named(name);
    const door = system?.callback ?? system?.notifications;
    if (door === undefined) {
      const message = `The callback came from ${name}, which is no longer configured.`;
      throw new MediatorError('national_id_misconfigured', { message });
    }
    return door.read(await callbacks.body(database, id));
  };

  const match = async (sql: Sql, callbackId: string, answer: CallbackAnswer): Promise<CallbackState> => {
    await events.holdOutwardKeys(sql, [answer.outwardKey]);
    const event = await events.lockByOutwardKey(sql, answer.outwardKey);
    if (event === undefined) return 'kept';
    if (!AWAITING_ANSWER.includes(event.state) || (event.state === 'closed' && event.isAnswered)) {
      await deps.history.add(sql, { eventId: event.id, step: 'answer', outcome: 'repeated' });
      return 'repeated';
    }
    const change = changeFor(event, answer);
    await applyChange(deps, sql, event, change, {
      step: 'answer',
      outcome: change.state,
      code: change.code,
      note: change.reason,
    });
    if (event.personId !== undefined) {
      await deps.persons.link(sql, event.personId, identityIdentifiers(answer.identity));
    }
    await callbacks.mark(sql, callbackId, 'matched', { outwardKey: answer.outwardKey, eventId: event.id });
    const { id: eventId, kind, registrationNumber } = event;
    log.info(
      { event: `event.${change.state}`, eventId, kind, registrationNumber, step: 'answer' },
      'the answer has come',
    );
    return 'matched';
  };

  const take = async (job: Job, callback: CallbackRow, read: CallbackAnswer | Hint): Promise<CallbackState> =>
    database.transaction(async (sql) => {
      if (!(await deps.jobs.complete(sql, 'answer', job))) throw new JobTakenBack();
      if ('about' in read) {
        const { state, eventId } = await followHint(sql, callback, read);
        await callbacks.mark(sql, callback.id, state, eventId === undefined ? {} : { eventId });
        return state;
      }
      const state = await match(sql, callback.id, read);
      if (state !== 'matched') await callbacks.mark(sql, callback.id, state, { outwardKey: read.outwardKey });
      return state;
    });

  return async (job) => {
    const callback = await callbacks.get(database, job.subjectId);
    if (callback === undefined || !['new', 'kept'].includes(callback.state)) return endOnly(deps, 'answer', job);
    try {
      metrics.callback.inc({ outcome: await take(job, callback, await open(callback)) });
    } catch (thrown) {
      if (!(thrown instanceof MediatorError)) throw thrown;
      if (thrown.disposition === 'retry') {
        // It stays as it is: the sweep wakes it again.
        log.warn({ event: 'callback.put_off', correlationId: callback.id, err: thrown }, 'a callback waits');
        metrics.callback.inc({ outcome: 'put_off' });
        return endOnly(deps, 'answer', job);
      }
      log.error(
        { event: 'callback.unreadable', correlationId: callback.id, err: thrown },
        'a callback cannot be opened',
      );
      metrics.callback.inc({ outcome: 'unreadable' });
      await callbacks.mark(database, callback.id, 'unreadable', {});
      return endOnly(deps, 'answer', job);
    }
    return 'done';
  };
}
