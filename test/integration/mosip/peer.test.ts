import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createKeyPair } from '../../peers/mosip-credential.js';
import { MOSIP_ACCOUNTS, MosipPeer } from '../../peers/mosip-peer.js';
import { mosipSettings } from '../../peers/mosip-settings.js';

/** The peer is worth something only while it refuses what MOSIP refuses. */
let mosip: MosipPeer;
let token: string;
const keys = createKeyPair();
const Envelope = z.looseObject({ errors: z.array(z.object({ errorCode: z.string() })).nullish() });
const NOW = '2024-03-01T00:00:00.000Z';

beforeAll(async () => {
  mosip = await new MosipPeer({ credentialKey: keys.publicKey }).start();
});
afterAll(() => mosip.stop());
beforeEach(async () => {
  token = await login(MOSIP_ACCOUNTS.packetClient);
});

const settings = () => mosipSettings(mosip.url, { callbackUrl: 'http://127.0.0.1:9/cb', credentialKey: '' });

async function login(client: { id: string; secret: string }): Promise<string> {
  const response = await fetch(settings().authUrl, {
    method: 'POST',
    body: JSON.stringify({
      id: 'x',
      version: 'v1',
      requesttime: NOW,
      request: { clientId: client.id, secretKey: client.secret, appId: MOSIP_ACCOUNTS.appId },
    }),
  });
  return response.headers.get('authorization') ?? '';
}

function packet(changes: Record<string, unknown> = {}) {
  return {
    id: 'rid-1',
    refId: '10001_20042',
    offlineMode: false,
    process: 'CRVS_NEW',
    source: 'OPENCRVS',
    schemaVersion: '0.100',
    schemaJson: settings().schemaJson,
    fields: { fullName: '[]', gender: '[]', dateOfBirth: '2024/01/28', addressLine1: '[]' },
    metaInfo: {},
    audits: [{ uuid: '1' }],
    ...changes,
  };
}

async function send(method: string, url: string, request: unknown, cookie: string, id = 'x') {
  const body = JSON.stringify({ id, version: 'v1', requesttime: NOW, request });
  const response = await fetch(url, { method, headers: { cookie }, body });
  return { status: response.status, body: Envelope.parse(await response.json()) };
}

const createPacket = (request: unknown, cookie = `Authorization=${token}`) =>
  send('PUT', settings().packetManagerUrl, request, cookie);

const startWorkflow = (changes: Record<string, unknown>) =>
  send(
    'POST',
    settings().workflowUrl,
    {
      registrationId: 'rid-1',
      process: 'CRVS_NEW',
      source: 'OPENCRVS',
      additionalInfoReqId: '',
      notificationInfo: { name: '', phone: '', email: '' },
      ...changes,
    },
    `Authorization=${token}`,
    'mosip.registration.processor.workflow.instance',
  );

test.each([
  { name: 'none', cookie: () => '' },
  { name: 'a semicolon at the end', cookie: () => `Authorization=${token};` },
  { name: 'another cookie beside it', cookie: () => `a=b; Authorization=${token}` },
  { name: 'a made-up token', cookie: () => 'Authorization=a.b.c' },
])('services refuse the cookie: $name', async ({ cookie }) => {
  expect((await createPacket(packet(), cookie())).status).toBe(401);
});

test('services refuse a client without the role, and revoked tokens', async () => {
  const foreign = await login(MOSIP_ACCOUNTS.websubClient);
  expect((await createPacket(packet(), `Authorization=${foreign}`)).status).toBe(401);
  mosip.auth.revokeTokens();
  expect((await createPacket(packet())).status).toBe(401);
});

test('tokens end with their life', async () => {
  const shortLived = await new MosipPeer({ credentialKey: keys.publicKey, tokenLifeSeconds: 0 }).start();
  const issued = shortLived.auth.authenticate({
    method: 'POST',
    path: '',
    query: new URLSearchParams(),
    rawQuery: '',
    headers: {},
    body: Buffer.from(
      JSON.stringify({
        id: 'x',
        version: 'v1',
        requesttime: NOW,
        request: {
          clientId: MOSIP_ACCOUNTS.packetClient.id,
          secretKey: MOSIP_ACCOUNTS.packetClient.secret,
          appId: 'admin',
        },
      }),
    ),
  });
  expect(shortLived.auth.clientOf(String(issued.headers?.['authorization']), 'ONLINE_REGISTRATION_CLIENT')).toBe(
    undefined,
  );
  await shortLived.stop();
});

test.each([
  { name: 'unknown process', request: { process: 'NEW' }, answer: { errors: [{ errorCode: 'KER-PUT-006' }] } },
  { name: 'unknown source', request: { source: 'X' }, answer: { errors: [{ errorCode: 'KER-PUT-006' }] } },
  { name: 'no audit', request: { audits: [] }, answer: { response: null, errors: [] } },
  { name: 'a schema that is no JSON', request: { schemaJson: '{' }, answer: { response: null, errors: [] } },
  { name: 'a version that is no number', request: { schemaVersion: 'one' }, answer: { response: null, errors: [] } },
])('the packet manager answers 200 without a packet: $name', async ({ request, answer }) => {
  const { status, body } = await createPacket(packet({ id: 'rid-bad', ...request }));
  expect(status).toBe(200);
  expect(body).toMatchObject(answer);
  expect(mosip.processor.packets.has('rid-bad')).toBe(false);
});

test.each([
  { name: 'a field that is no text', request: { fields: { fullName: [] } } },
  { name: 'no reference id', request: { refId: undefined } },
  { name: 'no meta information', request: { metaInfo: undefined } },
])('the packet manager cannot read: $name', async ({ request }) => {
  expect((await createPacket(packet(request))).status).toBe(400);
});

test('the packet manager reads a document beside the fields, and a field that is one nowhere else', async () => {
  const schema = JSON.parse(settings().schemaJson);
  const proof = { fieldCategory: 'optional', $ref: '#/definitions/documentType' };
  Object.assign(schema.properties.identity.properties, { proofOfIdentity: proof, proofOfAddress: proof });
  const document = { document: 'c2Nhbg==', type: 'PASSPORT', format: 'pdf' };
  const fields = { ...packet().fields, proofOfAddress: JSON.stringify(document) };
  const documents = { proofOfIdentity: document, fullName: document };
  await createPacket(packet({ id: 'rid-doc', schemaJson: JSON.stringify(schema), fields, documents }));
  const { fields: kept, documents: read } = mosip.processor.packets.get('rid-doc') ?? {};
  expect({ kept, read }).toEqual({ kept: packet().fields, read: { proofOfIdentity: document } });
  const bare = { document: 'no base64', type: 'PASSPORT', format: 'pdf' };
  expect((await createPacket(packet({ documents: { proofOfIdentity: bare } }))).status).toBe(400);
});

test('workflows: packet first, same process, once', async () => {
  expect((await startWorkflow({ registrationId: 'rid-2' })).body.errors?.[0]?.errorCode).toBe('RPR-WIN-001');
  await createPacket(packet({ id: 'rid-2' }));
  expect((await startWorkflow({ registrationId: 'rid-2', process: 'CRVS_DEATH' })).body.errors?.[0]?.errorCode).toBe(
    'RPR-WIN-001',
  );
  expect((await startWorkflow({ registrationId: 'rid-2', notificationInfo: {} })).body.errors?.[0]?.errorCode).toBe(
    'RPR-WIN-000',
  );
  expect((await startWorkflow({ registrationId: 'rid-2' })).body).toMatchObject({ errors: null });
  expect((await startWorkflow({ registrationId: 'rid-2' })).body.errors?.[0]?.errorCode).toBe('RPR-WIS-001');
});

test.each([
  { name: 'a required field is missing', fields: { fullName: undefined } },
  { name: 'a date of another form', fields: { dateOfBirth: '2024-01-28' } },
  { name: 'a value that begins like JSON and is none', fields: { addressLine1: '[broken' } },
])('a registration is rejected later, and nobody is told: $name', async ({ name, fields }) => {
  const request = packet({ id: name });
  await createPacket({ ...request, fields: { ...request.fields, ...fields } });
  await startWorkflow({ registrationId: name });
  await mosip.until(() => mosip.processor.rejected.has(name));
  expect(mosip.issued.has(name)).toBe(false);
});

test.each([
  { name: 'a death of nobody', process: 'CRVS_DEATH', fields: { deathDeclared: 'yes' } },
  { name: 'an update of nobody', process: 'CRVS_UPDATE', fields: { fullName: '[]' } },
  { name: 'an update of an unknown person', process: 'CRVS_UPDATE', fields: { VID: '1' } },
])('$name is rejected later', async ({ name, process, fields }) => {
  await createPacket(packet({ id: name, process, fields }));
  await startWorkflow({ registrationId: name, process });
  await mosip.until(() => mosip.processor.rejected.has(name));
});

test('an update of somebody whose identity has ended is rejected', async () => {
  const { vid: VID, uin: nationalIdNumber } = mosip.processor.identities.make({});
  for (const [id, process, fields] of [
    ['end', 'CRVS_DEATH', { nationalIdNumber, deathDeclared: 'yes' }],
    ['late', 'CRVS_UPDATE', { VID }],
  ] as const) {
    await createPacket(packet({ id, process, fields }));
    await startWorkflow({ registrationId: id, process });
  }
  await mosip.until(() => mosip.processor.rejected.get('late') === 'IDR-IDC-007');
  expect(mosip.issued.get('end')).toEqual({ kind: 'death', count: 1 });
});

test.each([
  { name: 'a semicolon behind the token', cookie: (value: string) => `Authorization=${value};` },
  { name: 'the token in the Authorization header', cookie: () => '' },
])('the hub denies with 200: $name', async ({ cookie }) => {
  const value = await login(MOSIP_ACCOUNTS.websubClient);
  const response = await fetch(settings().hubUrl, {
    method: 'POST',
    headers: { cookie: cookie(value), authorization: value },
    body: new URLSearchParams({
      'hub.mode': 'subscribe',
      'hub.topic': MOSIP_ACCOUNTS.topic,
      'hub.callback': 'http://127.0.0.1:9/cb',
      'hub.secret': 's',
    }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).toContain('hub.mode=denied');
});

describe('VIDs', () => {
  const base = () => `${mosip.url}/idrepository/v1/vid`;
  const cookie = () => `Authorization=${token}`;
  const person = () => mosip.processor.identities.make({});
  const codeOf = async (reply: ReturnType<typeof send>) => (await reply).body.errors?.[0]?.errorCode;

  const read = async (vid: string) => {
    const response = await fetch(`${base()}/${vid}`, { headers: { cookie: cookie() } });
    return Envelope.parse(await response.json());
  };
  const update = (vid: string, vidStatus: string, id = 'mosip.vid.update') =>
    send('PATCH', `${base()}/${vid}`, { vidStatus }, cookie(), id);
  const changeAll = (verb: 'deactivate' | 'reactivate', UIN: string, id = `mosip.vid.${verb}`) =>
    send('POST', `${base()}/${verb}`, { UIN }, cookie(), id);

  test('of an active one the UIN is told, and of no other', async () => {
    const { vid, uin } = person();
    expect(await read(vid)).toMatchObject({ response: { UIN: uin }, errors: [] });
    expect((await update(vid, 'REVOKED')).body).toMatchObject({ response: { vidStatus: 'REVOKED' } });
    expect(await read(vid)).toMatchObject({ errors: [{ errorCode: 'IDR-VID-001' }] });
    expect(await codeOf(update(vid, 'ACTIVE'))).toBe('IDR-VID-001');
    const other = person();
    mosip.processor.identities.setStatus(other, 'DEACTIVATED');
    expect(await read(other.vid)).toMatchObject({ errors: [{ errorCode: 'IDR-VID-004' }] });
    expect(await read('4'.repeat(16))).toMatchObject({ errors: [{ errorCode: 'IDR-IDC-007' }] });
    expect(await read('4')).toMatchObject({ errors: [{ errorCode: 'IDR-IDC-002' }] });
  });

  test('all of a person are deactivated and given back, and where there is nothing to do it says so', async () => {
    const { vid, uin } = person();
    expect(await codeOf(changeAll('reactivate', uin))).toBe('IDR-IDC-007');
    expect((await changeAll('deactivate', uin)).body).toMatchObject({ response: { vidStatus: 'DEACTIVATED' } });
    expect(await codeOf(changeAll('deactivate', uin))).toBe('IDR-IDC-007');
    expect(await read(vid)).toMatchObject({ errors: [{ errorCode: 'IDR-VID-001' }] });
    expect((await changeAll('reactivate', uin)).body).toMatchObject({ response: { vidStatus: 'ACTIVE' } });
    expect(await read(vid)).toMatchObject({ response: { UIN: uin } });
  });

  test.each([
    { name: 'another request id', ask: ({ uin }: { uin: string }) => changeAll('deactivate', uin, 'mosip.vid.update') },
    { name: 'a VID for a UIN', ask: ({ vid }: { vid: string }) => changeAll('deactivate', vid) },
    { name: 'a status that it has not', ask: ({ vid }: { vid: string }) => update(vid, 'GONE') },
  ])('refused: $name', async ({ ask }) => {
    expect(await codeOf(ask(person()))).toBe('IDR-IDC-002');
  });

  test('a client without the role is refused', async () => {
    token = await login(MOSIP_ACCOUNTS.websubClient);
    expect((await changeAll('deactivate', person().uin)).status).toBe(401);
  });
});
