import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createFieldMapping } from '../../../src/national-id/mosip/fields.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { BIRTH, birth, DEATH, person } from './events.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const shipped = createFieldMapping(join(ROOT, 'config', 'mappings'));
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => void rmSync(folder, { recursive: true })));

function mappingOf(expression: string) {
  const dir = mkdtempSync(join(tmpdir(), 'mosip-mapping-'));
  folders.push(dir);
  mkdirSync(join(dir, 'mosip'));
  for (const kind of ['birth', 'death']) writeFileSync(join(dir, 'mosip', `${kind}.jsonata`), expression);
  return createFieldMapping(dir);
}

const eng = (value: string): string => JSON.stringify([{ language: 'eng', value }]);

test('a birth becomes the fields of CRVS_NEW', async () => {
  expect(await shipped(BIRTH, '1')).toEqual({
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
  expect(await shipped(DEATH, '1')).toEqual({
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
  const mapped = await shipped(event, '1');
  expect(Object.fromEntries(Object.keys(fields).map((field) => [field, mapped[field]]))).toStrictEqual(fields);
});

test('a death without a number has none in its fields', async () => {
  const fields = await shipped({ ...DEATH, subject: person({}), dateOfDeath: undefined } as VitalEvent, '1');
  expect(fields).toEqual({ deathDeclared: 'yes', deathCertificateNumber: 'D2024XYZ' });
});

test('the shipped schema names every field that the shipped mappings make', async () => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'config', 'mosip', 'id-schema.json'), 'utf8'));
  const { properties, required } = schema.properties.identity;
  const birthFields = await shipped(BIRTH, '1');
  const deathFields = await shipped(DEATH, '1');
  const { deathCertificateNumber, ...named } = { ...birthFields, ...deathFields };
  expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(named)));
  expect(properties).not.toHaveProperty('deathCertificateNumber');
  expect(['IDSchemaVersion', ...Object.keys(birthFields)]).toEqual(expect.arrayContaining(required));
});

test('gets event and outward key, and drops what is empty', async () => {
  const mapFields = mappingOf('{ "key": outwardKey, "number": event.registrationNumber, "none": "" }');
  expect(await mapFields(BIRTH, '42')).toEqual({ key: '42', number: '2024BQX7T4N' });
});

test.each([
  { name: 'a number', expression: '{ "fullName": 5 }' },
  { name: 'an object', expression: '{ "fullName": { "value": event.subject.names[0].family } }' },
  { name: 'nothing at all', expression: 'event.nothing' },
])('a mapping that gives $name fails without quoting data', async ({ expression }) => {
  await expect(mappingOf(expression)(BIRTH, '1')).rejects.toMatchObject({
    code: 'mapping_failed',
    message: 'The mapping mosip/birth.jsonata gave something other than an object of texts.',
  });
});

test('a mapping that does not compile stops the construction', () => {
  expect(() => mappingOf('{')).toThrow(expect.objectContaining({ code: 'mapping_failed' }));
});
