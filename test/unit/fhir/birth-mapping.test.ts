import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadMapping } from '../../../src/config/index.js';
import type { Person, VitalEvent } from '../../../src/vital-events/index.js';
import { R4Patient } from '../../peers/fhir-r4-patient.js';

const mapping = loadMapping(join(import.meta.dirname, '..', '..', '..', 'config', 'mappings'), 'fhir/birth.jsonata');
const nobody: Person = { names: [], identifiers: [], nationalities: [], addresses: [] };

const mapped = (event: Partial<VitalEvent>): Promise<unknown> =>
  mapping.apply({
    event: { kind: 'birth', registrationNumber: '2024B', subject: nobody, ...event },
    outwardKey: 'abc123',
    registrationSystem: 'urn:test:brn',
    nationalIdSystem: 'urn:test:nid',
  });

test('a full birth becomes an R4 Patient with its parents as contacts', async () => {
  const patient = await mapped({
    subject: {
      ...nobody,
      names: [{ language: 'en', given: ['Thandiwe', 'Zoë'], family: "N'Guessan" }],
      gender: 'female',
      birthDate: { value: '2024-01-28', approximate: false },
      birthOrder: 2,
      addresses: [{ lines: ['17B', '', 'URBAN'], city: 'Lobozi', country: 'FAR' }],
    },
    mother: { ...nobody, names: [{ given: ['Chipo'], family: 'Phiri' }], phone: '+260971550142' },
    father: nobody,
  });

  expect(R4Patient.safeParse(patient).error?.issues ?? []).toEqual([]);
  expect(patient).toEqual({
    resourceType: 'Patient',
    active: true,
    identifier: [
      {
        use: 'official',
        type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'BCT' }] },
        system: 'urn:test:brn',
        value: '2024B',
      },
      { system: 'urn:national-id-mediator', value: 'abc123' },
    ],
    name: [
      {
        use: 'official',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/language', valueCode: 'en' }],
        family: "N'Guessan",
        given: ['Thandiwe', 'Zoë'],
      },
    ],
    gender: 'female',
    birthDate: '2024-01-28',
    multipleBirthInteger: 2,
    address: [{ use: 'home', line: ['17B', 'URBAN'], city: 'Lobozi', country: 'FAR' }],
    contact: [
      {
        relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }],
        name: { use: 'official', family: 'Phiri', given: ['Chipo'] },
        telecom: [{ system: 'phone', value: '+260971550142' }],
      },
    ],
  });
});

test.each<{ name: string; subject: Person }>([
  { name: 'nothing', subject: nobody },
  { name: 'an empty name', subject: { ...nobody, names: [{ given: [] }] } },
  { name: 'a blank address', subject: { ...nobody, addresses: [{ lines: ['', ''] }] } },
])('a child with $name leaves the elements out', async ({ subject }) => {
  const patient = await mapped({ subject });

  expect(R4Patient.safeParse(patient).success).toBe(true);
  expect(Object.keys(patient as object)).toEqual(['resourceType', 'active', 'identifier']);
});
