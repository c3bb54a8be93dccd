import type { Person, VitalEvent } from '../../../src/vital-events/index.js';

export const CHILD: Person = {
  names: [{ language: 'en', given: ['Thandiwe', 'Zoë'], family: 'Canary' }],
  gender: 'female',
  birthDate: { value: '2004-01-28', approximate: false },
  identifiers: [],
  nationalities: [],
  addresses: [],
};
export const BIRTH: VitalEvent = { kind: 'birth', registrationNumber: '2024B1', subject: CHILD };
export const CORRECTION: VitalEvent = {
  ...BIRTH,
  kind: 'correction',
  of: 'birth',
  revision: '1',
  subject: { ...CHILD, names: [{ given: ['Thandeka'], family: 'Canary' }] },
};

/** A death whose record tells this number. */
export function deathOf(nationalId: string): VitalEvent {
  return {
    kind: 'death',
    registrationNumber: '2024D1',
    subject: { ...CHILD, identifiers: [{ type: 'NATIONAL_ID', value: nationalId }] },
    dateOfDeath: { value: '2024-05-06', approximate: false },
  };
}
