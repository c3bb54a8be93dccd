import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import type { DocumentSettings } from '../../../src/config/index.js';
import { createFieldMapping } from '../../../src/national-id/mosip/fields.js';
import type { Identity, VitalEvent } from '../../../src/vital-events/index.js';
import { BIRTH, birth, correction, DEATH, person } from './events.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const { mapFields: shipped } = createFieldMapping({ dir: join(ROOT, 'config', 'mappings') });
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => void rmSync(folder, { recursive: true })));

function mappingOf(expression: string, documents?: DocumentSettings) {
  const dir = mkdtempSync(join(tmpdir(), 'mosip-mapping-'));
  folders.push(dir);
  mkdirSync(join(dir, 'mosip'));
  for (const kind of ['birth', 'death', 'correction']) writeFileSync(join(dir, 'mosip', `${kind}.jsonata`), expression);
  return createFieldMapping({ dir, ...(documents === undefined ? {} : { documents }) });
}

const eng = (value: string): string => JSON.stringify([{ language: 'eng', value }]);

test('a birth becomes the fields of CRVS_NEW', async () => {
  expect(await shipped('birth', { event: BIRTH, outwardKey: '1' })).toEqual({
    birthCertificateNumber: '2024BQX7T4N',
    selectedHandles: '["birthCertificateNumber"]',
    fullName: eng("Thandiwe Zoë N'Guessan-Phiri"),
    gender: eng('Female'),
    dateOfBirth: '2024/01/28',
    guardianOrParentName: eng('Chipo Phiri'),
    addressLine1: eng('17B, Jacaranda Road, Eastview'),
    city: eng('Lobozi'),
    postalCode: '20104',
    phone: '+260971550142',
    email: 'chipo@example.org',
  });
});

test('a death becomes the fields of CRVS_DEATH', async () => {
  expect(await shipped('death', { event: DEATH, outwardKey: '1' })).toEqual({
    nationalIdNumber: '4407183925',
    deathDeclared: 'yes',
    dateOfDeath: '2024/02/17',
    deathCertificateNumber: 'D2024XYZ',
  });
});

test.each<{ name: string; event: VitalEvent; fields: Record<string, string | undefined> }>([
  { name: 'no name', event: birth({ subject: person({}) }), fields: { fullName: eng('Unnamed') } },
  {
    name: 'a blank name',
    event: birth({ subject: person({ names: [{ given: [' '] }] }) }),
    fields: { fullName: eng('Unnamed') },
  },
  {
    name: 'a name with a quote and a backslash',
    event: birth({ subject: person({ names: [{ given: ['A"b\\'] }] }) }),
    fields: { fullName: eng('A"b\\') },
  },
  {
    name: 'names in several languages',
    event: birth({
      subject: person({
        names: [
          { language: 'fr', given: ['Jean'] },
          { language: 'en', given: ['John'] },
        ],
      }),
    }),
    fields: { fullName: eng('John') },
  },
  { name: 'no gender', event: birth({ subject: person({}) }), fields: { gender: eng('Others') } },
  {
    name: 'unknown gender',
    event: birth({ subject: person({ gender: 'unknown' }) }),
    fields: { gender: eng('Others') },
  },
  {
    name: 'a year of birth only',
    event: birth({ subject: person({ birthDate: { value: '2024', approximate: true } }) }),
    fields: { dateOfBirth: '2024/01/01' },
  },
  {
    name: 'a month of birth only',
    event: birth({ subject: person({ birthDate: { value: '2024-03', approximate: false } }) }),
    fields: { dateOfBirth: '2024/03/01' },
  },
  { name: 'no date of birth', event: birth({ subject: person({}) }), fields: { dateOfBirth: undefined } },
  {
    name: 'a village without streets',
    event: birth({ mother: person({ addresses: [{ lines: ['', '', '', '', 'Mwandi'] }] }) }),
    fields: { addressLine1: eng('Mwandi'), addressLine2: undefined },
  },
  {
    name: 'no address anywhere',
    event: birth({ subject: person({}) }),
    fields: { addressLine1: eng('Unknown'), city: undefined },
  },
  {
    name: 'a phone that MOSIP would refuse',
    event: birth({ informant: { phone: 'ask at the shop' } }),
    fields: { phone: undefined },
  },
  {
    name: 'a phone with blanks',
    event: birth({ informant: { phone: '097 155-0142' } }),
    fields: { phone: '0971550142' },
  },
])('maps a birth with $name', async ({ event, fields }) => {
  const mapped = await shipped('birth', { event, outwardKey: '1' });
  expect(Object.fromEntries(Object.keys(fields).map((field) => [field, mapped[field]]))).toStrictEqual(fields);
});

const KNOWN: Identity = { nationalId: '9988776655', virtualId: '1122334455667788', token: 'psut-token' };
const NAMELESS_DEATH: VitalEvent = { kind: 'death', registrationNumber: 'D2024XYZ', subject: person({}) };
const NUMBERED = person({ identifiers: [{ type: 'NATIONAL_ID', value: '4407183925' }] });

test.each<{ name: string; known?: Identity; subject?: typeof NUMBERED; number: string | undefined }>([
  { name: 'no number anywhere', number: undefined },
  { name: 'a token only', known: { token: 'psut-token' }, number: undefined },
  { name: 'a UIN of an earlier event', known: { nationalId: '9988776655' }, number: '9988776655' },
  { name: 'a VID beside it', known: KNOWN, number: '1122334455667788' },
  { name: 'a number in the record', known: KNOWN, subject: NUMBERED, number: '4407183925' },
])('a death with $name', async ({ known, subject, number }) => {
  const event: VitalEvent = { ...NAMELESS_DEATH, subject: subject ?? NAMELESS_DEATH.subject };
  expect(await shipped('death', { event, outwardKey: '1', known })).toEqual({
    ...(number === undefined ? {} : { nationalIdNumber: number }),
    deathDeclared: 'yes',
    deathCertificateNumber: 'D2024XYZ',
  });
});

test('a corrected birth becomes the fields of CRVS_UPDATE: the number, and the facts of the birth only', async () => {
  const event = correction({ registrationNumber: '2024BQX7T4N', subject: BIRTH.subject, mother: BIRTH.mother });
  expect(await shipped('correction', { event, outwardKey: '1', known: KNOWN })).toEqual({
    VID: '1122334455667788',
    fullName: eng("Thandiwe Zoë N'Guessan-Phiri"),
    gender: eng('Female'),
    dateOfBirth: '2024/01/28',
    guardianOrParentName: eng('Chipo Phiri'),
  });
});

test.each<{ name: string; event: VitalEvent; known?: Identity; fields: Record<string, string> }>([
  { name: 'nothing known', event: correction({}), fields: {} },
  {
    name: 'an unknown gender and a year',
    event: correction({ subject: person({ gender: 'unknown', birthDate: { value: '2024', approximate: true } }) }),
    known: { nationalId: '9988776655' },
    fields: { VID: '9988776655', dateOfBirth: '2024/01/01' },
  },
  { name: 'a number in the record only', event: correction({ subject: NUMBERED }), fields: { VID: '4407183925' } },
  { name: 'a token only', event: correction({}), known: { token: 'psut-token' }, fields: {} },
])('a correction with $name puts no stand-in over what MOSIP has', async ({ event, known, fields }) => {
  expect(await shipped('correction', { event, outwardKey: '1', known })).toEqual(fields);
});

test('the shipped schema names every field that the shipped mappings make', async () => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'config', 'mosip', 'id-schema.json'), 'utf8'));
  const { properties, required } = schema.properties.identity;
  const birthFields = await shipped('birth', { event: BIRTH, outwardKey: '1' });
  const deathFields = await shipped('death', { event: DEATH, outwardKey: '1' });
  const event = correction({ subject: BIRTH.subject, mother: BIRTH.mother });
  const correctionFields = await shipped('correction', { event, outwardKey: '1', known: KNOWN });
  const { deathCertificateNumber, ...named } = { ...birthFields, ...deathFields, ...correctionFields };
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(named)));
  expect(properties).not.toHaveProperty('deathCertificateNumber');
  expect(['IDSchemaVersion', ...Object.keys(birthFields)]).toEqual(expect.arrayContaining(required));
});

test('gets event, outward key and known numbers, and drops what is empty', async () => {
  const { mapFields } = mappingOf(
    '{ "key": outwardKey, "number": event.registrationNumber, "none": "", "vid": known.virtualId }',
  );
  expect(await mapFields('death', { event: BIRTH, outwardKey: '42', known: KNOWN })).toEqual({
    key: '42',
    number: '2024BQX7T4N',
    vid: '1122334455667788',
  });
});

test.each([
  { name: 'a number', expression: '{ "fullName": 5 }' },
  { name: 'an object', expression: '{ "fullName": { "value": event.subject.names[0].family } }' },
  { name: 'nothing at all', expression: 'event.nothing' },
])('a mapping that gives $name fails without quoting data', async ({ expression }) => {
  await expect(mappingOf(expression).mapFields('birth', { event: BIRTH, outwardKey: '1' })).rejects.toMatchObject({
    code: 'mapping_failed',
    message: 'The mapping mosip/birth.jsonata gave something other than an object of texts and documents.',
  });
});

const SCAN = 'c2Nhbg==';
const DOCUMENTED = birth({ documents: [{ kind: 'NATIONAL_ID', format: 'image/jpeg', content: SCAN, bytes: 4 }] });
const PASSING = `{ "proofOfIdentity": event.documents[kind = "NATIONAL_ID"][0].{
  "type": kind, "format": "jpg", "document": content } }`;

test.each([
  { name: 'as shipped', settings: undefined, biometrics: 'none', fields: {} },
  {
    name: 'where they may be passed on',
    settings: { pass: 'passed-on', maxBytes: 4 } as const,
    biometrics: 'passed-on',
    fields: { proofOfIdentity: { type: 'NATIONAL_ID', format: 'jpg', document: SCAN } },
  },
])('a mapping that names documents gets them $name', async ({ settings, biometrics, fields }) => {
  const mapping = mappingOf(PASSING, settings);
  expect(mapping.biometrics).toBe(biometrics);
  expect(await mapping.mapFields('birth', { event: DOCUMENTED, outwardKey: '1' })).toEqual(fields);
});

test('a mapping that does not name them gets none, and none is declared', async () => {
  const mapping = mappingOf('{ "all": $string(event) /* documents */ }', { pass: 'passed-on', maxBytes: 4 });
  expect(mapping.biometrics).toBe('none');
  const { all } = await mapping.mapFields('birth', { event: DOCUMENTED, outwardKey: '1' });
  expect(all).toContain('2024BMINIMAL');
  expect(all).not.toContain(SCAN);
});

test('a mapping that does not compile stops the construction', () => {
  expect(() => mappingOf('{')).toThrow(expect.objectContaining({ code: 'mapping_failed' }));
});
