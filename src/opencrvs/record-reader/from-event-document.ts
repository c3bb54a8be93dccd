import { MediatorError } from '../../errors/index.js';
import type { VitalEvent } from '../../vital-events/index.js';
import type { EventReads } from '../event-reads.js';
import {
  type Action,
  type EventDocument,
  type EventDocumentMappings,
  parseEventDocument,
  readEventDocument,
} from '../readers/event-document/index.js';
import { RECORD_PARTS } from '../record-part.js';
import { EventAction } from '../replies.js';
import { createAskedOnce } from './asked-once.js';
import type { PartsSource } from './parts-source.js';
import { sentBody } from './sent-body.js';

export interface EventSourceDeps {
  readonly events: Pick<EventReads, 'read'>;
  readonly mappings: EventDocumentMappings;
}

function documentIn(body: unknown): EventDocument | undefined {
  try {
    return parseEventDocument(body);
  } catch (thrown) {
    if (thrown instanceof MediatorError && thrown.code === 'payload_invalid') return undefined;
    throw thrown;
  }
}

/** The action with which the event came: its time is that of the event. */
function pendingAction({ actions }: EventDocument, { registeredAt }: VitalEvent): Action | undefined {
  return actions.findLast(({ status, createdAt }) => status === 'Requested' && createdAt === registeredAt);
}

/**
 * The events service of OpenCRVS 2.x, for EventDocuments that were forwarded in part: the whole one is read by the same
 * mapping. Asked once for an event.
 */
export function fromEventDocument({ events, mappings }: EventSourceDeps): PartsSource {
  const asked = createAskedOnce();

  return {
    async read({ event, raw, signal }) {
      const sent = documentIn(sentBody(raw));
      const pending = sent && pendingAction(sent, event);
      const action = EventAction.safeParse(pending?.type).data;
      if (sent === undefined || pending === undefined || action === undefined || asked.has(event)) return {};

      const body = await events.read(sent.id, signal);
      if (body === undefined) {
        asked.add(event);
        return {};
      }
      const stored = documentIn(body);
      if (stored === undefined) {
        throw new MediatorError('peer_response_invalid', { message: 'OpenCRVS did not answer with an event.' });
      }
      const same = stored.actions.find(({ id }) => id === pending.id);
      if (stored.id !== sent.id || same === undefined) {
        throw new MediatorError('event_unreadable', { message: 'The event as OpenCRVS stores it lacks the action.' });
      }
      asked.add(event);
      const reading = await readEventDocument(mappings, stored, same, action);
      if (!reading.ok) throw new MediatorError(reading.code, { message: reading.reason });
      return Object.fromEntries(RECORD_PARTS.map((part) => [part, reading.event[part]]));
    },
  };
}
