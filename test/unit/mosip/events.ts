import type { Person, VitalEvent } from '../../../src/vital-events/index.js';

export function person(facts: Partial<Person>): Person {
  return { names: [], identifiers: [], nationalities: [], addresses: [], ...facts };
}

/** A birth of which only the registration number is known, and what `facts` adds. */
export function birth(facts: Partial<Extract<VitalEvent, { kind: 'birth' }>>): VitalEvent {
  return { kind: 'birth', registrationNumber: '2024BMINIMAL', subject: person({}), ...facts };
}

/** The same for the correction of a birth. */
export function correction(facts: Partial<Extract<VitalEvent, { kind: 'correction' }>>): VitalEvent {
  return { ...birth({}), kind: 'correction', of: 'birth', revision: 'action-2', ...facts };
}

export const BIRTH: VitalEvent = birth({
  registrationNumber: '2024BQX7T4N',
  subject: person({
    names: [{ language: 'en', given: ['Thandiwe', 'Zoë'], family: "N'Guessan-Phiri" }],
    gender: 'female',
    birthDate: { value: '2024-01-28', approximate: false },
  }),
  mother: person({
    names: [{ language: 'en', given: ['Chipo'], family: 'Phiri' }],
    addresses: [
      {
        type: 'PRIMARY_ADDRESS',
        lines: ['17B', 'Jacaranda Road', 'Eastview', '', '', 'URBAN'],
        city: 'Lobozi',
        postalCode: '20104',
        country: 'FAR',
      },
    ],
    phone: '+260971550142',
  }),
  informant: {
    relationship: 'MOTHER',
    email: 'chipo@example.org',
    person: person({ names: [{ language: 'en', given: ['Chipo'], family: 'Phiri' }] }),
  },
});

export const DEATH: VitalEvent = {
  kind: 'death',
  registrationNumber: 'D2024XYZ',
  subject: person({
    names: [{ given: ['Koffi'], family: 'Mensah' }],
    identifiers: [
      { type: 'PASSPORT', value: 'P1' },
      { type: 'NATIONAL_ID', value: '4407183925' },
    ],
  }),
  dateOfDeath: { value: '2024-02-17', approximate: false },
};
