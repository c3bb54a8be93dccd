import { beforeEach, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../../src/errors/index.js';
import type { Capability, KnownPerson } from '../../../../src/national-id/index.js';
import { firstFound, restOf } from '../../../support/fhir-answers.js';
import { BRN, FacadeStage, NID } from './set-up.js';

const KNOWN: KnownPerson = {
  identity: { nationalId: '4407183925' },
  person: {
    names: [{ language: 'en', given: ['Thandiwe', 'Zoë'], family: 'Phiri' }],
    gender: 'female',
    birthDate: { value: '2001-03-04', approximate: false },
    identifiers: [
      { type: 'NATIONAL_ID', value: '4407183925' },
      { type: 'BIRTH_REGISTRATION_NUMBER', value: '2001B1' },
    ],
    nationalities: [],
    addresses: [{ lines: ['', '17B'], city: 'Lobozi' }],
  },
  isActive: true,
};
const PATIENT = {
  resourceType: 'Patient',
  identifier: [{ system: NID, value: '4407183925' }],
  name: [{ family: 'Phiri', given: ['Thandiwe'] }],
  gender: 'female',
  birthDate: '2001-03-04',
};
const NOBODY = { resourceType: 'Bundle', type: 'searchset', total: 0 };
const OWN = 'http://his.test:4000/fhir';

let stage: FacadeStage;
beforeEach(() => {
  stage = new FacadeStage();
  stage.system.people = [KNOWN];
});

const matchOf = (patient: unknown, more: readonly object[] = []): unknown => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'resource', resource: patient }, ...more],
});
const match = (patient: unknown, ...more: readonly object[]) =>
  stage.ask('POST', '/fhir/Patient/$match', matchOf(patient, more));
const form = { 'content-type': 'application/x-www-form-urlencoded' };

test('a person is found by each number, by address and by form, and read again by an id that is no number', async () => {
  const byForm = await stage.ask(
    'POST',
    '/fhir/Patient/_search',
    `identifier=${encodeURIComponent(`${NID}|4407183925`)}`,
    form,
  );
  const byNumber = await stage.ask('GET', `/fhir/Patient?identifier=${NID}%7C4407183925`);
  const byBirth = await stage.ask('GET', `/fhir/Patient?identifier=${BRN}|2001B1&_count=5`);

  expect(byForm).toMatchObject({ status: 200, headers: { 'content-type': 'application/fhir+json' } });
  expect(byForm.body).toMatchObject({
    resourceType: 'Bundle',
    type: 'searchset',
    total: 1,
    link: [{ relation: 'self', url: `${OWN}/Patient/_search` }],
    entry: [
      {
        search: { mode: 'match' },
        resource: {
          resourceType: 'Patient',
          active: true,
          identifier: [
            { system: NID, value: '4407183925' },
            { system: BRN, value: '2001B1' },
          ],
          name: [{ use: 'official', family: 'Phiri', given: ['Thandiwe', 'Zoë'] }],
          gender: 'female',
          birthDate: '2001-03-04',
          address: [{ line: ['17B'], city: 'Lobozi' }],
        },
      },
    ],
  });
  expect(byNumber.body).toEqual(byForm.body);
  expect(byBirth.body).toEqual(byForm.body);
  const { fullUrl, resource } = firstFound(byForm.body);
  expect(fullUrl).toBe(`${OWN}/Patient/${resource.id}`);
  expect(fullUrl).not.toContain('4407183925');

  const read = await stage.ask('GET', `/fhir/Patient/${resource.id}`);
  expect(read.body).toEqual(resource);
  const etag = read.headers['etag'] ?? '';
  expect(resource).toMatchObject({ meta: { versionId: etag.slice(3, -1) } });
  expect(etag).toMatch(/^W\/".+"$/);
  expect((await stage.ask('HEAD', `/fhir/Patient/${resource.id}`)).status).toBe(200);
  const same = await stage.ask('GET', `/fhir/Patient/${resource.id}`, undefined, { 'if-none-match': etag });
  expect(same).toMatchObject({ status: 304, body: undefined, headers: { etag } });

  stage.system.people = [{ ...KNOWN, isActive: false, deceased: '2020-01-02' }];
  const later = await stage.ask('GET', `/fhir/Patient/${resource.id}`, undefined, { 'if-none-match': etag });
  expect(later).toMatchObject({ status: 200, body: { active: false, deceasedDateTime: '2020-01-02' } });
  expect(later.headers['etag']).not.toBe(etag);
});

test('nobody is an empty set; an id of nobody, or not ours, is 404', async () => {
  const { id } = firstFound((await stage.ask('GET', `/fhir/Patient?identifier=${NID}|4407183925`)).body).resource;
  stage.system.people = [];
  expect((await stage.ask('GET', `/fhir/Patient?identifier=${NID}|4407183925`)).body).toMatchObject({ total: 0 });
  expect(await stage.refusal('GET', `/fhir/Patient/${id}`)).toMatchObject({ code: 'person_unknown', status: 404 });
  expect(await stage.refusal('GET', '/fhir/Patient/4407183925')).toMatchObject({ code: 'person_unknown' });
  expect(stage.system.queries).toBe(3);
});

test.each([
  { query: '', code: 'request_invalid' },
  { query: 'identifier=4407183925', code: 'request_invalid' },
  { query: 'identifier=urn:x|4407183925', code: 'request_invalid' },
  { query: `identifier=${NID}|1&identifier=${NID}|2`, code: 'request_invalid' },
  { query: `identifier=${NID}|4407183925&birthdate=2001`, code: 'not_supported' },
  { query: 'family=Phiri', code: 'not_supported' },
])('the search $query is $code, and nobody is asked', async ({ query, code }) => {
  const refusal = await stage.refusal('GET', `/fhir/Patient?${query}`);
  expect(refusal.code).toBe(code);
  expect(refusal.message).not.toMatch(/4407183925|Phiri/);
  expect(stage.system.queries).toBe(0);
});

test('candidates come with score and grade, as many and as certain as were asked for', async () => {
  const twin = { ...KNOWN, identity: { nationalId: '1' }, person: { ...KNOWN.person, gender: 'male' as const } };
  stage.system.people = [twin, KNOWN];
  const { body } = await match({ ...PATIENT, identifier: [{ system: BRN, value: '2001B1' }] });
  const first = {
    fullUrl: expect.stringContaining(`${OWN}/Patient/`),
    resource: { identifier: [{ system: NID, value: '4407183925' }, { value: '2001B1' }] },
    search: {
      mode: 'match',
      score: 1,
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/match-grade', valueCode: 'certain' }],
    },
  };
  expect(body).toMatchObject({ type: 'searchset', total: 2, entry: [first, {}] });
  expect((await match(PATIENT, { name: 'count', valueInteger: 1 })).body).toMatchObject({ total: 1 });
  const certain = await match({ ...PATIENT, identifier: [] }, { name: 'onlyCertainMatches', valueBoolean: true });
  expect(certain.body).toEqual(NOBODY);
});

describe('a system that compares only', () => {
  beforeEach(() => stage.can('issue', 'verify'));

  test('a match is one certain entry with what was sent, a mismatch none', async () => {
    const { body } = await match({
      ...PATIENT,
      telecom: [{ system: 'phone', value: '+260' }],
      address: [{ city: 'X' }],
    });
    expect(body).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      entry: [
        {
          resource: PATIENT,
          search: { mode: 'match', score: 1, extension: [expect.objectContaining({ valueCode: 'certain' })] },
        },
      ],
    });
    for (const other of [
      { birthDate: '2001-03-05' },
      { identifier: [{ system: NID, value: '9' }] },
      { name: [{ text: 'Banda' }] },
    ]) {
      expect((await match({ ...PATIENT, ...other })).body).toEqual(NOBODY);
    }
    stage.system.people = [{ ...KNOWN, isActive: false }];
    expect((await match(PATIENT)).body).toMatchObject({ total: 0 });
  });

  test.each([
    { name: 'no number', change: { identifier: undefined }, code: 'not_supported' },
    { name: 'a number alone', change: { name: undefined, birthDate: undefined }, code: 'payload_invalid' },
    { name: 'half a date', change: { birthDate: '2001-03' }, code: 'payload_invalid' },
  ])('$name: $code', async ({ change, code }) => {
    expect(await stage.refusal('POST', '/fhir/Patient/$match', matchOf({ ...PATIENT, ...change }))).toMatchObject({
      code,
    });
    expect(stage.system.queries).toBe(0);
  });

  test.each([
    { fault: new MediatorError('peer_timeout'), code: 'peer_timeout', status: 504 },
    { fault: new MediatorError('peer_circuit_open'), code: 'peer_circuit_open', status: 503 },
    { fault: new MediatorError('peer_unreachable'), code: 'peer_unavailable', status: 503 },
    { fault: new MediatorError('peer_error'), code: 'peer_unavailable', status: 503 },
    { fault: new MediatorError('national_id_misconfigured'), code: 'national_id_misconfigured', status: 502 },
  ])('away is $status, never an empty set: $fault.code', async ({ fault, code, status }) => {
    stage.system.queryFault = fault;
    expect(await stage.refusal('POST', '/fhir/Patient/$match', matchOf(PATIENT))).toMatchObject({ code, status });
  });
});

test('a system that never answers is 504 in time', async () => {
  stage = new FacadeStage({ timeoutMs: 20 });
  stage.system.lookup = () => new Promise(() => undefined);
  expect(await stage.refusal('GET', `/fhir/Patient?identifier=${NID}|1`)).toMatchObject({
    code: 'peer_timeout',
    status: 504,
  });
});

test.each([
  { name: 'no JSON', body: '{broken', code: 'json_invalid' },
  { name: 'a bare Patient', body: PATIENT, code: 'payload_invalid' },
  { name: 'two Patients', body: matchOf(PATIENT, [{ name: 'resource', resource: PATIENT }]), code: 'payload_invalid' },
  {
    name: 'a parameter that would be left out of account',
    body: matchOf(PATIENT, [{ name: 'x' }]),
    code: 'payload_invalid',
  },
  {
    name: 'a date that is none',
    body: matchOf({ ...PATIENT, birthDate: 'Canary' }),
    code: 'payload_invalid',
    place: 'Patient.birthDate',
  },
  {
    name: 'a name that is none',
    body: matchOf({ ...PATIENT, name: 'Canary' }),
    code: 'payload_invalid',
    place: 'Patient.name',
  },
])('$name for $match is $code and names the place only', async ({ body, code, place = '' }) => {
  const refusal = await stage.refusal('POST', '/fhir/Patient/$match', body);
  expect(refusal.code).toBe(code);
  expect(refusal.message).toContain(place);
  expect(refusal.message).not.toContain('Canary');
  expect(stage.system.queries).toBe(0);
});

test.each([
  { name: 'names', change: { name: Array(100_000).fill(0) }, place: 'Patient.name' },
  { name: 'given names', change: { name: [{ given: Array(100_000).fill(0) }] }, place: 'Patient.name[0].given' },
])('$name without end are refused as one fault', async ({ change, place }) => {
  const headers = { 'content-type': 'application/fhir+json; fhirVersion=4.0' };
  const body = matchOf({ ...PATIENT, ...change });
  const { message } = await stage.refusal('POST', '/fhir/Patient/$match', body, headers);
  expect(message).toBe(`Not valid: ${place}.`);
});

test.each([
  { headers: { accept: 'application/fhir+xml' }, code: 'not_acceptable' },
  { headers: { accept: 'application/fhir+json; fhirVersion=5.0' }, code: 'not_acceptable' },
  { headers: { accept: 'application/fhir+xml, application/fhir+json;q=0.1' }, code: 'none' },
  { headers: { accept: 'text/html, */*;q=0.1' }, code: 'none' },
  { headers: { accept: 'application/fhir+json; fhirVersion=4.0' }, code: 'none' },
  { format: 'xml', headers: {}, code: 'not_acceptable' },
  { format: 'json', headers: { accept: 'text/html' }, code: 'none' },
  { format: 'application/fhir+json', headers: {}, code: 'none' },
])('Accept $headers.accept with _format $format: $code', async ({ headers, format, code }) => {
  const query = format === undefined ? '' : `&_format=${format}`;
  expect(
    await stage.refusal('GET', `/fhir/Patient?identifier=${NID}|4407183925${query}`, undefined, headers),
  ).toMatchObject({ code });
});

test.each(['application/fhir+xml', 'application/fhir+json; fhirVersion=5.0', 'text/plain'])(
  'a body of %s is 415',
  async (type) => {
    const refusal = await stage.refusal('POST', '/fhir/Patient/$match', matchOf(PATIENT), { 'content-type': type });
    expect(refusal).toMatchObject({ code: 'media_type_unsupported', status: 415 });
  },
);

test("who speaks OpenCRVS's form asks and is answered in it", async () => {
  const type = 'http://opencrvs.org/specs/identifier-type';
  const stu3 = {
    resourceType: 'Patient',
    identifier: [{ type: { coding: [{ system: type, code: 'NATIONAL_ID' }] }, value: '4407183925' }],
    name: [{ use: 'en', given: ['Thandiwe', 'Zoë'], family: ['Phiri'] }],
    gender: 'female',
    birthDate: '2001-03-04',
  };
  const accept = { accept: 'application/fhir+json; fhirVersion=3.0' };
  const answer = await stage.ask('POST', '/fhir/Patient/$match', matchOf(stu3), accept);
  expect(answer.headers['content-type']).toBe('application/fhir+json; fhirVersion=3.0');
  expect(answer.body).toMatchObject({
    entry: [{ resource: { name: [{ use: 'en', family: ['Phiri'] }] }, search: { score: 1 } }],
  });

  stage = new FacadeStage({ mappingsDir: import.meta.dirname });
  expect(await stage.refusal('POST', '/fhir/Patient/$match', matchOf(stu3), accept)).toMatchObject({
    code: 'not_acceptable',
  });
  const declared = { 'content-type': 'application/fhir+json; fhirVersion=3.0' };
  expect(await stage.refusal('POST', '/fhir/Patient/$match', matchOf(stu3), declared)).toMatchObject({
    code: 'media_type_unsupported',
  });
});

test.each([
  ['GET', '/fhir', 'method_not_allowed'],
  ['DELETE', '/fhir/Patient/1', 'method_not_allowed'],
  ['GET', '/fhir/Patient/$match', 'method_not_allowed'],
  ['GET', '/fhir/Observation', 'not_supported'],
  ['GET', '/fhir/Patient/1/_history', 'not_supported'],
  ['GET', '/fhir/Patient/_history', 'not_supported'],
  ['GET', '/fhir/constructor', 'not_supported'],
  ['GET', '/fhir/Patient/../x', 'url_invalid'],
])('%s %s is %s', async (method, path, code) => {
  expect(await stage.refusal(method, path)).toMatchObject({ code });
});

test('the statement tells what this system can do and nothing else', async () => {
  const offerOf = async (...capabilities: readonly Capability[]) =>
    restOf((await new FacadeStage({ capabilities }).ask('GET', '/fhir/metadata')).body);
  expect(await offerOf('issue', 'deactivate', 'lookup', 'match')).toMatchObject({
    mode: 'server',
    resource: [
      {
        type: 'Patient',
        interaction: ['read', 'search-type', 'create', 'update'].map((code) => ({ code })),
        conditionalCreate: true,
        conditionalUpdate: true,
        searchParam: [{ name: 'identifier', type: 'token' }],
        operation: [{ name: 'match' }],
      },
      { type: 'Task', interaction: [{ code: 'read' }] },
    ],
    interaction: [{ code: 'transaction' }, { code: 'batch' }],
  });
  const verifying = await offerOf('verify');
  expect(verifying['resource']).toEqual([{ type: 'Patient', operation: [expect.objectContaining({ name: 'match' })] }]);
  expect(verifying).not.toHaveProperty('interaction');
  expect(await offerOf('status')).not.toHaveProperty('resource');
});
