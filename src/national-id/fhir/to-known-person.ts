import { z } from 'zod';
import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Person, PersonName } from '../../vital-events/index.js';
import type { KnownPerson } from '../queries.js';
import { type FhirPatient, identifierValue } from './resources.js';

const HumanName = z.looseObject({
  use: z.string().optional(),
  text: z.string().optional(),
  family: z.string().min(1).optional(),
  given: z.array(z.string()).optional(),
});

/** What tells persons apart in a FHIR R4 Patient. */
const Demographics = z.looseObject({
  name: z.array(HumanName).optional(),
  gender: z.enum(['male', 'female', 'other', 'unknown']).optional(),
  birthDate: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/)
    .optional(),
});

function toName({ family, given, text }: z.infer<typeof HumanName>): PersonName {
  const isStructured = family !== undefined || given !== undefined;
  return isStructured ? { given: given ?? [], family } : { given: text === undefined ? [] : [text] };
}

function deathOf({ deceasedBoolean, deceasedDateTime }: FhirPatient): string | true | undefined {
  return deceasedDateTime?.slice(0, 10) ?? (deceasedBoolean === true ? true : undefined);
}

/**
 * The person whom a Patient is about. Names and numbers marked `old` are left out.
 *
 * @throws MediatorError `peer_response_invalid`
 */
export function toKnownPerson(patient: FhirPatient, settings: FhirSettings): KnownPerson {
  const parsed = Demographics.safeParse(patient);
  if (!parsed.success) {
    throw new MediatorError('peer_response_invalid', { message: 'The Patient of the FHIR server is not R4.' });
  }
  const { name = [], gender, birthDate } = parsed.data;
  const nationalId = identifierValue(patient, settings.nationalIdSystem);
  const registrationNumber = identifierValue(patient, settings.registrationSystem);
  const person: Person = {
    names: name.filter(({ use }) => use !== 'old').map(toName),
    gender,
    birthDate: birthDate === undefined ? undefined : { value: birthDate, approximate: false },
    identifiers: [
      ...(nationalId === undefined ? [] : [{ type: 'NATIONAL_ID', value: nationalId }]),
      ...(registrationNumber === undefined ? [] : [{ type: 'BIRTH_REGISTRATION_NUMBER', value: registrationNumber }]),
    ],
    nationalities: [],
    addresses: [],
  };
  return {
    identity: nationalId === undefined ? {} : { nationalId },
    person,
    isActive: patient.active !== false,
    deceased: deathOf(patient),
  };
}
