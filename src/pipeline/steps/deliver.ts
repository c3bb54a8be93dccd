import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { Delivery, DeliveryResult, WriteBack } from '../../opencrvs/index.js';
import { changeAfter } from '../retry.js';
import type { Change, EventRow } from '../store/index.js';
import { endOnly, finish, type Step, type StepDeps } from './step.js';

const told = (event: EventRow, result: DeliveryResult): Change => {
  const isTold = result.result === 'delivered' ? ({ isTold: true } as const) : {};
  if (event.state === 'issued') return { state: 'settled', nextInMs: undefined, ...isTold };
  return { state: 'refused', code: event.code, reason: event.reason, nextInMs: undefined, ...isTold };
};

/**
 * Tells OpenCRVS how an event ended. A rejection for good makes an issued event stuck, never refused: the identity
 * exists. A refused event stays refused whatever becomes of the telling.
 */
export function createDeliverStep(deps: StepDeps, options: { readonly writeBack: WriteBack }): Step {
  const { database, events, contents } = deps;

  const deliver = async (delivery: Delivery): Promise<DeliveryResult> => {
    try {
      return await options.writeBack.deliver(delivery);
    } catch (thrown) {
      throw toMediatorError(thrown);
    }
  };

  return async (job) => {
    const startedAt = deps.clock.now();
    const event = await events.get(database, job.subjectId);
    const isDue = event?.state === 'issued' || (event?.state === 'refused' && !event.isTold);
    if (event === undefined || !isDue) return endOnly(deps, 'deliver', job);
    let change: Change;
    let note: string | undefined;
    try {
      const { payload, outcome, replyTo } = await contents.telling(database, event.id);
      if (payload.event === undefined) throw new MediatorError('event_unreadable');
      const { outwardKey } = event;
      const result = await deliver({ event: payload.event, outcome, outwardKey, replyTo, signal: job.signal });
      change = told(event, result);
      note = result.result === 'not-offered' ? result.note : undefined;
    } catch (thrown) {
      if (!(thrown instanceof MediatorError)) throw thrown;
      const after = changeAfter(thrown, event, deps.retry, deps.random);
      const staysRefused = event.state === 'refused' && after.state === 'stuck';
      change = staysRefused ? { state: 'refused', code: event.code, reason: event.reason, nextInMs: undefined } : after;
      note = staysRefused ? `OpenCRVS could not be told: ${thrown.message}` : undefined;
    }
    return finish(deps, { step: 'deliver', job, event, change, note, startedAt });
  };
}
