import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { upTo } from '../../runtime/index.js';

// What callers send, in FHIR R4. What is not read is let through: a Patient may hold far more than concerns us.

const Text = z.string().trim().min(1);

/** More than a person has of anything. */
const MOST = 100;
const few = <T extends z.ZodType>(element: T) => upTo(MOST).pipe(z.array(element));

export const PatientDate = z.union([z.iso.date(), z.string().regex(/^\d{4}(-(0[1-9]|1[0-2]))?$/)]);

/** Of a time the day as written: a shift of zone would change it. */
const PatientDay = z
  .string()
  .transform((text) => text.replace(/T.*$/, ''))
  .pipe(PatientDate);

const Coding = z.looseObject({ system: z.string().optional(), code: z.string().optional() });
const CodeableConcept = z.looseObject({ coding: few(Coding).optional(), text: z.string().optional() });
const Extension = z.looseObject({ url: z.string(), valueCode: z.string().optional() });

const Identifier = z.looseObject({
  use: z.string().optional(),
  system: z.string().optional(),
  value: Text.optional(),
  type: CodeableConcept.optional(),
});

const HumanName = z.looseObject({
  use: z.string().optional(),
  text: Text.optional(),
  family: Text.optional(),
  given: few(Text).optional(),
  extension: few(Extension).optional(),
});

const Address = z.looseObject({
  /** R4 writes a line without a value as null. */
  line: few(z.string().nullable()).optional(),
  city: Text.optional(),
  district: Text.optional(),
  state: Text.optional(),
  postalCode: Text.optional(),
  country: Text.optional(),
  use: z.string().optional(),
  extension: few(Extension).optional(),
});

const ContactPoint = z.looseObject({ system: z.string().optional(), value: Text.optional() });

const Gender = z.enum(['male', 'female', 'other', 'unknown']);

const Contact = z.looseObject({
  relationship: few(CodeableConcept).optional(),
  name: HumanName.optional(),
  telecom: few(ContactPoint).optional(),
  address: Address.optional(),
  gender: Gender.optional(),
});

export const Patient = z.looseObject({
  resourceType: z.literal('Patient'),
  id: z.string().optional(),
  active: z.boolean().optional(),
  identifier: few(Identifier).optional(),
  name: few(HumanName).optional(),
  telecom: few(ContactPoint).optional(),
  gender: Gender.optional(),
  birthDate: PatientDate.optional(),
  deceasedBoolean: z.boolean().optional(),
  deceasedDateTime: PatientDay.optional(),
  address: few(Address).optional(),
  multipleBirthInteger: z.int().positive().optional(),
  contact: few(Contact).optional(),
});

const MatchParameter = z.discriminatedUnion('name', [
  z.object({ name: z.literal('resource'), resource: z.unknown().optional() }),
  z.object({ name: z.literal('onlyCertainMatches'), valueBoolean: z.boolean() }),
  z.object({ name: z.literal('count'), valueInteger: z.int().positive() }),
]);

/** The input of `$match` (R4, patient-operation-match.html). */
export const MatchParameters = z.looseObject({
  resourceType: z.literal('Parameters'),
  parameter: few(MatchParameter).refine((all) => all.filter(({ name }) => name === 'resource').length === 1),
});

const MOST_ENTRIES = 500;

export const SubmissionBundle = z.looseObject({
  resourceType: z.literal('Bundle'),
  type: z.enum(['transaction', 'batch']),
  entry: upTo(MOST_ENTRIES).pipe(
    z
      .array(
        z.looseObject({
          resource: z.unknown().optional(),
          request: z.looseObject({ method: z.string(), url: z.string(), ifNoneExist: z.string().optional() }),
        }),
      )
      .min(1),
  ),
});

export type Patient = z.infer<typeof Patient>;
export type FhirName = z.infer<typeof HumanName>;
export type FhirAddress = z.infer<typeof Address>;
export type FhirContact = z.infer<typeof Contact>;

const MOST_PATHS = 5;

/** The places as FHIRPath, e.g. `Patient.name[0].family`. They are made of our own words: keys of the caller's may be data. */
function placesOf({ issues }: z.ZodError, root: string): string {
  const paths = issues.map(({ path }) =>
    path.reduce<string>((place, part) => place + (typeof part === 'number' ? `[${part}]` : `.${String(part)}`), root),
  );
  return [...new Set(paths)].slice(0, MOST_PATHS).join(', ');
}

/**
 * A resource of the caller's.
 *
 * @throws MediatorError `payload_invalid` that names the places and no values
 */
export function readResource<T>(schema: z.ZodType<T>, resource: unknown, root: string): T {
  const parsed = schema.safeParse(resource);
  if (parsed.success) return parsed.data;
  throw new MediatorError('payload_invalid', { message: `Not valid: ${placesOf(parsed.error, root)}.` });
}
