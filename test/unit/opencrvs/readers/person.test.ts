import { describe, expect, test } from '@jest/globals';
import { readRecord } from '../../../../src/opencrvs/readers/index.js';
import type { Person, VitalEvent } from '../../../../src/vital-events/index.js';
import { fixture } from '../../../support/fixtures.js';
import { fullBundle, ID, patched } from '../../../support/opencrvs-shapes.js';

const EXTENSION = 'http://opencrvs.org/specs/extension/';

function eventOf(bundle: unknown): VitalEvent {
  const result = readRecord(bundle);
  if (!result.ok) throw new Error(result.reason);
  return result.event;
}

/** The mother of the full birth, with members of her Patient replaced. */
function mother(members: Readonly<Record<string, unknown>>): Person | undefined {
  return eventOf(patched(fullBundle('birth'), ID.mother, members)).mother;
}

function nationality(code: string): unknown {
  return {
    url: 'http://hl7.org/fhir/StructureDefinition/patient-nationality',
    extension: [
      { url: 'code', valueCodeableConcept: { coding: [{ system: 'urn:iso:std:iso:3166', code }] } },
      { url: 'period', valuePeriod: { start: '', end: '' } },
    ],
  };
}

describe('names', () => {
  test.each([
    { name: 'family in a list', sent: { use: 'en', given: ['A'], family: ['B'] }, read: ['en', ['A'], 'B'] },
    { name: 'family as a string', sent: { use: 'en', given: ['A'], family: 'B' }, read: ['en', ['A'], 'B'] },
    { name: 'family in two parts', sent: { use: 'fr', given: ['A'], family: ['B', 'C'] }, read: ['fr', ['A'], 'B C'] },
    { name: 'given as a string', sent: { use: 'en', given: 'A', family: 'B' }, read: ['en', ['A'], 'B'] },
    { name: 'padding', sent: { use: 'bn', given: ['', 'A', '', ' '], family: '' }, read: ['bn', ['A'], undefined] },
    { name: 'unnamed', sent: { use: 'en', given: [''], family: 'B' }, read: ['en', [], 'B'] },
    {
      name: 'a part that is no text',
      sent: { use: 'en', given: ['A', 7, null], family: {} },
      read: ['en', ['A'], undefined],
    },
    { name: 'no language', sent: { given: ['A'], family: 'B' }, read: [undefined, ['A'], 'B'] },
    { name: 'a region', sent: { use: 'pt-BR', given: ['A'], family: 'B' }, read: ['pt-BR', ['A'], 'B'] },
    { name: 'a use of FHIR', sent: { use: 'official', given: ['A'], family: 'B' }, read: [undefined, ['A'], 'B'] },
    { name: 'an old name of FHIR', sent: { use: 'old', given: ['A'], family: 'B' }, read: [undefined, ['A'], 'B'] },
  ])('reads $name', ({ sent, read: [language, given, family] }) => {
    expect(mother({ name: [sent] })?.names).toEqual([{ language, given, family }]);
  });

  test('keeps one of each language', () => {
    const names = mother({
      name: [
        { use: 'bn', given: ['ক'], family: ['খ'] },
        { use: 'en', given: ['K'], family: ['Kh'] },
      ],
    })?.names;
    expect(names?.map(({ language }) => language)).toEqual(['bn', 'en']);
  });

  test.each([{ name: [] }, { name: undefined }, { name: [{ use: 'en', given: [''], family: [''] }] }, { name: 'A' }])(
    'takes $name for no name',
    (members) => {
      expect(mother(members)?.names).toEqual([]);
    },
  );
});

describe('dates and ages', () => {
  test.each([
    { sent: '1996-09-03', read: '1996-09-03' },
    { sent: '1996-09', read: '1996-09' },
    { sent: '1996', read: '1996' },
    { sent: '2024-02-29', read: '2024-02-29' },
    { sent: '1996-09-03T23:30:00.000Z', read: '1996-09-03' },
    { sent: '1996-02-30', read: undefined },
    { sent: '2023-02-29', read: undefined },
    { sent: '1996-13', read: undefined },
    { sent: '03/09/1996', read: undefined },
    { sent: '', read: undefined },
    { sent: 1996, read: undefined },
  ])('reads the birth date $sent as $read', ({ sent, read }) => {
    expect(mother({ birthDate: sent })?.birthDate?.value).toBe(read);
  });

  test.each([
    { versions: '1.3-1.4', value: { valueString: '31' }, age: 31 },
    { versions: '1.7', value: { valueInteger: 31 }, age: 31 },
    { versions: 'a number under the wrong name', value: { valueString: 31 }, age: 31 },
  ])('marks a date that was made from an age: $versions', ({ value, age }) => {
    const read = mother({
      birthDate: '1993-01-01',
      extension: [{ url: `${EXTENSION}age-of-individual-in-years`, ...value }],
    });
    expect(read).toMatchObject({ birthDate: { value: '1993-01-01', approximate: true }, ageInYears: age });
  });

  test.each([{ valueString: 'about thirty' }, { valueInteger: -1 }, { valueString: '9'.repeat(400) }, {}])(
    'does not take %j for an age',
    (value) => {
      const read = mother({ extension: [{ url: `${EXTENSION}age-of-individual-in-years`, ...value }] });
      expect(read?.ageInYears).toBeUndefined();
      expect(read?.birthDate).toEqual({ value: '1996-09-03', approximate: false });
    },
  );

  test('the age of a deceased does not make the birth date approximate', () => {
    expect(eventOf(fullBundle('death')).subject).toMatchObject({
      birthDate: { value: '1952-11-30', approximate: false },
      ageInYears: 71,
    });
  });

  test.each([
    { name: 'deceasedDateTime', members: { deceasedDateTime: '2024-03-02' }, date: '2024-03-02' },
    { name: 'a time', members: { deceasedDateTime: '2024-03-02T11:00:00+02:00' }, date: '2024-03-02' },
    { name: 'deceased', members: { deceasedDateTime: undefined, deceased: '2024-03-02' }, date: '2024-03-02' },
    { name: 'deceasedBoolean', members: { deceasedDateTime: undefined, deceasedBoolean: true }, date: undefined },
    { name: 'deceased: true', members: { deceasedDateTime: undefined, deceased: true }, date: undefined },
    { name: 'no date', members: { deceasedDateTime: 'yesterday' }, date: undefined },
  ])('reads the date of death from $name', ({ members, date }) => {
    const event = eventOf(patched(fullBundle('death'), ID.deceased, members));
    expect(event.kind === 'death' && event.dateOfDeath?.value).toBe(date);
  });
});

describe('other parts', () => {
  const coded = (code: string) => ({ coding: [{ system: 'http://opencrvs.org/specs/identifier-type', code }] });

  test('identifiers in both forms at once, without the empty and the malformed', () => {
    const identifier = [
      { type: 'NATIONAL_ID', value: '1' },
      { type: coded('PASSPORT'), value: '2' },
      { type: { text: 'OTHER' }, value: '3' },
      { type: coded('BIRTH_CONFIGURABLE_IDENTIFIER_1'), value: '' },
      { type: coded('MOSIP_AID'), value: 4 },
      { type: { coding: [] }, value: '5' },
      { value: '6' },
      null,
    ];
    expect(mother({ identifier })?.identifiers).toEqual([
      { type: 'NATIONAL_ID', value: '1' },
      { type: 'PASSPORT', value: '2' },
      { type: 'OTHER', value: '3' },
    ]);
  });

  test('nationalities, each once', () => {
    const extension = [nationality('FAR'), nationality('ZMB'), nationality('FAR'), nationality('')];
    expect(mother({ extension })?.nationalities).toEqual(['FAR', 'ZMB']);
  });

  test('address lines keep their positions', () => {
    const address = [{ type: 'CURRENT', line: ['', null, 'Eastview', ''], city: '', postalCode: 20104 }, { line: 'x' }];
    expect(mother({ address })?.addresses).toEqual([
      { type: 'CURRENT', lines: ['', '', 'Eastview', ''] },
      { lines: [] },
    ]);
  });

  test('the first phone and the first e-mail', () => {
    const telecom = [
      { system: 'phone', value: '' },
      { system: 'phone', value: '+260970000001' },
      { system: 'email', value: 'a@example.org' },
      { system: 'phone', value: '+260970000002' },
    ];
    expect(mother({ telecom })).toMatchObject({ phone: '+260970000001', email: 'a@example.org' });
  });

  test.each([
    { sent: { text: 'WIDOWED', coding: [{ code: 'W' }] }, read: 'WIDOWED' },
    { sent: { coding: [{ code: 'W' }] }, read: 'W' },
    { sent: 'WIDOWED', read: 'WIDOWED' },
    { sent: {}, read: undefined },
  ])('marital status $read', ({ sent, read }) => {
    expect(mother({ maritalStatus: sent })?.maritalStatus).toBe(read);
  });

  test.each([
    { sent: 'female', read: 'female' },
    { sent: 'unknown', read: 'unknown' },
    { sent: 'F', read: undefined },
    { sent: undefined, read: undefined },
  ])('gender $sent is $read', ({ sent, read }) => {
    expect(mother({ gender: sent })?.gender).toBe(read);
  });

  test('a Patient without anything is a person without anything', () => {
    const members = Object.fromEntries(
      [
        'name',
        'telecom',
        'address',
        'identifier',
        'extension',
        'birthDate',
        'maritalStatus',
        'multipleBirthInteger',
      ].map((member) => [member, undefined]),
    );
    expect(mother(members)).toEqual({
      sourceId: ID.mother,
      names: [],
      identifiers: [],
      nationalities: [],
      addresses: [],
    });
  });
});

describe('parents who do not exist', () => {
  const reason = [{ url: `${EXTENSION}reason-not-applying`, valueString: 'Not known' }];
  test.each([
    { name: 'inactive', members: { active: false } },
    { name: 'no name and a reason', members: { name: [], extension: reason } },
    { name: 'an empty name and a reason', members: { name: [{ given: [''], family: [''] }], extension: reason } },
  ])('are left out: $name', ({ members }) => {
    const event = eventOf(patched(fullBundle('birth'), ID.mother, members));
    expect(event.mother).toBeUndefined();
    expect(event.informant?.person).toBeUndefined();
    expect(event.father?.sourceId).toBe(ID.father);
  });

  test.each([
    { name: 'a reason beside a name', members: { extension: reason } },
    { name: 'no name and no reason', members: { name: [] } },
  ])('are not those with $name', ({ members }) => {
    expect(mother(members)?.sourceId).toBe(ID.mother);
  });
});

test('the hard case: unnamed child, mother by age, no father, home birth', () => {
  const address = {
    district: '87825a60-ac91-4769-9019-4eb0653bdc31',
    state: '950e918f-4861-4973-a696-e6eeff1cd098',
    country: 'FAR',
    lines: ['', '', '', '', 'Mwanza', 'RURAL'],
  };
  const event = eventOf(fixture('opencrvs/birth-bundle-minimal.json'));
  expect(event).toMatchObject({
    registrationNumber: '2024BPL2H8V',
    subject: { names: [{ language: 'en', given: [], family: 'Sakala' }], gender: 'unknown' },
    mother: {
      names: [{ given: ['Ruth'], family: 'Sakala' }],
      birthDate: { value: '2000-01-01', approximate: true },
      ageInYears: 24,
    },
    informant: { relationship: 'MOTHER' },
    place: { type: 'PRIVATE_HOME', address },
  });
  expect(event.father).toBeUndefined();
});
