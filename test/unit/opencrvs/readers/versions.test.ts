import { expect, test } from '@jest/globals';
import type { Person, Reading, VitalEvent } from '../../../../src/vital-events/index.js';
import {
  adding,
  copied,
  type FhirBundle,
  filteredDocument,
  fullBundle,
  ID,
  keeping,
  readWebhook,
  reversed,
  webhookBody,
  webhookBundle,
  withCodedTypes,
  withFamilyLists,
  withMixedTypes,
  without,
  withStringTypes,
} from '../../../support/opencrvs-shapes.js';

const DISTRICT = { district: '87825a60-ac91-4769-9019-4eb0653bdc31', state: '950e918f-4861-4973-a696-e6eeff1cd098' };

const HOME = {
  type: 'PRIMARY_ADDRESS',
  lines: ['17B', 'Jacaranda Road', 'Eastview', '', '', 'URBAN', '', '', '', '', '', '', '', '', ''],
  city: 'Lobozi',
  ...DISTRICT,
  postalCode: '20104',
  country: 'FAR',
};

const CHILD: Person = {
  sourceId: ID.child,
  names: [{ language: 'en', given: ['Thandiwe', 'Zoë'], family: "N'Guessan-Phiri" }],
  gender: 'female',
  birthDate: { value: '2024-01-28', approximate: false },
  birthOrder: 2,
  identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024BQX7T4N' }],
  nationalities: [],
  addresses: [],
};

const MOTHER: Person = {
  sourceId: ID.mother,
  names: [{ language: 'en', given: ['Chipo', 'Maé'], family: 'Phiri' }],
  birthDate: { value: '1996-09-03', approximate: false },
  birthOrder: 2,
  identifiers: [{ type: 'NATIONAL_ID', value: '4407183925' }],
  nationalities: ['FAR'],
  addresses: [HOME],
  phone: '+260971550142',
  maritalStatus: 'MARRIED',
  occupation: 'Seamstress',
  education: 'UPPER_SECONDARY_ISCED_3',
};

const FATHER: Person = {
  sourceId: ID.father,
  names: [{ language: 'en', given: ['Koffi'], family: "N'Guessan" }],
  birthDate: { value: '1993-04-21', approximate: false },
  identifiers: [{ type: 'NATIONAL_ID', value: '5519024768' }],
  nationalities: ['FAR'],
  addresses: [HOME],
  maritalStatus: 'MARRIED',
  occupation: 'Carpenter',
};

const BIRTH: VitalEvent = {
  kind: 'birth',
  registrationNumber: '2024BQX7T4N',
  trackingId: 'BQX7T4N',
  recordId: ID.birthComposition,
  registeredAt: '2024-02-19T08:41:11.904Z',
  subject: CHILD,
  informant: { relationship: 'MOTHER', phone: '+260971550142' },
};

const BIRTH_WITH_PARENTS: VitalEvent = {
  ...BIRTH,
  mother: MOTHER,
  father: FATHER,
  informant: { ...BIRTH.informant, person: MOTHER },
};

const BIRTH_EMAIL = 'chipo.phiri@example.org';

const DEATH: VitalEvent = {
  kind: 'death',
  registrationNumber: '2024DKM3W9C',
  trackingId: 'DKM3W9C',
  recordId: 'c8601115-3f2e-49f3-b0f2-c8ba3b3a3ae6',
  registeredAt: '2024-02-19T08:41:11.904Z',
  dateOfDeath: { value: '2024-03-02', approximate: false },
  subject: {
    sourceId: ID.deceased,
    names: [{ language: 'en', given: ['Josephat'], family: 'Banda' }],
    gender: 'male',
    birthDate: { value: '1952-11-30', approximate: false },
    ageInYears: 71,
    identifiers: [
      { type: 'NATIONAL_ID', value: '1120457786' },
      { type: 'SOCIAL_SECURITY_NO', value: '830114562' },
      { type: 'DEATH_REGISTRATION_NUMBER', value: '2024DKM3W9C' },
    ],
    nationalities: ['FAR'],
    addresses: [
      {
        type: 'PRIMARY_ADDRESS',
        lines: ['', '', '', '', 'Kasenga', 'RURAL', '', '', '', '', '', '', '', '', ''],
        ...DISTRICT,
        country: 'FAR',
      },
    ],
    maritalStatus: 'MARRIED',
  },
  informant: { relationship: 'SPOUSE', phone: '+260955310077', email: 'm.banda@example.org' },
};

const SPOUSE: Person = {
  sourceId: ID.spouse,
  names: [
    { language: 'en', given: ['Mwila'], family: 'Banda' },
    { language: 'fr', given: ['Mwila', 'Josée'], family: 'Banda' },
  ],
  birthDate: { value: '1957-06-14', approximate: false },
  identifiers: [{ type: 'NATIONAL_ID', value: '1120463390' }],
  nationalities: ['FAR'],
  addresses: [],
  phone: '+260955310077',
  email: 'm.banda@example.org',
};

const CLINIC = { name: 'Eastview Clinic', type: 'HEALTH_FACILITY' };

const FULL_DEATH: VitalEvent = {
  ...DEATH,
  registeredAt: '2024-03-06T14:09:53.874Z',
  mother: {
    sourceId: 'b3a4cf0a-5f0e-4c53-8d85-6d2a4b8f7c11',
    names: [{ language: 'en', given: ['Esnart'], family: 'Tembo' }],
    identifiers: [],
    nationalities: [],
    addresses: [],
  },
  spouse: SPOUSE,
  informant: { ...DEATH.informant, person: SPOUSE },
  place: CLINIC,
};

/** To 1.1, and to a WEBHOOK client with permission for the child alone. */
const childOnly = keeping(
  webhookBundle('birth'),
  ({ resourceType, id }) => ['Task', 'DocumentReference'].includes(resourceType) || id === ID.child,
);
const outcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] };

/** The rows of reference/opencrvs.md section 3.6, with the differences of section 4. */
const SHAPES: readonly { versions: string; bundle: FhirBundle; event: VitalEvent }[] = [
  { versions: '1.0-1.1 birth', bundle: childOnly, event: BIRTH },
  { versions: '1.2 birth', bundle: webhookBundle('birth'), event: BIRTH_WITH_PARENTS },
  {
    versions: '1.2 birth, a resource that could not be fetched',
    bundle: adding(without(webhookBundle('birth'), ID.birthInformant), outcome),
    event: BIRTH,
  },
  {
    versions: '1.2 birth, to the third subscriber',
    bundle: copied(webhookBundle('birth'), 3),
    event: BIRTH_WITH_PARENTS,
  },
  { versions: '1.3-1.4 birth', bundle: withCodedTypes(webhookBundle('birth')), event: BIRTH_WITH_PARENTS },
  { versions: '1.3-1.4 birth, migrated', bundle: withMixedTypes(webhookBundle('birth')), event: BIRTH_WITH_PARENTS },
  {
    versions: '1.5-1.6 birth',
    bundle: filteredDocument('birth'),
    event: { ...BIRTH_WITH_PARENTS, informant: { ...BIRTH_WITH_PARENTS.informant, email: BIRTH_EMAIL } },
  },
  {
    versions: '1.7-1.9 birth',
    bundle: fullBundle('birth'),
    event: { ...BIRTH_WITH_PARENTS, informant: { ...BIRTH_WITH_PARENTS.informant, email: BIRTH_EMAIL }, place: CLINIC },
  },
  { versions: '1.2 death', bundle: withStringTypes(webhookBundle('death')), event: DEATH },
  { versions: '1.3-1.4 death', bundle: webhookBundle('death'), event: DEATH },
  { versions: '1.3-1.4 death, migrated', bundle: withMixedTypes(webhookBundle('death')), event: DEATH },
  { versions: '1.3-1.4 death, to the second subscriber', bundle: copied(webhookBundle('death'), 2), event: DEATH },
  {
    versions: '1.5-1.6 death',
    bundle: filteredDocument('death'),
    event: { ...DEATH, registeredAt: FULL_DEATH.registeredAt },
  },
  { versions: '1.7-1.9 death', bundle: fullBundle('death'), event: FULL_DEATH },
  { versions: '1.7-1.9 death, written by 1.6', bundle: withFamilyLists(fullBundle('death')), event: FULL_DEATH },
];

function read(bundle: FhirBundle, event: VitalEvent): Reading {
  return readWebhook(webhookBody(event.kind === 'birth' ? 'BIRTH_REGISTERED' : 'DEATH_REGISTERED', bundle));
}

test.each(SHAPES)('reads $versions', ({ bundle, event }) => {
  expect(read(bundle, event)).toEqual({ ok: true, event });
});

test.each(SHAPES)('does not go by the order of the entries: $versions', ({ bundle, event }) => {
  expect(read(reversed(bundle), event)).toEqual({ ok: true, event });
});

test('a HEALTH client of 1.0-1.4 gets the Task alone, which is no event', () => {
  const bundle = keeping(webhookBundle('birth'), ({ resourceType }) => resourceType === 'Task');
  expect(readWebhook(webhookBody('BIRTH_REGISTERED', bundle))).toEqual({
    ok: false,
    code: 'event_unreadable',
    reason: 'The child cannot be told: section and registration number do not lead to one Patient.',
    kind: 'birth',
    trackingId: 'BQX7T4N',
    registrationNumber: '2024BQX7T4N',
  });
});
