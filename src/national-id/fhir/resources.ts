import { z } from 'zod';
import { ISSUE_TYPES } from './issue-type.js';

/** What we read of a Patient; all else is kept, because an update sends the whole resource back. */
export const FhirPatient = z.looseObject({
  resourceType: z.literal('Patient'),
  id: z
    .string()
    .regex(/^[A-Za-z0-9\-.]{1,64}$/)
    .optional(),
  active: z.boolean().optional(),
  identifier: z
    .array(
      z.looseObject({
        use: z.string().optional(),
        system: z.string().optional(),
        value: z.string().optional(),
      }),
    )
    .optional(),
  deceasedBoolean: z.boolean().optional(),
  deceasedDateTime: z.string().optional(),
});

/** A searchset; it may hold OperationOutcomes and included resources beside the matches. */
export const SearchSet = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.looseObject({ resource: z.unknown().optional() })).optional(),
});

/** An error's own words (`diagnostics`, `details`) are not read: a server may quote the person's data there. */
export const OperationOutcome = z.looseObject({
  resourceType: z.literal('OperationOutcome'),
  issue: z.array(z.looseObject({ code: z.enum(ISSUE_TYPES).catch('processing') })).min(1),
});

export type FhirPatient = z.infer<typeof FhirPatient>;

/** A business identifier: the value and the system that makes it unique. */
export interface BusinessIdentifier {
  readonly system: string;
  readonly value: string;
}

/** The patient's value under an identifier system; values marked `old` do not count. */
export function identifierValue(patient: FhirPatient, system: string): string | undefined {
  const found = patient.identifier?.find((entry) => entry.system === system && entry.use !== 'old' && entry.value);
  return found?.value;
}

/** Whether the patient carries exactly this identifier. */
export function hasIdentifier(patient: FhirPatient, { system, value }: BusinessIdentifier): boolean {
  return patient.identifier?.some((entry) => entry.system === system && entry.value === value) ?? false;
}
