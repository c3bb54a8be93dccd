import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadMapping } from '../../../../src/config/index.js';
import { createRegistrationRequestReader } from '../../../../src/opencrvs/readers/opencrvs-mosip/index.js';
import { birthRequest, deathRequest, inEnglish } from '../../../support/opencrvs-mosip-requests.js';

const MAPPINGS_DIR = join(import.meta.dirname, '../../../../config/mappings');
const reader = createRegistrationRequestReader(MAPPINGS_DIR);
const nobody = { names: [], identifiers: [], nationalities: [], addresses: [] };

/** A birth with these fields beside its number. */
const birthWith = (requestFields: Readonly<Record<string, unknown>>) => ({
  requestFields: { birthCertificateNumber: 'B1', ...requestFields },
});

test('a birth', async () => {
  expect(await reader.read(birthRequest('2024BQX7T4N'))).toEqual({
    kind: 'birth',
    registrationNumber: '2024BQX7T4N',
    trackingId: 'QX7T4N',
    subject: {
      ...nobody,
      names: [{ language: 'eng', given: ["Thandiwe N'Guessan"] }],
      gender: 'female',
      birthDate: { value: '2024-01-28', approximate: false },
    },
    mother: {
      ...nobody,
      names: [{ language: 'eng', given: ['Chipo Phiri'] }],
      addresses: [
        {
          type: 'PRIMARY_ADDRESS',
          lines: ['17B Jacaranda Road', '', '', '', 'Kasenga'],
          city: 'Lobozi',
          postalCode: '20104',
        },
      ],
    },
    informant: {
      phone: '+260971550142',
      email: 'chipo@example.org',
      person: { ...nobody, names: [{ given: ['Chipo Phiri'] }] },
    },
  });
});

test('a death', async () => {
  expect(await reader.read(deathRequest('2024DKM3W9C', '4407183925'))).toEqual({
    kind: 'death',
    registrationNumber: '2024DKM3W9C',
    trackingId: 'DKM3W9',
    subject: { ...nobody, identifiers: [{ type: 'NATIONAL_ID', value: '4407183925' }] },
    informant: { person: { ...nobody, names: [{ given: ['Josephat Banda'] }] } },
    dateOfDeath: { value: '2024-03-02', approximate: false },
  });
});

test('a birth comes out of mosip/birth.jsonata with the fields that went in', async () => {
  const request = birthRequest('2024BQX7T4N');
  const fields = await loadMapping(MAPPINGS_DIR, 'mosip/birth.jsonata').apply({
    event: await reader.read(request),
    outwardKey: '1',
  });
  const { nationalIdNumber: _, village: __, ...sent } = request.requestFields;
  expect(fields).toMatchObject({ ...sent, addressLine2: inEnglish('Kasenga'), phone: '+260971550142' });
});

describe('a value', () => {
  test.each([
    { name: 'without a language', fields: { fullName: 'Thandiwe' }, subject: { names: [{ given: ['Thandiwe'] }] } },
    {
      name: 'in two languages',
      fields: { fullName: '[{"language":"eng","value":"Zoe"},{"language":"fra","value":"Zoë"}]' },
      subject: {
        names: [
          { language: 'eng', given: ['Zoe'] },
          { language: 'fra', given: ['Zoë'] },
        ],
      },
    },
    {
      name: 'not packed in a text',
      fields: { gender: [{ language: 'eng', value: 'MLE' }] },
      subject: { gender: 'male' },
    },
    { name: 'that only begins like JSON', fields: { fullName: '[sic' }, subject: { names: [{ given: ['[sic'] }] } },
    { name: 'that is blank', fields: { fullName: inEnglish(' '), dateOfBirth: '', UIN: ' ' }, subject: {} },
    { name: 'that is null', fields: { fullName: null, gender: null, passportNumber: null }, subject: {} },
    { name: 'of another gender', fields: { gender: 'Others' }, subject: { gender: 'other' } },
    { name: 'of a gender nobody knows', fields: { gender: 'x' }, subject: {} },
    {
      name: 'as a number',
      fields: { nationalIdNumber: 4407183925 },
      subject: { identifiers: [{ type: 'NATIONAL_ID', value: '4407183925' }] },
    },
    {
      name: 'beside others that identify',
      fields: { UIN: '1', vid: '2', passportNumber: '3', drivingLicenseNumber: '4' },
      subject: {
        identifiers: [
          { type: 'NATIONAL_ID', value: '1' },
          { type: 'PASSPORT', value: '3' },
          { type: 'DRIVING_LICENSE', value: '4' },
        ],
      },
    },
  ])('$name', async ({ fields, subject }) => {
    expect(await reader.read(birthWith(fields))).toEqual({
      kind: 'birth',
      registrationNumber: 'B1',
      subject: { ...nobody, ...subject },
    });
  });
});

describe('refuses', () => {
  test.each([
    { name: 'what is no object', body: [], part: 'the body itself' },
    { name: 'a body without fields', body: { trackingId: 'T' }, part: 'requestFields' },
    { name: 'neither a birth nor a death', body: { requestFields: { fullName: 'X' } }, part: 'requestFields' },
    {
      name: 'both a birth and a death',
      body: birthWith({ deathCertificateNumber: 'D1' }),
      part: 'requestFields',
    },
    {
      name: 'a blank number',
      body: { requestFields: { birthCertificateNumber: ' ' } },
      part: 'requestFields.birthCertificateNumber',
    },
    {
      name: 'a date that is none',
      body: birthWith({ dateOfBirth: '28/01/2024' }),
      part: 'event.subject.birthDate.value',
    },
  ])('$name', async ({ body, part }) => {
    const error = await reader.read(body).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'payload_invalid', status: 422 });
    expect(String(error)).toContain(`wrong or missing: ${part}.`);
    expect(String(error)).not.toContain('28/01/2024');
  });
});
