import { z } from 'zod';
import { type DocumentSettings, loadMapping } from '../../../config/index.js';
import { MediatorError } from '../../../errors/index.js';
import { NO_DOCUMENTS, parseEvent, type RegistrationKind, type VitalEvent } from '../../../vital-events/index.js';
import { faultyParts } from '../../faulty-parts.js';
import { optional, Text } from '../lenient.js';

const MAPPING = 'opencrvs/opencrvs-mosip.jsonata';

/**
 * The body that the client of opencrvs/mosip posts (reference/mosip.md 1.1 step 0). `metaInfo` and `audit` are for
 * MOSIP's packet, which is made by us; the certificate number says which kind of event it is.
 */
const Body = z.object({
  trackingId: optional(Text),
  notification: optional(z.record(z.string(), z.unknown())),
  requestFields: z
    .looseObject({ birthCertificateNumber: Text.optional(), deathCertificateNumber: Text.optional() })
    .refine(
      (fields) => (fields.birthCertificateNumber === undefined) !== (fields.deathCertificateNumber === undefined),
    ),
});

type RequestFields = z.output<typeof Body>['requestFields'];

/** Reads the request of a country configuration that was made for opencrvs/mosip. */
export interface RegistrationRequestReader {
  /** @throws MediatorError `payload_invalid` naming the parts at fault, `mapping_failed`, `mapping_timeout` */
  read(body: unknown): Promise<VitalEvent>;
}

function invalid(message: string, error: z.ZodError, inside?: string): MediatorError {
  return new MediatorError('payload_invalid', {
    message: `${message}; wrong or missing: ${faultyParts(error, inside)}.`,
  });
}

/** A value with languages is JSON inside its text (reference/mosip.md 4). */
function opened(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    // A text that only begins like JSON is a text.
    return value;
  }
}

function openedFields(fields: RequestFields): Readonly<Record<string, unknown>> {
  const entries = Object.entries(fields).map(([name, value]) => [name, opened(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}

function registrationOf(fields: RequestFields): { kind: RegistrationKind; registrationNumber: string | undefined } {
  const { birthCertificateNumber, deathCertificateNumber } = fields;
  return birthCertificateNumber === undefined
    ? { kind: 'death', registrationNumber: deathCertificateNumber }
    : { kind: 'birth', registrationNumber: birthCertificateNumber };
}

/**
 * A reader over the mapping `opencrvs/opencrvs-mosip.jsonata` below `mappingsDir`. Where the old service took any
 * request and answered 202, one that says neither birth nor death, or holds a date that is none, is refused: its
 * sender waits for the answer and shows it to the registrar.
 *
 * @throws MediatorError `mapping_failed` when the mapping cannot be read or compiled
 */
export function createRegistrationRequestReader(
  mappingsDir: string,
  documents: DocumentSettings = NO_DOCUMENTS,
): RegistrationRequestReader {
  const mapping = loadMapping(mappingsDir, MAPPING);
  return {
    async read(body) {
      const parsed = Body.safeParse(body);
      if (!parsed.success) throw invalid('The body is not a registration as sent to opencrvs/mosip', parsed.error);
      const { trackingId, notification, requestFields } = parsed.data;
      const registration = registrationOf(requestFields);
      const input = { kind: registration.kind, trackingId, notification, fields: openedFields(requestFields) };
      const members = z.record(z.string(), z.unknown()).safeParse(await mapping.apply(input));
      if (!members.success) {
        throw new MediatorError('mapping_failed', { message: `The result of ${MAPPING} is not an object.` });
      }
      const event = parseEvent({ ...members.data, ...registration, trackingId }, documents);
      if (!event.success) {
        throw invalid(`The registration does not map to a ${registration.kind}`, event.error, 'event');
      }
      return event.data;
    },
  };
}
