import { expect, test } from '@jest/globals';
import { readIdentifiers, readToken, writeIdentifiers } from '../../../../src/fhir-api/facade/identifiers.js';

const systems = { nationalIdSystem: 'urn:nid', registrationSystem: 'urn:brn' };

test.each([
  { token: 'urn:nid|123', key: { nationalId: '123' } },
  { token: 'urn:brn|2024B1', key: { registrationNumber: '2024B1' } },
  { token: 'urn:brn|2024B\\|1', key: { registrationNumber: '2024B|1' } },
  { token: 'urn:brn|2024B|1', key: { registrationNumber: '2024B|1' } },
  { token: 'urn:brn|a\\,b', key: { registrationNumber: 'a,b' } },
  { token: 'urn:brn|a,urn:brn|b', key: undefined },
  { token: 'urn:other|123', key: undefined },
  { token: '|123', key: undefined },
  { token: '123', key: undefined },
  { token: 'urn:nid|', key: undefined },
])('the token $token', ({ token, key }) => {
  expect(readToken(token, systems)).toEqual(key);
});

test('numbers are told by their system, else by the type of OpenCRVS; old ones are left out', () => {
  const typed = { type: { coding: [{ system: 'http://opencrvs.org/specs/identifier-type', code: 'PASSPORT' }] } };
  const given = [
    { system: 'urn:nid', value: '1' },
    { system: 'urn:nid', value: '2', use: 'old' },
    { system: 'urn:brn', value: '3' },
    { system: 'urn:opencrvs:death-registration-number', value: '4' },
    { system: 'urn:opencrvs:passport', value: '5', ...typed },
    { system: 'urn:anything', value: '6' },
    { system: 'urn:nid' },
  ];
  const read = readIdentifiers(given, systems);
  expect(read).toEqual([
    { type: 'NATIONAL_ID', value: '1' },
    { type: 'BIRTH_REGISTRATION_NUMBER', value: '3' },
    { type: 'DEATH_REGISTRATION_NUMBER', value: '4' },
    { type: 'PASSPORT', value: '5' },
    { type: 'OTHER', value: '6' },
  ]);
  expect(writeIdentifiers(read, systems)).toEqual([given[0], given[2], given[3]]);
});
