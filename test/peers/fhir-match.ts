import { z } from 'zod';
import { R4Patient } from './fhir-r4-patient.js';

/** The parameters of `Patient/$match` (hl7.org/fhir/R4/patient-operation-match.html): each once, with its type. */
const MatchParameters = z.strictObject({
  resourceType: z.literal('Parameters'),
  parameter: z.tuple([
    z.strictObject({ name: z.literal('resource'), resource: R4Patient }),
    z.strictObject({ name: z.literal('onlyCertainMatches'), valueBoolean: z.boolean() }),
    z.strictObject({ name: z.literal('count'), valueInteger: z.int().positive() }),
  ]),
});

const GRADE_URL = 'http://hl7.org/fhir/StructureDefinition/match-grade';

const familyOf = ({ name }: R4Patient): string | undefined => name?.[0]?.family;

/** A shared number is certain; family name and date of birth together probable, one of them possible. */
function gradeOf(pattern: R4Patient, patient: R4Patient): readonly [grade: string, score: number] {
  const shares = pattern.identifier?.some(({ system, value }) =>
    patient.identifier?.some((own) => own.system === system && own.value === value),
  );
  if (shares === true) return ['certain', 1];
  const isOf = (one: string | undefined, other: string | undefined): boolean => one !== undefined && one === other;
  const alike = [isOf(familyOf(pattern), familyOf(patient)), isOf(pattern.birthDate, patient.birthDate)].filter(
    (is) => is,
  ).length;
  if (alike === 2) return ['probable', 0.8];
  return alike === 1 ? ['possible', 0.5] : ['certainly-not', 0];
}

/** The searchset that answers a match among these persons; undefined for parameters that are none. */
export function answerMatch(body: Buffer, patients: readonly R4Patient[]): unknown {
  let parsed: z.ZodSafeParseResult<z.infer<typeof MatchParameters>>;
  try {
    parsed = MatchParameters.safeParse(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
  if (!parsed.success) return undefined;
  const [{ resource: pattern }, { valueBoolean: onlyCertain }, { valueInteger: count }] = parsed.data.parameter;
  const matches = patients
    .map((resource) => ({ resource, grade: gradeOf(pattern, resource) }))
    .filter(({ grade: [grade] }) => (onlyCertain ? grade === 'certain' : grade !== 'certainly-not'))
    .sort((one, other) => other.grade[1] - one.grade[1])
    .slice(0, count);
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: matches.length,
    entry: matches.map(({ resource, grade: [grade, score] }) => ({
      resource,
      search: { mode: 'match', score, extension: [{ url: GRADE_URL, valueCode: grade }] },
    })),
  };
}
