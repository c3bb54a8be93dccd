import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createPatientMapping } from '../../../src/fhir-api/patient-mapping.js';
import { R4Patient } from '../../peers/fhir-r4-patient.js';
import { fixture } from '../../support/fixtures.js';

interface Bundle {
  readonly entry: readonly { readonly resource: Record<string, unknown> }[];
}

const SETTINGS = {
  baseUrl: 'http://registry.test/fhir',
  auth: { kind: 'none' },
  nationalIdSystem: 'urn:test:nid',
  registrationSystem: 'urn:test:brn',
} as const;
const SHIPPED = join(import.meta.dirname, '..', '..', '..', 'config', 'mappings');
const TYPES = 'http://opencrvs.org/specs/identifier-type';

const mapping = createPatientMapping(SHIPPED, SETTINGS);
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const read = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString('utf8')) as Record<string, unknown>;
const toDownstream = async (patient: object) => read(await mapping.toDownstream(bytes(patient)));
const fromDownstream = async (patient: object) => read(await mapping.fromDownstream(bytes(patient)));

const recorded = [
  ...fixture<{ event: { context: [Bundle] } }>('opencrvs/birth-registered.webhook.json').event.context[0].entry,
  ...fixture<{ event: { context: [Bundle] } }>('opencrvs/death-registered.webhook.json').event.context[0].entry,
  ...fixture<Bundle>('opencrvs/birth-bundle-full.json').entry,
  ...fixture<Bundle>('opencrvs/birth-bundle-minimal.json').entry,
]
  .map(({ resource }) => resource)
  .filter(({ resourceType }) => resourceType === 'Patient')
  .map((patient) => ({ id: String(patient['id']), patient }));

test('the fixtures hold enough Patients to prove something', () => {
  expect(recorded.length).toBeGreaterThanOrEqual(8);
});

test.each(recorded)(
  'the OpenCRVS Patient $id becomes valid R4, and stays as it is when mapped again',
  async ({ patient }) => {
    const mapped = await toDownstream(patient);

    expect(R4Patient.safeParse(mapped).error?.issues ?? []).toEqual([]);
    expect(await toDownstream(mapped)).toEqual(mapped);
  },
);

test.each(recorded)('the OpenCRVS Patient $id keeps its meaning there and back', async ({ patient }) => {
  const once = await fromDownstream(await toDownstream(patient));
  const twice = await fromDownstream(await toDownstream(once));

  expect(twice).toEqual(once);
  expect(once).toMatchObject({ resourceType: 'Patient', id: patient['id'] });
});

test('each peculiarity of OpenCRVS has its R4 form', async () => {
  const patient = {
    resourceType: 'Patient',
    id: 'p-1',
    identifier: [
      { type: 'NATIONAL_ID', value: '123' },
      { type: { coding: [{ code: 'BIRTH_REGISTRATION_NUMBER' }] }, value: '2024B' },
      { type: { coding: [{ system: TYPES, code: 'OTHER' }] }, otherType: 'Clan card', value: '9' },
      { type: 'PASSPORT', value: '' },
    ],
    name: [
      { use: 'fr', given: ['Zoë', ''], family: ['Phiri', 'Banda'] },
      { use: 'en', given: [''], family: '' },
    ],
    birthDate: '',
    deceasedBoolean: true,
    deceasedDateTime: '2024-03-02',
    address: [{ type: 'SECONDARY_ADDRESS', line: ['1', '', 'URBAN', ''], city: ' ' }],
    extension: [
      { url: 'urn:x:age', valueString: 71 },
      { url: 'urn:x:empty', valuePeriod: { start: '', end: '' } },
    ],
  };

  expect(await toDownstream(patient)).toEqual({
    resourceType: 'Patient',
    id: 'p-1',
    identifier: [
      {
        system: 'urn:test:nid',
        type: { coding: [{ system: TYPES, code: 'NATIONAL_ID' }], text: 'NATIONAL_ID' },
        value: '123',
      },
      {
        system: 'urn:test:brn',
        type: {
          coding: [{ system: TYPES, code: 'BIRTH_REGISTRATION_NUMBER' }],
          text: 'BIRTH_REGISTRATION_NUMBER',
        },
        value: '2024B',
      },
      { type: { coding: [{ system: TYPES, code: 'OTHER' }], text: 'Clan card' }, value: '9' },
    ],
    name: [
      {
        use: 'official',
        extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/language', valueCode: 'fr' }],
        given: ['Zoë'],
        family: 'Phiri Banda',
      },
    ],
    deceasedDateTime: '2024-03-02',
    address: [
      {
        use: 'temp',
        type: 'physical',
        extension: [{ url: 'urn:national-id-mediator:opencrvs-address-type', valueCode: 'SECONDARY_ADDRESS' }],
        line: ['1', null, 'URBAN'],
        _line: [
          null,
          {
            extension: [
              { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'not-applicable' },
            ],
          },
          null,
        ],
      },
    ],
    extension: [{ url: 'urn:x:age', valueString: '71' }],
  });
});

test('an R4 Patient passes both ways without losing what R4 alone has', async () => {
  const patient = {
    resourceType: 'Patient',
    id: 'p-1',
    identifier: [
      { system: 'urn:test:nid', use: 'official', type: { coding: [{ system: 'urn:v2', code: 'NI' }] }, value: '123' },
      { system: 'urn:other', value: 'x' },
    ],
    name: [{ use: 'official', family: 'Phiri', given: ['Zoë'] }],
    gender: 'female',
  };

  expect(await toDownstream(patient)).toEqual(patient);
  expect(await fromDownstream(patient)).toEqual({
    ...patient,
    identifier: [
      {
        use: 'official',
        type: {
          coding: [
            { system: TYPES, code: 'NATIONAL_ID' },
            { system: 'urn:v2', code: 'NI' },
          ],
        },
        value: '123',
      },
      { system: 'urn:other', value: 'x' },
    ],
    name: [{ use: 'official', family: ['Phiri'], given: ['Zoë'] }],
  });
});

test.each(['searchset', 'history'])('the Patients of a %s are mapped, other entries are not', async (type) => {
  const entry = [
    { fullUrl: 'urn:1', resource: { resourceType: 'Patient', name: [{ family: 'Phiri' }] }, search: { mode: 'match' } },
    { resource: { resourceType: 'Location', name: 'Patient ward' } },
    { request: { method: 'DELETE', url: 'Patient/1' } },
  ];

  expect(await fromDownstream({ resourceType: 'Bundle', type, total: 1, entry })).toEqual({
    resourceType: 'Bundle',
    type,
    total: 1,
    entry: [{ ...entry[0], resource: { resourceType: 'Patient', name: [{ family: ['Phiri'] }] } }, entry[1], entry[2]],
  });
});

test.each([
  { name: 'another resource', body: Buffer.from('{ "resourceType":\n"Observation", "subject": {"type":"Patient"} }') },
  {
    name: 'a transaction',
    body: Buffer.from('{ "resourceType":"Bundle", "type":"transaction", "entry":[] , "x":"Patient"}'),
  },
])('$name stays the same bytes', async ({ body }) => {
  expect(await mapping.toDownstream(body)).toBe(body);
  expect(await mapping.fromDownstream(body)).toBe(body);
});

test('a caller is told of bad JSON, without a word of it', async () => {
  await expect(mapping.toDownstream(Buffer.from('{"Canary'))).rejects.toMatchObject({
    code: 'json_invalid',
    message: expect.not.stringContaining('Canary'),
  });
});

test('a broken answer is not passed on', async () => {
  await expect(mapping.fromDownstream(Buffer.from('{"resourceType":"Patient"'))).rejects.toMatchObject({
    code: 'peer_response_invalid',
  });
});

test('without the files nothing is parsed', async () => {
  const none = createPatientMapping(mkdtempSync(join(tmpdir(), 'mappings-')), SETTINGS);
  const body = Buffer.from('{"resourceType":"Patient", broken');

  expect(await none.toDownstream(body)).toBe(body);
  expect(await none.fromDownstream(body)).toBe(body);
});
