import { describe, expect, test } from '@jest/globals';
import { readRecord } from '../../../../src/opencrvs/readers/index.js';
import type { Reading, VitalEvent } from '../../../../src/vital-events/index.js';
import {
  adding,
  type FhirBundle,
  fullBundle,
  ID,
  keeping,
  patched,
  webhookBundle,
  without,
} from '../../../support/opencrvs-shapes.js';

const BIRTH_IDS = 'http://opencrvs.org/specs/id/birth-';
const TRACKING = { system: `${BIRTH_IDS}tracking-id`, value: 'BQX7T4N' };
const NUMBER = { system: `${BIRTH_IDS}registration-number`, value: '2024BQX7T4N' };
const KNOWN = { kind: 'birth', trackingId: 'BQX7T4N', registrationNumber: '2024BQX7T4N' };
const UNTOLD = 'The child cannot be told: section and registration number do not lead to one Patient.';

const full = fullBundle('birth');
const sent = webhookBundle('birth');

function eventOf(result: Reading): VitalEvent {
  if (!result.ok) throw new Error(result.reason);
  return result.event;
}

function withTask(members: Readonly<Record<string, unknown>>, bundle: FhirBundle = full): FhirBundle {
  return patched(bundle, ID.birthTask, members);
}

const registeredAs = (value: string) => ({ identifier: [{ type: 'BIRTH_REGISTRATION_NUMBER', value }] });

describe('what an event cannot do without', () => {
  const noBundle = 'The payload is not a FHIR Bundle with entries.';
  test.each<{ name: string; bundle: unknown; reason: string; known: object }>([
    { name: 'no object', bundle: null, reason: noBundle, known: {} },
    { name: 'another resource', bundle: { resourceType: 'Patient', entry: [] }, reason: noBundle, known: {} },
    { name: 'a bundle without entries', bundle: { resourceType: 'Bundle' }, reason: noBundle, known: {} },
    {
      name: 'no Task',
      bundle: without(full, ID.birthTask),
      reason: 'The bundle has no Task.',
      known: {},
    },
    {
      name: 'a marriage',
      bundle: withTask({ code: { coding: [{ code: 'MARRIAGE' }] } }),
      reason: 'Task.code is neither BIRTH nor DEATH.',
      known: {},
    },
    {
      name: 'no kind of event',
      bundle: withTask({ code: undefined }),
      reason: 'Task.code is neither BIRTH nor DEATH.',
      known: {},
    },
    {
      name: 'two registration numbers in the Task',
      bundle: withTask({ identifier: [TRACKING, NUMBER, { ...NUMBER, value: '2023OTHER' }] }),
      reason: 'Task.identifier has several registration numbers.',
      known: KNOWN,
    },
    {
      name: 'another registration number in the Patient',
      bundle: patched(full, ID.child, registeredAs('2023OTHER')),
      reason: 'The Task and the Patient of the child have different registration numbers.',
      known: KNOWN,
    },
    {
      name: 'another registration number in the Patient, without a Composition',
      bundle: patched(sent, ID.child, registeredAs('2023OTHER')),
      reason: UNTOLD,
      known: KNOWN,
    },
    { name: 'no child', bundle: without(full, ID.child), reason: UNTOLD, known: KNOWN },
    {
      name: 'two Patients with the registration number, without a Composition',
      bundle: patched(sent, ID.father, registeredAs('2024BQX7T4N')),
      reason: UNTOLD,
      known: KNOWN,
    },
    {
      name: 'a registration number that leads to another Patient than the section',
      bundle: patched(patched(full, ID.child, { identifier: [] }), ID.father, registeredAs('2024BQX7T4N')),
      reason: UNTOLD,
      known: KNOWN,
    },
    {
      name: 'a birth date that is none',
      bundle: patched(full, ID.child, { birthDate: '28 January' }),
      reason: 'Patient.birthDate of the child is not a date.',
      known: KNOWN,
    },
  ])('refuses $name', ({ bundle, reason, known }) => {
    expect(readRecord(bundle)).toEqual({ ok: false, code: 'event_unreadable', reason, ...known });
  });

  test.each([
    { name: 'waiting for validation', identifier: [TRACKING] },
    { name: 'with an empty number', identifier: [TRACKING, { ...NUMBER, value: '' }] },
    {
      name: 'with the number of a death',
      identifier: [TRACKING, { ...NUMBER, system: 'http://opencrvs.org/specs/id/death-registration-number' }],
    },
  ])('parks a record that is not registered yet: $name', ({ identifier }) => {
    expect(readRecord(withTask({ identifier }))).toEqual({
      ok: false,
      code: 'registration_number_missing',
      reason: 'Task.identifier has no birth registration number: the record is not registered yet.',
      kind: 'birth',
      trackingId: 'BQX7T4N',
    });
  });

  test('a child whose birth date is not sent is still an event', () => {
    expect(eventOf(readRecord(patched(full, ID.child, { birthDate: '' }))).subject.birthDate).toBeUndefined();
  });

  test('a child without the number is told by the section', () => {
    const event = eventOf(readRecord(patched(full, ID.child, { identifier: [] })));
    expect(event.subject.sourceId).toBe(ID.child);
  });

  test('the sender tells the kind where the Task does not', () => {
    expect(eventOf(readRecord(withTask({ code: undefined }), 'birth')).registrationNumber).toBe('2024BQX7T4N');
  });
});

describe('the Task', () => {
  test.each(['2024/000 1', 'Ω-17', '0'])('the registration number %s is opaque', (value) => {
    const bundle = patched(withTask({ identifier: [{ ...NUMBER, value }] }), ID.child, registeredAs(value));
    const event = eventOf(readRecord(bundle));
    expect(event.registrationNumber).toBe(value);
    expect(event.trackingId).toBeUndefined();
  });

  test('the same number twice is one number', () => {
    expect(readRecord(withTask({ identifier: [NUMBER, NUMBER] })).ok).toBe(true);
  });

  test('of several Tasks the registered one counts', () => {
    const [first] = full.entry.filter(({ resource }) => resource.id === ID.birthTask);
    const draft = { ...first?.resource, id: 'draft', identifier: [TRACKING] };
    const event = eventOf(readRecord({ ...full, entry: [{ resource: draft }, ...full.entry] }));
    expect(event.registrationNumber).toBe('2024BQX7T4N');
  });

  test.each([
    { name: 'with a version', focus: `Composition/${ID.birthComposition}/_history/1` },
    { name: 'with a base', focus: `http://hearth:3447/fhir/Composition/${ID.birthComposition}` },
    { name: 'as sent', focus: `Composition/${ID.birthComposition}` },
  ])('its focus is the record: $name', ({ focus }) => {
    expect(eventOf(readRecord(withTask({ focus: { reference: focus } }, sent))).recordId).toBe(ID.birthComposition);
  });

  test('without a focus the Composition is the record', () => {
    expect(eventOf(readRecord(withTask({ focus: undefined }))).recordId).toBe(ID.birthComposition);
  });
});

describe('references', () => {
  const sections = (reference: (id: string) => string) =>
    patched(full, ID.birthComposition, {
      section: [
        {
          code: { coding: [{ system: 'urn:any', code: 'child-details' }] },
          entry: [{ reference: reference(ID.child) }],
        },
        { code: { coding: [{ code: 'mother-details' }] }, entry: [{}, { reference: reference(ID.mother) }] },
        { code: {}, entry: 7 },
      ],
    });

  test.each([
    { name: 'relative', reference: (id: string) => `Patient/${id}` },
    { name: 'of a version', reference: (id: string) => `Patient/${id}/_history/8112f1c7` },
    { name: 'absolute', reference: (id: string) => `/fhir/Patient/${id}` },
  ])('are followed: $name', ({ reference }) => {
    const event = eventOf(readRecord(sections(reference)));
    expect([event.subject.sourceId, event.mother?.sourceId]).toEqual([ID.child, ID.mother]);
  });

  test('by fullUrl, where a resource has no id yet', () => {
    const urn = 'urn:uuid:7a0e1f6a-35b0-4c1f-9f6d-6f0f3a1f7a55';
    const bundle = sections((id) => (id === ID.mother ? urn : `Patient/${id}`));
    const entry = bundle.entry.map((one) =>
      one.resource.id === ID.mother ? { fullUrl: urn, resource: { ...one.resource, id: undefined } } : one,
    );
    expect(eventOf(readRecord({ ...bundle, entry })).mother?.names).toHaveLength(1);
  });

  test('to a resource of another type lead nowhere', () => {
    const bundle = sections((id) => (id === ID.mother ? `Location/${ID.facility}` : `Patient/${id}`));
    expect(eventOf(readRecord(bundle)).mother).toBeUndefined();
  });

  test('a section that dangles leaves the child to its registration number', () => {
    const bundle = sections((id) => (id === ID.child ? 'Patient/gone' : `Patient/${id}`));
    expect(eventOf(readRecord(bundle)).subject.sourceId).toBe(ID.child);
  });
});

/** Without a Composition nobody says which Patient is the mother (reference/opencrvs.md section 3.6). */
describe('parents without a Composition', () => {
  const untold = without(sent, ID.birthInformant);
  const related = (id: string, relationship: unknown) => ({
    resourceType: 'RelatedPerson',
    id: `related-${id}`,
    relationship,
    patient: { reference: `Patient/${id}` },
  });
  const coded = (code: string) => ({ coding: [{ code }] });
  const gender = (bundle: FhirBundle, id: string, value: string) => patched(bundle, id, { gender: value });
  const both = { mother: ID.mother, father: ID.father };
  const none = { mother: undefined, father: undefined };

  test.each([
    { name: 'nothing tells', bundle: untold, parents: none },
    { name: 'the informant is the mother, one is left', bundle: sent, parents: both },
    {
      name: 'the informant is the father, one is left',
      bundle: adding(untold, related(ID.father, coded('FATHER'))),
      parents: both,
    },
    { name: 'the relationship is a bare string', bundle: adding(untold, related(ID.father, 'FATHER')), parents: both },
    {
      name: 'the informant is a guardian',
      bundle: adding(untold, related(ID.mother, coded('LEGAL_GUARDIAN'))),
      parents: none,
    },
    {
      name: 'the informant is not in the bundle',
      bundle: adding(untold, related('gone', coded('MOTHER'))),
      parents: none,
    },
    { name: 'the informant is the child', bundle: adding(untold, related(ID.child, coded('MOTHER'))), parents: none },
    { name: 'two mothers are named', bundle: adding(sent, related(ID.father, coded('MOTHER'))), parents: none },
    {
      name: 'both genders tell',
      bundle: gender(gender(untold, ID.mother, 'female'), ID.father, 'male'),
      parents: both,
    },
    { name: 'one gender tells, one is left', bundle: gender(untold, ID.father, 'male'), parents: both },
    {
      name: 'both are female',
      bundle: gender(gender(untold, ID.mother, 'female'), ID.father, 'female'),
      parents: none,
    },
    {
      name: 'the one who is left has another gender',
      bundle: gender(sent, ID.father, 'female'),
      parents: { mother: ID.mother, father: undefined },
    },
    {
      name: 'two are left',
      bundle: adding(sent, { resourceType: 'Patient', id: 'third' }),
      parents: { mother: ID.mother, father: undefined },
    },
    {
      name: 'the one who is left does not exist',
      bundle: patched(sent, ID.father, { active: false, name: [] }),
      parents: { mother: ID.mother, father: undefined },
    },
    { name: 'one parent came, and no word about which', bundle: without(untold, ID.father), parents: none },
  ])('$name', ({ bundle, parents }) => {
    const { mother, father } = eventOf(readRecord(bundle));
    expect({ mother: mother?.sourceId, father: father?.sourceId }).toEqual(parents);
  });

  test('in a death only a relationship tells', () => {
    const patient = { resourceType: 'Patient', id: ID.spouse, gender: 'female' };
    const death = adding(webhookBundle('death'), patient);
    expect(eventOf(readRecord(death))).toMatchObject({ spouse: { sourceId: ID.spouse } });
    const event = eventOf(readRecord(without(death, ID.deathInformant)));
    expect([event.spouse, event.mother, event.father]).toEqual([undefined, undefined, undefined]);
  });

  test('a Composition without parents is believed', () => {
    const section = [{ code: coded('child-details'), entry: [{ reference: `Patient/${ID.child}` }] }];
    const event = eventOf(readRecord(patched(full, ID.birthComposition, { section })));
    expect([event.mother, event.father, event.place]).toEqual([undefined, undefined, undefined]);
  });
});

describe('informant and place', () => {
  test('nothing known of an informant is no informant', () => {
    const bundle = without(withTask({ extension: [] }, sent), ID.birthInformant);
    expect(eventOf(readRecord(bundle)).informant).toBeUndefined();
  });

  test('a place whose Location was not sent is no place', () => {
    expect(eventOf(readRecord(without(full, ID.facility))).place).toBeUndefined();
  });

  test('an Encounter is enough without a Composition', () => {
    const bundle = keeping(full, ({ resourceType }) => resourceType !== 'Composition');
    expect(eventOf(readRecord(bundle)).place).toEqual({ name: 'Eastview Clinic', type: 'HEALTH_FACILITY' });
  });
});
