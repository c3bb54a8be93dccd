import { z } from 'zod';
import { type DocumentSettings, loadMapping, type Mapping } from '../../../config/index.js';
import { MediatorError } from '../../../errors/index.js';
import { NO_DOCUMENTS, parseEvent, type Reading, type VitalEvent } from '../../../vital-events/index.js';
import { faultyParts } from '../../faulty-parts.js';
import type { EventAction } from '../../replies.js';
import { makeRegistrationNumber, REGISTRATION_NUMBER_MAPPING } from '../registration-number.js';
import { recordWith } from './declaration.js';
import type { Action, EventDocument } from './document.js';

const EVENT_DOCUMENT_MAPPING = 'opencrvs/event-document.jsonata';

export interface EventDocumentMappings {
  /** The fields of a country's forms as the parts of a canonical event. */
  readonly event: Mapping;
  readonly registrationNumber: Mapping;
  /** What of the documents that the first one names the event takes. */
  readonly documents: DocumentSettings;
}

/** Reads and compiles them. @throws MediatorError `mapping_failed` */
export function loadEventDocumentMappings(
  mappingsDir: string,
  documents: DocumentSettings = NO_DOCUMENTS,
): EventDocumentMappings {
  return {
    event: loadMapping(mappingsDir, EVENT_DOCUMENT_MAPPING),
    registrationNumber: loadMapping(mappingsDir, REGISTRATION_NUMBER_MAPPING),
    documents,
  };
}

/** The mapping's `kind` says which register the record belongs to; the rest is checked as part of the event. */
const Mapped = z.looseObject({ kind: z.enum(['birth', 'death']) });
type Mapped = z.infer<typeof Mapped>;

const KINDS = {
  APPROVE_CORRECTION: 'correction',
  REVOKE_REGISTRATION: 'cancellation',
  REINSTATE_REGISTRATION: 'reinstatement',
} as const satisfies Record<Exclude<EventAction, 'REGISTER'>, VitalEvent['kind']>;

async function mapRecord(mapping: Mapping, document: EventDocument, pending: Action): Promise<Mapped> {
  const { id, type, trackingId, createdAt } = document;
  const result = await mapping.apply({
    event: { id, type, trackingId, createdAt },
    declaration: recordWith(document, pending),
    annotation: pending.annotation,
  });
  if (result === undefined) {
    throw new MediatorError('payload_invalid', {
      message: `${EVENT_DOCUMENT_MAPPING} gives nothing for events of this type: they are not to be forwarded.`,
    });
  }
  const mapped = Mapped.safeParse(result);
  if (mapped.success) return mapped.data;
  throw new MediatorError('event_unreadable', { message: `${EVENT_DOCUMENT_MAPPING} gives no kind birth or death.` });
}

/** The number that the record has, or that the country configuration has set aside for it. */
function knownNumber({ actions }: EventDocument, pending: Action): string | undefined {
  const numbers = actions
    .filter(({ type, status }) => type === 'REGISTER' && status === 'Accepted')
    .flatMap(({ registrationNumber }) => registrationNumber ?? []);
  return numbers.at(-1) ?? pending.registrationNumber;
}

/**
 * Reads the record of a pending action into the canonical model. What cannot be read is a Reading with its reason.
 *
 * @throws MediatorError `payload_invalid` for a type of event that the mapping gives nothing for
 */
export async function readEventDocument(
  mappings: EventDocumentMappings,
  document: EventDocument,
  pending: Action,
  action: EventAction,
): Promise<Reading> {
  const { id: recordId, trackingId } = document;
  try {
    const mapped = await mapRecord(mappings.event, document, pending);
    const source = { kind: mapped.kind, trackingId, record: document };
    const registrationNumber =
      knownNumber(document, pending) ?? (await makeRegistrationNumber(mappings.registrationNumber, source));
    const about = action === 'REGISTER' ? {} : { kind: KINDS[action], of: mapped.kind, revision: pending.id };
    const facts = { registrationNumber, trackingId, recordId, registeredAt: pending.createdAt };
    const event = parseEvent({ ...mapped, ...about, ...facts }, mappings.documents);
    if (event.success) return { ok: true, event: event.data };
    const reason = `${EVENT_DOCUMENT_MAPPING} gives no whole event; wrong or missing: ${faultyParts(event.error)}.`;
    const kind = action === 'REGISTER' ? mapped.kind : KINDS[action];
    return { ok: false, code: 'event_unreadable', reason, kind, trackingId, registrationNumber };
  } catch (thrown) {
    if (!(thrown instanceof MediatorError) || thrown.code === 'payload_invalid') throw thrown;
    return { ok: false, code: thrown.code, reason: thrown.message, trackingId };
  }
}
