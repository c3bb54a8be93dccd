import type { DocumentSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import { NO_DOCUMENTS, type Reading, type ReplyAddress } from '../vital-events/index.js';
import {
  type Action,
  loadEventDocumentMappings,
  parseEventDocument,
  readEventDocument,
  requestIdOf,
} from './readers/event-document/index.js';
import { readWaitingRecord } from './readers/waiting-record.js';
import { EVENT_ACTIONS, EventAction, eventsReplyAddress, graphqlReplyAddress } from './replies.js';
import type { VerifiedToken } from './token-verifier.js';

/** A registration, or another action, that OpenCRVS keeps open until it is answered. */
export interface OpenRequest {
  readonly reading: Reading;
  readonly reply: ReplyAddress;
}

/** Reads what a country configuration forwards, together with the token that came with it. */
export interface Registrations {
  /**
   * A record that cannot be read is a Reading with its reason: it is kept, and so is the way to answer it.
   *
   * @throws MediatorError `payload_invalid` for what is no request of OpenCRVS or not one that is taken here,
   *   `credentials_invalid` when the token is for another record
   */
  read(body: unknown, token: VerifiedToken): Promise<OpenRequest>;
}

const isBundle = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'resourceType' in body && body.resourceType === 'Bundle';

function notForThis(what: string): MediatorError {
  return new MediatorError('credentials_invalid', { message: `The token is not for this ${what}.` });
}

function takenAction({ type, status }: Action): EventAction {
  const action = EventAction.safeParse(type);
  if (!action.success) {
    throw new MediatorError('payload_invalid', {
      message: `Only actions of these types are taken, the others are not to be forwarded: ${EVENT_ACTIONS.join(', ')}.`,
    });
  }
  if (status === 'Requested') return action.data;
  throw new MediatorError('payload_invalid', { message: 'The action of the token does not wait for an answer.' });
}

/**
 * Two shapes come in by one door (reference/opencrvs.md 4.7 and 6): the EventDocument of 1.9 and later with a token for
 * one of its actions, and the FHIR Bundle of 1.7 and 1.8 with a token for one record.
 *
 * @throws MediatorError `mapping_failed` for a mapping that cannot be read
 */
export function createRegistrations({
  mappingsDir,
  documents = NO_DOCUMENTS,
}: {
  readonly mappingsDir: string;
  readonly documents?: DocumentSettings;
}): Registrations {
  const mappings = loadEventDocumentMappings(mappingsDir, documents);

  const readAction = async (body: unknown, token: VerifiedToken): Promise<OpenRequest> => {
    const document = parseEventDocument(body);
    const { eventId, actionId } = token.claims;
    const pending = document.actions.find(({ id }) => id === actionId);
    if (document.id !== eventId || pending === undefined) throw notForThis('action');
    const action = takenAction(pending);
    const requestId = requestIdOf(document, pending);
    return {
      reading: await readEventDocument(mappings, document, pending, action),
      reply: eventsReplyAddress(token, {
        eventId: document.id,
        actionId: pending.id,
        action,
        ...(requestId === undefined ? {} : { requestId }),
      }),
    };
  };

  const readRecord = async (body: unknown, token: VerifiedToken): Promise<OpenRequest> => {
    const { recordId } = token.claims;
    const reading = await readWaitingRecord(mappings.registrationNumber, body, documents);
    // Of a record that cannot be read the id is not known: the answer then goes where the token allows.
    const isOther = reading.ok && reading.event.recordId !== recordId;
    if (recordId === undefined || isOther) throw notForThis('record');
    return { reading, reply: graphqlReplyAddress(token, recordId) };
  };

  return { read: (body, token) => (isBundle(body) ? readRecord(body, token) : readAction(body, token)) };
}
