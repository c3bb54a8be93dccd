import { z } from 'zod';
import { listOf, optional, Text } from './lenient.js';

/**
 * The parts of OpenCRVS's FHIR (STU3) resources that the readers use, in every shape that 1.0 to 1.9 write them
 * (reference/opencrvs.md section 4). Unknown members are ignored and malformed ones dropped, so a resource whose type
 * is known always parses; what a record cannot do without is checked where it is read.
 */

const Concept = z.object({ coding: listOf(z.object({ code: Text })), text: optional(Text) });

/** A code as a bare string (to 1.2) or as a CodeableConcept (from 1.3). One record may mix them (4.3). */
const Code = z.union([Text, Concept.transform(({ coding, text }) => coding[0]?.code ?? text).pipe(Text)]);

/** OpenCRVS's own word (MARRIED) is in the text, HL7's letter (M) in the coding. */
const MaritalStatus = z.union([Text, Concept.transform(({ coding, text }) => text ?? coding[0]?.code).pipe(Text)]);

const Reference = z.object({ reference: Text }).transform(({ reference }) => reference);

/** Numbers stand in `valueString` too: 1.3-1.4 write an age so (4.3). */
const Scalar = z.union([Text, z.number()]);

const Extension = z.object({
  url: Text,
  valueString: optional(Scalar),
  valueInteger: optional(Scalar),
  extension: listOf(z.object({ url: Text, valueCodeableConcept: optional(Code) })),
});

/** `given` is padded with ""; `family` is a list to 1.6 and a string from 1.7 (4.3). */
const NamePart = z.union([Text.transform((part) => [part]), listOf(Text)]);

const HumanName = z.object({ use: optional(Text), given: NamePart, family: NamePart });

const Address = z
  .object({
    type: optional(Text),
    // A line's position has a meaning (4.4): one that is malformed leaves a blank behind.
    line: z.array(z.string().catch('')).catch([]),
    city: optional(Text),
    district: optional(Text),
    state: optional(Text),
    postalCode: optional(Text),
    country: optional(Text),
  })
  .transform(({ line, ...rest }) => ({ ...rest, lines: line }));

const Composition = z.object({
  resourceType: z.literal('Composition'),
  id: optional(Text),
  section: listOf(z.object({ code: Code, entry: listOf(Reference) })),
});

const Task = z.object({
  resourceType: z.literal('Task'),
  id: optional(Text),
  code: optional(Code),
  focus: optional(Reference),
  identifier: listOf(z.object({ system: Text, value: Text })),
  extension: listOf(Extension),
  lastModified: optional(Text),
});

/** `data` is a data URI in old versions, then the path in OpenCRVS's own store (4.5). */
const Attachment = z.object({ contentType: optional(Text), data: optional(Text), url: optional(Text) });

const Patient = z.object({
  resourceType: z.literal('Patient'),
  id: optional(Text),
  active: optional(z.boolean()),
  name: listOf(HumanName),
  gender: optional(z.enum(['male', 'female', 'other', 'unknown'])),
  // As sent: an unreadable date is another matter than none.
  birthDate: z.unknown().optional(),
  deceasedDateTime: z.unknown().optional(),
  deceased: z.unknown().optional(),
  multipleBirthInteger: optional(z.number()),
  maritalStatus: optional(MaritalStatus),
  telecom: listOf(z.object({ system: Text, value: Text })),
  address: listOf(Address),
  identifier: listOf(z.object({ type: Code, value: Text })),
  photo: listOf(Attachment),
  extension: listOf(Extension),
});

const RelatedPerson = z.object({
  resourceType: z.literal('RelatedPerson'),
  id: optional(Text),
  relationship: optional(Code),
  patient: optional(Reference),
});

const Encounter = z.object({
  resourceType: z.literal('Encounter'),
  id: optional(Text),
  location: listOf(z.object({ location: Reference })),
});

const Location = z.object({
  resourceType: z.literal('Location'),
  id: optional(Text),
  name: optional(Text),
  type: optional(Code),
  address: optional(Address),
});

const DocumentReference = z.object({
  resourceType: z.literal('DocumentReference'),
  id: optional(Text),
  type: optional(Code),
  subject: optional(z.object({ display: optional(Text) })),
  content: listOf(z.object({ attachment: Attachment })),
});

/** A resource that the readers know. Others, and the OperationOutcome of a failed look-up (3.6), do not parse. */
export const Resource = z.discriminatedUnion('resourceType', [
  Composition,
  Task,
  Patient,
  RelatedPerson,
  Encounter,
  Location,
  DocumentReference,
]);

export type Resource = z.infer<typeof Resource>;
export type ResourceType = Resource['resourceType'];
export type Attachment = z.infer<typeof Attachment>;
export type Extension = z.infer<typeof Extension>;
export type Composition = z.infer<typeof Composition>;
export type Task = z.infer<typeof Task>;
export type Patient = z.infer<typeof Patient>;

/** The value of OpenCRVS's own extension `name`, the first one that has a value. */
export function extensionValue(extensions: readonly Extension[], name: string): string | number | undefined {
  const url = `http://opencrvs.org/specs/extension/${name}`;
  return extensions
    .filter((extension) => extension.url === url)
    .map((extension) => extension.valueString ?? extension.valueInteger)
    .find((value) => value !== undefined);
}

/** The text of OpenCRVS's own extension `name`. */
export function extensionText(extensions: readonly Extension[], name: string): string | undefined {
  const value = extensionValue(extensions, name);
  return typeof value === 'string' ? value : undefined;
}
