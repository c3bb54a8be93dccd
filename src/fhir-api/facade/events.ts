import { MediatorError } from '../../errors/index.js';
import type { LookupKey } from '../../national-id/index.js';
import type { Person, VitalEvent } from '../../vital-events/index.js';
import { DEATH_REGISTRATION_SYSTEM, type IdentifierSystems, identifierOf } from './identifiers.js';
import type { PatientIds } from './patient-ids.js';
import type { Patient } from './resources.js';
import { toParent, toPerson } from './to-person.js';

/** The one number of a type; undefined where there is none. @throws MediatorError `payload_invalid` for several */
function onlyNumber({ identifiers }: Person, wanted: string): string | undefined {
  const [number, another] = new Set(identifiers.filter(({ type }) => type === wanted).map(({ value }) => value));
  if (another === undefined) return number;
  throw new MediatorError('payload_invalid', { message: 'Patient.identifier has several numbers of one system.' });
}

function isDead({ deceasedBoolean, deceasedDateTime }: Patient): boolean {
  return deceasedBoolean === true || deceasedDateTime !== undefined;
}

/**
 * The birth that a Patient tells of.
 *
 * @throws MediatorError `payload_invalid` without the number of the registration, or for a deceased
 */
export function toBirth(patient: Patient, systems: IdentifierSystems): VitalEvent {
  const subject = toPerson(patient, systems);
  const registrationNumber = onlyNumber(subject, 'BIRTH_REGISTRATION_NUMBER');
  if (registrationNumber === undefined) {
    const message = `Patient.identifier: a registration number of the system ${systems.registrationSystem} is needed.`;
    throw new MediatorError('payload_invalid', { message });
  }
  if (isDead(patient)) {
    throw new MediatorError('payload_invalid', { message: 'Patient.deceased[x]: a death is submitted by PUT.' });
  }
  return {
    kind: 'birth',
    registrationNumber,
    subject,
    mother: toParent(patient, 'MTH'),
    father: toParent(patient, 'FTH'),
  };
}

/** The person with the number by which the request names them. */
function namedBy(person: Person, key: LookupKey): Person {
  const own = identifierOf(key);
  const same = person.identifiers.filter(({ type }) => type === own.type);
  if (same.some(({ value }) => value !== own.value)) {
    const message = 'Patient.identifier has another number than the address.';
    throw new MediatorError('payload_invalid', { message });
  }
  return same.length > 0 ? person : { ...person, identifiers: [own, ...person.identifiers] };
}

/**
 * The death of the person whom `key` names. Where the Patient has no number of a death registration, the event goes by
 * one of our own, made of the person's id: the number of the birth may be that of somebody else's death.
 *
 * @throws MediatorError `not_supported` for a Patient who is alive, `payload_invalid`
 */
export function toDeath(
  patient: Patient,
  key: LookupKey,
  { ids, systems }: { readonly ids: PatientIds; readonly systems: IdentifierSystems },
): VitalEvent {
  if (!isDead(patient)) {
    const message = 'A Patient is updated by a death (deceased[x]) only; corrections come from civil registration.';
    throw new MediatorError('not_supported', { message });
  }
  const subject = namedBy(toPerson(patient, systems), key);
  const number = onlyNumber(subject, 'DEATH_REGISTRATION_NUMBER');
  const id = ids.idOf(key);
  if (number === undefined && id === undefined) {
    const message = `Patient.identifier: a number of the system ${DEATH_REGISTRATION_SYSTEM} is needed.`;
    throw new MediatorError('payload_invalid', { message });
  }
  const { deceasedDateTime: date } = patient;
  return {
    kind: 'death',
    registrationNumber: number ?? `fhir:${id}`,
    subject,
    dateOfDeath: date === undefined ? undefined : { value: date, approximate: false },
  };
}
