import { MediatorError } from '../errors/index.js';
import type { EventReads } from './event-reads.js';
import { type EventDocumentMappings, parseEventDocument, readRegistration } from './readers/event-document/index.js';
import type { RegistrationSource } from './registration-list.js';

export interface EventRegistrationsDeps {
  readonly events: EventReads;
  readonly mappings: EventDocumentMappings;
}

/** The registrations of OpenCRVS 2.x: listed by its index, read one by one. */
export function createEventRegistrations({ events, mappings }: EventRegistrationsDeps): RegistrationSource {
  return {
    listRegistrations: events.listRegistrations,
    async readRegistration({ recordId, registrationNumber }, signal) {
      const body = await events.read(recordId, signal);
      if (body === undefined) return undefined;
      const document = documentOf(body);
      if (document.id !== recordId) throw new MediatorError('peer_response_invalid');
      const reading = await readRegistration(mappings, document);
      // Corrected under another number meanwhile: the list will tell that one.
      const isOther = reading?.ok === true && reading.event.registrationNumber !== registrationNumber;
      return reading === undefined || isOther ? undefined : { reading, raw: JSON.stringify(body) };
    },
  };
}

function documentOf(body: unknown): ReturnType<typeof parseEventDocument> {
  try {
    return parseEventDocument(body);
  } catch (cause) {
    throw new MediatorError('peer_response_invalid', { message: 'OpenCRVS did not answer with an event.', cause });
  }
}
