import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createToClaimAttributes, flat, partsOf } from '../../../src/national-id/osia/claim-attributes.js';
import { createToIdentityRecord } from '../../../src/national-id/osia/identity-record.js';
import type { Person, VitalEvent } from '../../../src/vital-events/index.js';

const MAPPINGS = join(import.meta.dirname, '..', '..', '..', 'config', 'mappings');
const registrationAttribute = 'birthRegistrationNumber';
const folder = mkdtempSync(join(tmpdir(), 'osia-mappings-'));
mkdirSync(join(folder, 'osia'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nobody: Person = { names: [], identifiers: [], nationalities: [], addresses: [] };
const BIRTH: VitalEvent = { kind: 'birth', registrationNumber: '2024B1', subject: nobody };

/** The adapter's view of a mapping of the country's own. */
function ownRecord(text: string) {
  writeFileSync(join(folder, 'osia', 'birth.jsonata'), text);
  return createToIdentityRecord({ dir: folder }, { registrationAttribute }).toIdentityRecord;
}

test('a whole record becomes an identity', async () => {
  const { toIdentityRecord: toRecord } = createToIdentityRecord({ dir: MAPPINGS }, { registrationAttribute });
  const record = await toRecord({
    ...BIRTH,
    registeredAt: '2024-02-03T10:00:00.000Z',
    subject: {
      ...nobody,
      names: [
        { language: 'bn', given: ['থান্দিউই'] },
        { language: 'en', given: ['Thandiwe', 'Zoë'], family: "N'Guessan" },
      ],
      gender: 'female',
      birthDate: { value: '2024-01-28', approximate: false },
      nationalities: ['FAR'],
    },
    mother: {
      ...nobody,
      names: [{ given: ['Chipo'], family: 'Phiri' }],
      identifiers: [{ type: 'NATIONAL_ID', value: '11' }],
    },
    father: nobody,
    place: { name: 'Lobozi Hospital' },
  });
  expect(record).toEqual({
    identityType: 'CIVIL_REGISTRATION',
    biographicData: {
      birthRegistrationNumber: '2024B1',
      firstName: 'Thandiwe Zoë',
      lastName: "N'Guessan",
      dateOfBirth: '2024-01-28',
      gender: 'F',
      nationality: 'FAR',
      placeOfBirth: 'Lobozi Hospital',
      motherFirstName: 'Chipo',
      motherLastName: 'Phiri',
      motherUin: '11',
    },
    contextualData: { enrollmentDate: '2024-02-03' },
  });
});

test.each<{ name: string; subject: Person }>([
  { name: 'nothing known', subject: nobody },
  { name: 'an empty name', subject: { ...nobody, names: [{ given: [] }] } },
  { name: 'a gender that has no word', subject: { ...nobody, gender: 'unknown' } },
])('a child with $name leaves the attributes out', async ({ subject }) => {
  const { toIdentityRecord: toRecord } = createToIdentityRecord({ dir: MAPPINGS }, { registrationAttribute });
  expect(await toRecord({ ...BIRTH, subject })).toEqual({
    identityType: 'CIVIL_REGISTRATION',
    biographicData: { birthRegistrationNumber: '2024B1' },
  });
});

test.each([
  {
    name: 'no number of the registration',
    text: '{ "identityType": "A", "biographicData": { "x": "1" } }',
    place: registrationAttribute,
  },
  {
    name: 'a list as a value',
    text: '{ "identityType": "A", "biographicData": { "birthRegistrationNumber": "2024B1", "names": ["a", "b"] } }',
    place: 'biographicData.names',
  },
  { name: 'nothing', text: 'nothing', place: 'its result' },
])('a mapping that makes $name is at fault, and its place is told', async ({ text, place }) => {
  await expect(ownRecord(text)(BIRTH)).rejects.toMatchObject({
    code: 'mapping_failed',
    message: expect.stringContaining(place),
  });
});

test.each([
  { claim: {}, attributes: {} },
  { claim: { birthDate: '2024-01-28' }, attributes: { dateOfBirth: '2024-01-28' } },
  { claim: { name: { given: ['A', 'B'], family: 'C' } }, attributes: { firstName: 'A B', lastName: 'C' } },
  { claim: { name: { given: [], family: 'C' }, gender: 'other' as const }, attributes: { lastName: 'C', gender: 'X' } },
])('a claim asks for what is in it: $attributes', async ({ claim, attributes }) => {
  expect(flat(await createToClaimAttributes(MAPPINGS)(claim))).toEqual(attributes);
});

test('attributes tell the part of the claim that they stand for', () => {
  const attributes = { name: { firstName: 'A', lastName: 'B' }, 'birth-date': { dateOfBirth: '2024-01-28' } };
  expect(partsOf(attributes, ['lastName', 'firstName'])).toEqual(['name']);
  expect(partsOf(attributes, ['dateOfBirth', 'other'])).toEqual(['birth-date']);
  expect(partsOf(attributes, ['other'])).toEqual([]);
});
