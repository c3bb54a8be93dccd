import { expect, test } from '@jest/globals';
import { correctedBirth, correctedDeath, deactivated, reactivated } from '../../../src/national-id/fhir/edits.js';
import type { FhirPatient } from '../../../src/national-id/fhir/resources.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';

const common = {
  registrationNumber: '2024B',
  subject: { names: [], identifiers: [], nationalities: [], addresses: [] },
};
const about = (kind: 'correction' | 'cancellation' | 'reinstatement', of: 'birth' | 'death'): VitalEvent => ({
  ...common,
  kind,
  of,
  revision: '1',
});
const DIED = { dateOfDeath: { value: '2024-03-02', approximate: false } } as const;

type Edit = (patient: FhirPatient, event: VitalEvent) => FhirPatient;
type State = Omit<FhirPatient, 'resourceType'>;

test.each<{ name: string; edit: Edit; event: VitalEvent; from: State; to: State }>([
  {
    name: 'a death with a date',
    edit: deactivated,
    event: { ...common, ...DIED, kind: 'death' },
    from: { active: true, deceasedBoolean: false },
    to: { active: false, deceasedDateTime: '2024-03-02' },
  },
  {
    name: 'a death without a date',
    edit: deactivated,
    event: { ...common, kind: 'death' },
    from: { active: true },
    to: { active: false, deceasedBoolean: true },
  },
  {
    name: 'a death that somebody else told before',
    edit: deactivated,
    event: { ...common, ...DIED, kind: 'death' },
    from: { active: true, deceasedDateTime: '2024-03-01' },
    to: { active: true, deceasedDateTime: '2024-03-01' },
  },
  {
    name: 'a death that counts again',
    edit: deactivated,
    event: { ...about('reinstatement', 'death'), ...DIED },
    from: { active: true },
    to: { active: false, deceasedDateTime: '2024-03-02' },
  },
  {
    name: 'a cancelled birth: nobody has died',
    edit: deactivated,
    event: about('cancellation', 'birth'),
    from: { active: true },
    to: { active: false },
  },
  {
    name: 'a cancelled death',
    edit: reactivated,
    event: about('cancellation', 'death'),
    from: { active: false, deceasedDateTime: '2024-03-02' },
    to: { active: true },
  },
  {
    name: 'a cancelled death told as a fact only',
    edit: reactivated,
    event: about('cancellation', 'death'),
    from: { active: false, deceasedBoolean: true },
    to: { active: true },
  },
  {
    name: 'a birth that counts again',
    edit: reactivated,
    event: about('reinstatement', 'birth'),
    from: { active: false },
    to: { active: true },
  },
  {
    name: 'a birth that counts again, of somebody who has died',
    edit: reactivated,
    event: about('reinstatement', 'birth'),
    from: { active: false, deceasedDateTime: '2024-03-02' },
    to: { active: false, deceasedDateTime: '2024-03-02' },
  },
  {
    name: 'a corrected date of death',
    edit: correctedDeath,
    event: { ...about('correction', 'death'), ...DIED },
    from: { active: false, deceasedDateTime: '2024-03-20' },
    to: { active: false, deceasedDateTime: '2024-03-02' },
  },
  {
    name: 'a corrected death without a date',
    edit: correctedDeath,
    event: about('correction', 'death'),
    from: { active: false, deceasedDateTime: '2024-03-20' },
    to: { active: false, deceasedDateTime: '2024-03-20' },
  },
])('$name, also when told again', ({ edit, event, from, to }) => {
  const patient: FhirPatient = { resourceType: 'Patient', id: 'p1', photo: [{ title: 'kept' }], ...from };
  const changed = edit(patient, event);
  expect(changed).toStrictEqual({ resourceType: 'Patient', id: 'p1', photo: [{ title: 'kept' }], ...to });
  expect(edit(changed, event)).toStrictEqual(changed);
});

test('a corrected birth changes what the record tells, and nothing else', () => {
  const stored: FhirPatient = {
    resourceType: 'Patient',
    id: 'p1',
    meta: { versionId: '3' },
    text: { status: 'generated', div: '<div>Old Name</div>' },
    active: false,
    deceasedBoolean: true,
    identifier: [
      { system: 'nid', value: '42' },
      { system: 'brn', value: '2024B' },
    ],
    name: [{ family: 'Old' }],
    photo: [{ title: 'kept' }],
  };
  const mapped: FhirPatient = {
    resourceType: 'Patient',
    active: true,
    deceasedBoolean: false,
    identifier: [{ system: 'brn', value: '2024B' }],
    name: [{ family: 'New' }],
    birthDate: '2024-01-28',
  };

  const corrected = correctedBirth(stored, mapped);

  const { text: _narrative, ...rest } = stored;
  expect(corrected).toStrictEqual({ ...rest, name: [{ family: 'New' }], birthDate: '2024-01-28' });
  expect(correctedBirth(corrected, mapped)).toStrictEqual(corrected);
});
