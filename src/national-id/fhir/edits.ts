import { registerOf, type VitalEvent } from '../../vital-events/index.js';
import type { FhirPatient } from './resources.js';

// What an event makes of the stored Patient (reference/mosip.md 7.2). Made again, an edit changes nothing more.

function isDeceased(patient: FhirPatient): boolean {
  return patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined;
}

/** The Patient without deceased[x], which takes one form only. */
function withoutDeath({ deceasedBoolean: _fact, deceasedDateTime: _date, ...patient }: FhirPatient): FhirPatient {
  return patient;
}

function asDeceased(patient: FhirPatient, date: string | undefined): FhirPatient {
  const death = date === undefined ? { deceasedBoolean: true } : { deceasedDateTime: date };
  return { ...withoutDeath(patient), active: false, ...death };
}

const dateOfDeath = (event: VitalEvent): string | undefined =>
  'dateOfDeath' in event ? event.dateOfDeath?.value : undefined;

/** A death, or a birth that was cancelled: its identity ends, and nobody has died. */
export function deactivated(patient: FhirPatient, event: VitalEvent): FhirPatient {
  if (registerOf(event) === 'death') return isDeceased(patient) ? patient : asDeceased(patient, dateOfDeath(event));
  return { ...patient, active: false };
}

/** A death that was cancelled, or a birth that counts again; the latter raises nobody who has died meanwhile. */
export function reactivated(patient: FhirPatient, event: VitalEvent): FhirPatient {
  if (registerOf(event) === 'birth' && isDeceased(patient)) return patient;
  return { ...withoutDeath(patient), active: true };
}

/** A corrected death: its date follows. The rest of the record describes the death, not the identity. */
export function correctedDeath(patient: FhirPatient, event: VitalEvent): FhirPatient {
  const date = dateOfDeath(event);
  if (isDeceased(patient) && (date === undefined || date === patient.deceasedDateTime)) return patient;
  return asDeceased(patient, date);
}

/**
 * A corrected birth: what the mapping makes of the record takes the place of what is stored. Identifiers, state and death
 * stay, as does all that the mapping does not make. The narrative goes: it tells the old facts.
 */
export function correctedBirth(patient: FhirPatient, mapped: FhirPatient): FhirPatient {
  const { resourceType: _type, id: _id, meta: _meta, identifier: _identifier, active: _active, ...made } = mapped;
  const { text: _narrative, ...stored } = patient;
  return { ...stored, ...withoutDeath({ resourceType: 'Patient', ...made }) };
}
