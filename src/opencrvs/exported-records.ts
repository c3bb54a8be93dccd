import type { DocumentSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import { NO_DOCUMENTS, parseEvent, type Reading } from '../vital-events/index.js';
import { parseDelivery, readDelivery } from './readers/delivery.js';
import { loadEventDocumentMappings, parseEventDocument, readRegistration } from './readers/event-document/index.js';
import { readRecord } from './readers/record.js';

/** Reads records that were exported from OpenCRVS, or kept by somebody else. */
export interface ExportedRecords {
  /**
   * A record in any of the forms that are known: the body of a webhook, a FHIR Bundle, an EventDocument, or an event in
   * the canonical form.
   *
   * @throws MediatorError `payload_invalid` for anything else, and for a record that is not registered
   */
  read(body: unknown): Promise<Reading>;
}

const has = (body: object, ...members: readonly string[]): boolean => members.every((member) => member in body);

/** @throws MediatorError `mapping_failed` for a mapping that cannot be read */
export function createExportedRecords(
  mappingsDir: string,
  documents: DocumentSettings = NO_DOCUMENTS,
): ExportedRecords {
  const mappings = loadEventDocumentMappings(mappingsDir, documents);

  const readDocument = async (body: unknown): Promise<Reading> => {
    const reading = await readRegistration(mappings, parseEventDocument(body));
    if (reading !== undefined) return reading;
    const message = 'The event is not registered, or of a type that is not sent to the national ID system.';
    throw new MediatorError('payload_invalid', { message });
  };

  return {
    async read(body) {
      if (typeof body === 'object' && body !== null) {
        if (has(body, 'timestamp', 'event')) return readDelivery(parseDelivery(body), documents);
        if (has(body, 'resourceType')) return readRecord(body, undefined, { documents });
        if (has(body, 'actions')) return readDocument(body);
        const event = parseEvent({ ...body }, documents);
        if (event.success) return { ok: true, event: event.data };
      }
      const message = 'It is neither a webhook, a FHIR Bundle, an EventDocument nor a canonical event.';
      throw new MediatorError('payload_invalid', { message });
    },
  };
}
