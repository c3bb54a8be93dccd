import { z } from 'zod';
import { ResourceId } from '../resource-id.js';

/**
 * `type` is a bare text up to OpenCRVS 1.2 and coded from 1.3; migrated databases hold both (reference/opencrvs.md
 * 4.3). Everything else in an entry is kept as it is.
 */
const RecordIdentifier = z.looseObject({ type: z.unknown().optional(), value: z.unknown().optional() });

/** A Patient as far as we must understand it; all other members pass through untouched. */
export const Patient = z.looseObject({
  resourceType: z.literal('Patient'),
  id: ResourceId,
  identifier: z.array(RecordIdentifier).optional(),
});

/** Identifiers to write: the result of the mapping. */
export const NewIdentifiers = z.array(z.strictObject({ type: z.string().min(1), value: z.string().min(1) }));

export type Patient = z.infer<typeof Patient>;
type RecordIdentifier = z.infer<typeof RecordIdentifier>;
export type NewIdentifier = z.infer<typeof NewIdentifiers>[number];

const CODE_SYSTEM = 'http://opencrvs.org/specs/identifier-type';
const Coded = z.object({ coding: z.array(z.object({ code: z.string() })).min(1) });

function codeOf({ type }: RecordIdentifier): string | undefined {
  return typeof type === 'string' ? type : Coded.safeParse(type).data?.coding[0]?.code;
}

/**
 * The Patient with these identifiers: a type that is there gets the new value, others are added in the form that the
 * record uses. Country configurations write bare types into coded records, so one coded type makes a record coded.
 * Returns undefined when nothing would change.
 */
export function withIdentifiers(patient: Patient, additions: readonly NewIdentifier[]): Patient | undefined {
  const identifiers = [...(patient.identifier ?? [])];
  const isCoded = identifiers.some(({ type }) => Coded.safeParse(type).success);
  let isChanged = false;
  for (const { type, value } of additions) {
    const sameType = identifiers.filter((entry) => codeOf(entry) === type);
    if (sameType.some((entry) => entry.value === value)) continue;
    isChanged = true;
    const [first] = sameType;
    if (first !== undefined) identifiers[identifiers.indexOf(first)] = { ...first, value };
    else identifiers.push({ type: isCoded ? { coding: [{ system: CODE_SYSTEM, code: type }] } : type, value });
  }
  return isChanged ? { ...patient, identifier: identifiers } : undefined;
}
