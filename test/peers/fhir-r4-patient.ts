import { z } from 'zod';

const Text = z.string().regex(/\S/, 'empty strings are not allowed');
const Extension: z.ZodType = z.lazy(() =>
  z
    .looseObject({ url: Text, extension: z.array(Extension).min(1).optional(), valueString: Text.optional() })
    .refine((extension) => Object.keys(extension).length > 1, 'an extension needs a value'),
);
const element = { id: Text.optional(), extension: z.array(Extension).min(1).optional() };
const Period = z.strictObject({ ...element, start: Text.optional(), end: Text.optional() });
const Coding = z.strictObject({
  ...element,
  system: Text.optional(),
  version: Text.optional(),
  code: Text.optional(),
  display: Text.optional(),
  userSelected: z.boolean().optional(),
});
const CodeableConcept = z.strictObject({
  ...element,
  coding: z.array(Coding).min(1).optional(),
  text: Text.optional(),
});
const Identifier = z.strictObject({
  ...element,
  use: z.enum(['usual', 'official', 'temp', 'secondary', 'old']).optional(),
  type: CodeableConcept.optional(),
  system: Text.optional(),
  value: Text.optional(),
  period: Period.optional(),
  assigner: z.looseObject({}).optional(),
});
const HumanName = z.strictObject({
  ...element,
  use: z.enum(['usual', 'official', 'temp', 'nickname', 'anonymous', 'old', 'maiden']).optional(),
  text: Text.optional(),
  family: Text.optional(),
  given: z.array(Text).min(1).optional(),
  prefix: z.array(Text).min(1).optional(),
  suffix: z.array(Text).min(1).optional(),
  period: Period.optional(),
});
const ContactPoint = z.strictObject({
  ...element,
  system: z.enum(['phone', 'fax', 'email', 'pager', 'url', 'sms', 'other']).optional(),
  value: Text.optional(),
  use: z.enum(['home', 'work', 'temp', 'old', 'mobile']).optional(),
  rank: z.int().positive().optional(),
  period: Period.optional(),
});
const Address = z
  .strictObject({
    ...element,
    use: z.enum(['home', 'work', 'temp', 'old', 'billing']).optional(),
    type: z.enum(['postal', 'physical', 'both']).optional(),
    text: Text.optional(),
    line: z.array(Text.nullable()).min(1).optional(),
    _line: z
      .array(z.strictObject({ extension: z.array(Extension).min(1) }).nullable())
      .min(1)
      .optional(),
    city: Text.optional(),
    district: Text.optional(),
    state: Text.optional(),
    postalCode: Text.optional(),
    country: Text.optional(),
    period: Period.optional(),
  })
  .refine(
    ({ line, _line }) => line?.every((text, index) => text !== null || (_line?.[index] ?? null) !== null) ?? true,
    'a null needs its reason in _line',
  );
const Gender = z.enum(['male', 'female', 'other', 'unknown']);
const DateTime = z.string().regex(/^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?$/);
/**
 * A FHIR R4 Patient (hl7.org/fhir/R4/patient.html), as far as a registry of persons checks it: what R4 does not know, blank
 * strings and empty arrays are refused.
 */
export const R4Patient = z
  .strictObject({
    ...element,
    resourceType: z.literal('Patient'),
    meta: z.looseObject({}).optional(),
    implicitRules: Text.optional(),
    language: Text.optional(),
    text: z.looseObject({}).optional(),
    identifier: z.array(Identifier).min(1).optional(),
    active: z.boolean().optional(),
    name: z.array(HumanName).min(1).optional(),
    telecom: z.array(ContactPoint).min(1).optional(),
    gender: Gender.optional(),
    birthDate: z
      .string()
      .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/)
      .optional(),
    deceasedBoolean: z.boolean().optional(),
    deceasedDateTime: DateTime.optional(),
    address: z.array(Address).min(1).optional(),
    maritalStatus: CodeableConcept.optional(),
    multipleBirthBoolean: z.boolean().optional(),
    multipleBirthInteger: z.int().optional(),
    photo: z.array(z.looseObject({})).min(1).optional(),
    contact: z
      .array(
        z.strictObject({
          ...element,
          relationship: z.array(CodeableConcept).min(1).optional(),
          name: HumanName.optional(),
          telecom: z.array(ContactPoint).min(1).optional(),
          address: Address.optional(),
          gender: Gender.optional(),
          period: Period.optional(),
        }),
      )
      .min(1)
      .optional(),
    communication: z.array(z.looseObject({})).min(1).optional(),
    generalPractitioner: z.array(z.looseObject({})).min(1).optional(),
    managingOrganization: z.looseObject({}).optional(),
    link: z.array(z.looseObject({})).min(1).optional(),
  })
  .refine(
    ({ deceasedBoolean, deceasedDateTime }) => deceasedBoolean === undefined || deceasedDateTime === undefined,
    'deceased[x] takes one form',
  );

export type R4Patient = z.infer<typeof R4Patient>;
