import { z } from 'zod';
import type { DocumentSettings } from '../config/index.js';
import { admittedDocuments, Document } from './documents.js';

const Text = z.string().min(1);

export const PersonName = z.object({
  /** BCP 47 language tag where the source tells one (OpenCRVS writes it as `HumanName.use`). */
  language: Text.optional(),
  given: z.array(Text),
  family: Text.optional(),
});

/** A calendar date as far as it is known: YYYY, YYYY-MM or YYYY-MM-DD. */
export const PartialDate = z.object({
  value: z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/),
  /** True where the source assumed parts of it, e.g. from an age. */
  approximate: z.boolean(),
});

export const Identifier = z.object({
  /** OpenCRVS's code: NATIONAL_ID, PASSPORT, BIRTH_REGISTRATION_NUMBER, ... */
  type: Text,
  value: Text,
});

export const Address = z.object({
  type: Text.optional(),
  /** Positions are the country's configuration and are read by mappings only; blanks are kept. */
  lines: z.array(z.string()),
  city: Text.optional(),
  /** Inside the country an id of OpenCRVS's; its name is there where locations are read. */
  district: Text.optional(),
  districtName: Text.optional(),
  state: Text.optional(),
  stateName: Text.optional(),
  postalCode: Text.optional(),
  country: Text.optional(),
});

export const Person = z.object({
  /** The id of the person's resource in OpenCRVS (Patient id). */
  sourceId: Text.optional(),
  names: z.array(PersonName),
  gender: z.enum(['male', 'female', 'other', 'unknown']).optional(),
  birthDate: PartialDate.optional(),
  ageInYears: z.number().optional(),
  birthOrder: z.number().optional(),
  identifiers: z.array(Identifier),
  nationalities: z.array(Text),
  addresses: z.array(Address),
  phone: Text.optional(),
  email: Text.optional(),
  maritalStatus: Text.optional(),
  occupation: Text.optional(),
  education: Text.optional(),
});

export const Informant = z.object({
  relationship: Text.optional(),
  phone: Text.optional(),
  email: Text.optional(),
  person: Person.optional(),
});

const common = {
  /** The number that civil registration gave; opaque, its format is the country's. */
  registrationNumber: Text,
  trackingId: Text.optional(),
  /** OpenCRVS's id of the record (Composition id). */
  recordId: Text.optional(),
  /** OpenCRVS's time of the last change of the record, as sent. */
  registeredAt: Text.optional(),
  /** The child, or the deceased. */
  subject: Person,
  mother: Person.optional(),
  father: Person.optional(),
  spouse: Person.optional(),
  informant: Informant.optional(),
  /** Where it happened, when the record says. */
  place: z.object({ name: Text.optional(), type: Text.optional(), address: Address.optional() }).optional(),
  /** Only what `NATIONAL_ID_DOCUMENTS` lets in: see `admittedDocuments`. */
  documents: z.array(Document).optional(),
};

const death = { ...common, dateOfDeath: PartialDate.optional() };

/** An event about an earlier registration: which, and what tells it from others of its kind. */
const about = {
  of: z.enum(['birth', 'death']),
  /** OpenCRVS's action id, or a hash of the content where there is none. */
  revision: Text,
};

/**
 * What civil registration tells about a person, in one form for every source and every national ID system. A
 * correction holds the whole record as it is afterwards; a cancellation takes a registration back, and a reinstatement
 * takes the cancellation back.
 */
export const VitalEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('birth'), ...common }),
  z.object({ kind: z.literal('death'), ...death }),
  z.object({ kind: z.literal('correction'), ...death, ...about }),
  z.object({ kind: z.literal('cancellation'), ...death, ...about }),
  z.object({ kind: z.literal('reinstatement'), ...death, ...about }),
]);

/** Parses what is to be an event, with as many of its documents as the settings let in. */
export function parseEvent(
  { documents, ...members }: Readonly<Record<string, unknown>>,
  settings: DocumentSettings,
): z.ZodSafeParseResult<VitalEvent> {
  return VitalEvent.safeParse({ ...members, ...admittedDocuments(documents, settings) });
}

export type PersonName = z.infer<typeof PersonName>;
export type PartialDate = z.infer<typeof PartialDate>;
export type Identifier = z.infer<typeof Identifier>;
export type Address = z.infer<typeof Address>;
export type Person = z.infer<typeof Person>;
export type Informant = z.infer<typeof Informant>;
export type VitalEvent = z.infer<typeof VitalEvent>;
export type VitalEventKind = VitalEvent['kind'];
/** The two kinds that civil registration registers; the others are about one of these. */
export type RegistrationKind = 'birth' | 'death';

/** The register that an event belongs to, or is about. */
export function registerOf(event: VitalEvent): RegistrationKind {
  return 'of' in event ? event.of : event.kind;
}
