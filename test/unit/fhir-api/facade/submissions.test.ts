import { beforeEach, expect, test } from '@jest/globals';
import { MediatorError } from '../../../../src/errors/index.js';
import { firstFound } from '../../../support/fhir-answers.js';
import { BRN, DRN, FacadeStage, NID } from './set-up.js';

const CHILD = {
  resourceType: 'Patient',
  identifier: [{ system: BRN, value: '2024B1' }],
  name: [{ use: 'official', family: 'Phiri', given: ['Thandiwe', 'Zoë'] }],
  gender: 'female',
  birthDate: '2024-01-28',
  multipleBirthInteger: 2,
  address: [{ line: [null, '17B'], city: 'Lobozi', country: 'ZMB' }],
  telecom: [{ system: 'phone', value: '+260971550142' }],
  contact: [
    {
      relationship: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] }],
      name: { family: 'Banda', given: ['Chipo'] },
      gender: 'female',
    },
  ],
};
const DECEASED = {
  resourceType: 'Patient',
  name: [{ family: 'Banda', given: ['Josephat'] }],
  deceasedDateTime: '2024-03-02T23:30:00+02:00',
};
const OWN = 'http://his.test:4000/fhir';

let stage: FacadeStage;
beforeEach(() => {
  stage = new FacadeStage();
});

const eventOf = (at: number): unknown => {
  const reading = stage.taken[at]?.reading;
  return reading?.ok === true ? reading.event : undefined;
};

/** The address of a person who was found. */
async function idOf(nationalId: string): Promise<string> {
  const person = { names: [], identifiers: [], nationalities: [], addresses: [] };
  stage.system.people = [{ identity: { nationalId }, person, isActive: true }];
  return firstFound((await stage.ask('GET', `/fhir/Patient?identifier=${NID}|${nationalId}`)).body).resource.id;
}

test('a birth is taken once, and a repeat answered alike', async () => {
  const first = await stage.ask('POST', '/fhir/Patient', CHILD);
  expect(first).toMatchObject({
    status: 202,
    headers: { location: `${OWN}/Task/event-0` },
    outlivesAnswer: true,
    body: {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', details: { coding: [{ code: 'event-0' }] } }],
    },
  });
  expect(eventOf(0)).toEqual({
    kind: 'birth',
    registrationNumber: '2024B1',
    subject: {
      names: [{ language: undefined, given: ['Thandiwe', 'Zoë'], family: 'Phiri' }],
      gender: 'female',
      birthDate: { value: '2024-01-28', approximate: false },
      birthOrder: 2,
      identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }],
      nationalities: [],
      addresses: [expect.objectContaining({ lines: ['', '17B'], city: 'Lobozi', country: 'ZMB' })],
      phone: '+260971550142',
      email: undefined,
    },
    mother: expect.objectContaining({ names: [expect.objectContaining({ family: 'Banda' })], gender: 'female' }),
    father: undefined,
  });
  const condition = { 'if-none-exist': `identifier=${BRN}|2024B1` };
  expect(await stage.ask('POST', '/fhir/Patient', CHILD, condition)).toEqual(first);
  const minimal = await stage.ask('POST', '/fhir/Patient', CHILD, { prefer: 'return=minimal' });
  expect(minimal).toMatchObject({ status: 202, headers: { location: `${OWN}/Task/event-0` }, body: undefined });
});

test("a birth in OpenCRVS's form", async () => {
  const stu3 = {
    resourceType: 'Patient',
    identifier: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B1' }],
    name: [{ use: 'en', given: ['Thandiwe', ''], family: ['Phiri'] }],
  };
  await stage.ask('POST', '/fhir/Patient', stu3, { 'content-type': 'application/fhir+json; fhirVersion=3.0' });
  expect(eventOf(0)).toMatchObject({
    registrationNumber: '2024B1',
    subject: { names: [{ language: 'en', given: ['Thandiwe'], family: 'Phiri' }] },
  });
});

test.each([
  { name: 'no registration number', change: { identifier: [{ system: NID, value: 'Canary' }] }, says: BRN },
  {
    name: 'two registration numbers',
    change: { identifier: ['a', 'b'].map((value) => ({ system: BRN, value })) },
    says: 'Patient.identifier',
  },
  { name: 'a deceased', change: { deceasedBoolean: true }, says: 'Patient.deceased[x]' },
  { name: 'no date', change: { birthDate: '2024-02-30' }, says: 'Patient.birthDate' },
  { name: 'no gender', change: { gender: 'Canary' }, says: 'Patient.gender' },
  { name: 'a family that is a number', change: { name: [{ family: 7 }] }, says: 'Patient.name[0].family' },
  { name: 'another resource', change: { resourceType: 'Person' }, says: 'Patient.resourceType' },
])('a birth with $name is 422 and says where', async ({ change, says }) => {
  const refusal = await stage.refusal('POST', '/fhir/Patient', { ...CHILD, ...change });
  expect(refusal).toMatchObject({ code: 'payload_invalid', status: 422, message: expect.stringContaining(says) });
  expect(refusal.message).not.toMatch(/Canary|Phiri/);
  expect(stage.taken).toEqual([]);
});

test('a condition that is not on the registration itself is not supported', async () => {
  for (const condition of [`identifier=${BRN}|other`, `identifier=${NID}|1`, 'family=Phiri']) {
    const refusal = await stage.refusal('POST', '/fhir/Patient', CHILD, { 'if-none-exist': condition });
    expect(refusal).toMatchObject({ code: 'not_supported' });
  }
});

test('a death, by the id of who was found and by number, with and without a number of its own', async () => {
  const id = await idOf('4407183925');
  const numbered = { ...DECEASED, id, identifier: [{ system: DRN, value: '2024D1' }] };
  expect(await stage.ask('PUT', `/fhir/Patient/${id}`, numbered)).toMatchObject({ status: 202 });
  expect(eventOf(0)).toMatchObject({
    kind: 'death',
    registrationNumber: '2024D1',
    dateOfDeath: { value: '2024-03-02', approximate: false },
    subject: { identifiers: [{ type: 'NATIONAL_ID', value: '4407183925' }, { value: '2024D1' }] },
  });

  const byId = await stage.ask('PUT', `/fhir/Patient/${id}`, { ...DECEASED, id });
  const where = `/fhir/Patient?identifier=${NID}|4407183925`;
  const byNumber = await stage.ask('PUT', where, { ...DECEASED, deceasedBoolean: true });
  expect(byNumber).toEqual(byId);
  expect(eventOf(1)).toMatchObject({ registrationNumber: `fhir:${id}` });
});

test.each([
  { name: 'alive', change: { deceasedDateTime: undefined }, code: 'not_supported' },
  { name: 'not dead', change: { deceasedDateTime: undefined, deceasedBoolean: false }, code: 'not_supported' },
  { name: 'another id', change: { id: 'x' }, code: 'request_invalid' },
  { name: 'another number', change: { identifier: [{ system: NID, value: '9' }] }, code: 'payload_invalid' },
  { name: 'a day that is none', change: { deceasedDateTime: '2024-13-01' }, code: 'payload_invalid' },
])('an update with $name is $code', async ({ change, code }) => {
  const id = await idOf('4407183925');
  expect(await stage.refusal('PUT', `/fhir/Patient/${id}`, { ...DECEASED, id, ...change })).toMatchObject({ code });
  expect(stage.taken).toEqual([]);
});

test('an update of an id that is not ours is 404; one of another state than was read is 412', async () => {
  expect(await stage.refusal('PUT', '/fhir/Patient/1', DECEASED)).toMatchObject({ code: 'person_unknown' });
  const id = await idOf('4407183925');
  const { headers } = await stage.ask('GET', `/fhir/Patient/${id}`);
  const stale = { 'if-match': 'W/"old"' };
  const update = ['PUT', `/fhir/Patient/${id}`, { ...DECEASED, id }] as const;
  expect(await stage.refusal(...update, stale)).toMatchObject({ code: 'precondition_failed', status: 412 });
  expect(stage.taken).toEqual([]);
  expect(await stage.ask(...update, { 'if-match': headers['etag'] })).toMatchObject({ status: 202 });
});

const bundle = (type: string, ...entry: readonly unknown[]): unknown => ({ resourceType: 'Bundle', type, entry });
const create = (resource: unknown): unknown => ({ resource, request: { method: 'POST', url: 'Patient' } });
const end = (url: string, resource: unknown = DECEASED): unknown => ({ resource, request: { method: 'PUT', url } });

test('a transaction is taken whole', async () => {
  const answer = await stage.ask(
    'POST',
    '/fhir',
    bundle('transaction', create(CHILD), end(`Patient?identifier=${NID}|1`)),
  );
  expect(answer).toMatchObject({
    status: 200,
    body: {
      type: 'transaction-response',
      entry: [
        { response: { status: '202 Accepted', location: `${OWN}/Task/event-0` } },
        { response: { status: '202 Accepted', location: `${OWN}/Task/event-1` } },
      ],
    },
  });
  expect(answer).not.toHaveProperty('outlivesAnswer');
  expect(stage.taken).toHaveLength(2);
});

test.each([
  {
    name: 'a bad Patient',
    entry: create({ ...CHILD, birthDate: 'x' }),
    code: 'payload_invalid',
    says: 'Bundle.entry[1].resource.birthDate',
  },
  {
    name: 'no Patient',
    entry: { request: { method: 'POST', url: 'Patient' } },
    code: 'payload_invalid',
    says: 'Bundle.entry[1].resource',
  },
  {
    name: 'a question',
    entry: { request: { method: 'GET', url: 'Patient/1' } },
    code: 'not_supported',
    says: 'Bundle.entry[1].request',
  },
  {
    name: 'another resource',
    entry: { resource: {}, request: { method: 'POST', url: 'Group' } },
    code: 'not_supported',
    says: 'entry[1]',
  },
  { name: 'somebody unknown', entry: end('Patient/1'), code: 'person_unknown', says: '' },
])(
  'a transaction with $name is $code, and nothing of it is taken; a batch takes the rest',
  async ({ entry, code, says }) => {
    const refusal = await stage.refusal('POST', '/fhir', bundle('transaction', create(CHILD), entry));
    expect(refusal).toMatchObject({ code, message: expect.stringContaining(says) });
    expect(stage.taken).toEqual([]);

    const { status, body } = await stage.ask('POST', '/fhir', bundle('batch', create(CHILD), entry));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      type: 'batch-response',
      entry: [
        { response: { status: '202 Accepted' } },
        { response: { status: String(refusal.status), outcome: { resourceType: 'OperationOutcome' } } },
      ],
    });
    expect(stage.taken).toHaveLength(1);
  },
);

test('a transaction in OpenHIM goes on with one event that was taken, not with more and not with none', async () => {
  stage.transactionId = '65d3c1f1a2b3c4d5e6f70809';
  const submit = (...entry: readonly unknown[]) => stage.ask('POST', '/fhir', bundle('batch', ...entry));
  expect(await submit(create(CHILD))).toMatchObject({ outlivesAnswer: true });
  expect(stage.taken.at(-1)).toMatchObject({ transactionId: stage.transactionId });
  expect(await submit(create({}))).not.toHaveProperty('outlivesAnswer');
  expect(await submit(create(CHILD), end(`Patient?identifier=${NID}|1`))).not.toHaveProperty('outlivesAnswer');
  expect(stage.taken.at(-1)).toMatchObject({ transactionId: undefined });
});

test.each(['document', 'searchset'])('a Bundle of type %s is refused', async (type) => {
  const refusal = await stage.refusal('POST', '/fhir', bundle(type, create(CHILD)));
  expect(refusal).toMatchObject({ code: 'payload_invalid', message: 'Not valid: Bundle.type.' });
});

test('what cannot be stored is not taken', async () => {
  stage.fault = new MediatorError('store_unavailable');
  expect(await stage.refusal('POST', '/fhir/Patient', CHILD)).toMatchObject({ code: 'store_unavailable', status: 503 });
  expect(await stage.refusal('POST', '/fhir', bundle('transaction', create(CHILD)))).toMatchObject({ status: 503 });
});

test('what the system cannot do is not taken', async () => {
  stage.can('issue');
  expect(await stage.refusal('PUT', `/fhir/Patient?identifier=${NID}|1`, DECEASED)).toMatchObject({
    code: 'not_supported',
  });
  stage.can('deactivate');
  expect(await stage.refusal('POST', '/fhir/Patient', CHILD)).toMatchObject({ code: 'not_supported' });
});

test('what became of a submission', async () => {
  expect((await stage.ask('GET', '/fhir/Task/event-0')).body).toEqual({
    resourceType: 'Task',
    id: 'event-0',
    status: 'completed',
    intent: 'order',
    businessStatus: { coding: [{ system: 'urn:national-id-mediator:state', code: 'settled' }] },
    code: { coding: [{ system: 'urn:national-id-mediator:event-kind', code: 'birth' }] },
    authoredOn: '1970-01-01T00:00:00.000Z',
    lastModified: '1970-01-01T00:01:00.000Z',
  });
  expect((await stage.ask('GET', '/fhir/Task/event-1')).body).toMatchObject({
    status: 'on-hold',
    statusReason: { coding: [{ code: 'outcome_unknown' }] },
  });
  expect(await stage.refusal('GET', '/fhir/Task/none')).toMatchObject({ code: 'event_unknown', status: 404 });
});
