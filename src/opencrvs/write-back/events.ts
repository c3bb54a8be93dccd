import { z } from 'zod';
import type { Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { type EventAction, EventsReply } from '../replies.js';
import type { Delivery, WriteBack } from './port.js';
import type { TrpcCall } from './trpc-call.js';

export const EVENTS_MAPPING = 'opencrvs/events.jsonata';

/** Values of form fields: what they may be is the country's form. */
const Declaration = z.record(z.string(), z.unknown());

/**
 * Where each action is answered. The last two are in the events service after 2.0 only (`router/event/actions`, not in
 * the reference).
 */
const PROCEDURES: Readonly<Record<EventAction, string>> = {
  REGISTER: 'event.actions.register',
  APPROVE_CORRECTION: 'event.actions.correction.approve',
  REVOKE_REGISTRATION: 'event.actions.revocation.revoke',
  REINSTATE_REGISTRATION: 'event.actions.revocation.reinstate',
};

/**
 * OpenCRVS 1.9 and later: the action that waits is accepted or rejected, with its own token (reference/opencrvs.md 6).
 * OpenCRVS gives the first answer again to a repetition. Of a refusal it takes no reason.
 */
export function createEventsWriteBack(call: TrpcCall, mapping: Mapping): WriteBack {
  const declarationFor = async ({ event, outcome, outwardKey }: Delivery): Promise<object> => {
    const identity = outcome.result === 'issued' ? outcome.identity : {};
    const declaration = Declaration.safeParse((await mapping.apply({ event, identity, outwardKey })) ?? {});
    if (!declaration.success) {
      throw new MediatorError('mapping_failed', { message: `The result of ${EVENTS_MAPPING} is not an object.` });
    }
    return Object.keys(declaration.data).length === 0 ? {} : { declaration: declaration.data };
  };

  return {
    kind: 'events',
    async deliver(delivery) {
      const { event, outcome, replyTo, signal } = delivery;
      if (replyTo === undefined) {
        return { result: 'not-offered', note: 'No action of OpenCRVS waits for the end of this event.' };
      }
      const parsed = EventsReply.safeParse(replyTo);
      if (!parsed.success) {
        throw new MediatorError('write_back_refused', {
          message: 'OpenCRVS waits for this answer elsewhere: OPENCRVS_WRITE_BACK does not fit.',
        });
      }
      const { eventId, actionId, action, requestId, token, registrationNumber } = parsed.data;
      const verdict = outcome.result === 'refused' ? 'reject' : 'accept';
      // The same for each try; an answer to another request has another action.
      const input = { eventId, actionId, transactionId: `national-id-mediator-${actionId}-${verdict}` };
      const accepted = {
        ...(action === 'REGISTER' ? { registrationNumber: registrationNumber ?? event.registrationNumber } : {}),
        ...(action === 'APPROVE_CORRECTION' ? { requestId } : {}),
      };
      const details = verdict === 'reject' ? {} : { ...accepted, ...(await declarationFor(delivery)) };
      await call(`${PROCEDURES[action]}.${verdict}`, { ...input, ...details }, { token, signal });
      return { result: 'delivered' };
    },
  };
}
