import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ENVELOPE_CONTENT_TYPE, toEnvelope } from '../../../src/openhim/index.js';
import { HttpPeer, type PeerReply } from '../../peers/http-peer.js';
import type { ChannelDoc } from '../../peers/openhim-core-rules.js';
import { OpenHimRouterPeer } from '../../peers/openhim-router-peer.js';
import type { Transaction } from '../../peers/openhim-transaction.js';

/** A mediator that answers what it is told to. */
class MediatorStub extends HttpPeer {
  reply: PeerReply = { status: 200, headers: { 'content-type': 'text/plain' }, body: 'hello' };

  protected override answer(): PeerReply {
    return this.reply;
  }
}

const AT = '2024-03-01T00:00:00.000Z';
const INBOUND = { username: 'openhim', password: 'inbound' };
const CALL = { name: 'search', request: { timestamp: AT }, response: { status: 200, timestamp: AT } };
const RESPONSE = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"a":1}', timestamp: AT };
const ENVELOPE = {
  'x-mediator-urn': 'urn:mediator:x',
  status: 'Successful',
  response: RESPONSE,
  orchestrations: [CALL],
};

let mediator: MediatorStub;
let router: OpenHimRouterPeer;
let channels: ChannelDoc[];

function channel(change: Partial<ChannelDoc>): ChannelDoc {
  const route = { name: 'route', type: 'http', status: 'enabled', primary: true, forwardAuthHeader: false } as const;
  return {
    name: 'fhir',
    urlPattern: '^/fhir',
    type: 'http',
    methods: ['GET', 'POST', 'DELETE'],
    allow: ['fhir'],
    authType: 'private',
    routes: [{ ...route, ...INBOUND }],
    status: 'enabled',
    autoRetryEnabled: true,
    autoRetryPeriodMinutes: 1,
    ...change,
  };
}

beforeEach(async () => {
  mediator = await new MediatorStub().start();
  const { hostname, port } = new URL(mediator.url);
  channels = [
    channel({}),
    channel({ name: 'callback', urlPattern: '^/callback', authType: 'public', allow: [], requestBody: false }),
    channel({ name: 'dead', urlPattern: '^/dead', methods: [] }),
  ];
  router = await new OpenHimRouterPeer({
    channels: () => channels,
    clients: [
      { id: 'crvs', password: 'pw', roles: ['fhir'] },
      { id: 'other', password: 'pw', roles: [] },
    ],
    routeTo: { host: hostname, port: Number(port) },
  }).start();
});
afterEach(async () => {
  await router.stop();
  await mediator.stop();
});

const basic = (credentials: string) => ({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });

async function call(path: string, init: RequestInit = {}, credentials = 'crvs:pw') {
  const headers = { ...(credentials === '' ? {} : basic(credentials)), ...init.headers };
  const response = await fetch(`${router.url}${path}`, { redirect: 'manual', ...init, headers });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

function answerWith(envelope: unknown, headers: Record<string, string> = {}): void {
  const body = typeof envelope === 'string' ? envelope : JSON.stringify(envelope);
  mediator.reply = { status: 200, headers: { 'content-type': ENVELOPE_CONTENT_TYPE, ...headers }, body };
}

function lastTransaction(): Transaction {
  const last = router.transactions.at(-1);
  if (last === undefined) throw new Error('no transaction');
  return last;
}

test.each([
  { name: 'no channel', path: '/nothing', credentials: 'crvs:pw', status: 404 },
  { name: 'a channel without methods', path: '/dead', credentials: 'crvs:pw', status: 404 },
  { name: 'no credentials', path: '/fhir', credentials: 'none', status: 401 },
  { name: 'a wrong password', path: '/fhir', credentials: 'crvs:no', status: 401 },
  { name: 'a client that the channel does not let in', path: '/fhir', credentials: 'other:pw', status: 401 },
])("$name: $status with the caller's own body", async ({ path, credentials, status }) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await call(path, { method: 'POST', headers, body: 'mine' }, credentials);
  expect(answer).toMatchObject({ status, body: 'mine' });
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  expect(mediator.received).toEqual([]);
});

test('a wrong method is not found', async () => {
  expect(await call('/fhir', { method: 'PUT', body: 'x' })).toMatchObject({ status: 404 });
});

test('forwards path, query, body and headers, with its own identity headers and the credentials of the route', async () => {
  const headers = { 'x-correlation-id': 'c1', 'x-openhim-transactionid': 'forged', 'x-forwarded-for': '9.9.9.9' };
  const { headers: answered } = await call('/fhir/Patient?identifier=a|b', { method: 'POST', body: '{}', headers });
  const [received] = mediator.received;
  expect(received).toMatchObject({ method: 'POST', path: '/fhir/Patient', rawQuery: 'identifier=a|b' });
  expect(received?.body.toString()).toBe('{}');
  expect(received?.headers).toMatchObject({
    'x-correlation-id': 'c1',
    'x-openhim-transactionid': lastTransaction().id,
    'x-openhim-clientid': 'crvs',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': new URL(router.url).host,
    ...basic('openhim:inbound'),
  });
  expect(lastTransaction().id).toMatch(/^[0-9a-f]{24}$/);
  expect(answered.get('x-openhim-transactionid')).toBe(lastTransaction().id);
});

test('a public channel asks nothing, and believes a client id that it was sent', async () => {
  await call('/callback', { headers: { 'x-openhim-clientid': 'forged' } }, '');
  expect(mediator.received[0]?.headers['x-openhim-clientid']).toBe('forged');
});

test('a DELETE with a body never reaches its end: core does not send the body', async () => {
  channels = [channel({ timeout: 100 })];
  expect(await call('/fhir', { method: 'DELETE', body: 'x' })).toMatchObject({ status: 500 });
  expect(lastTransaction()).toMatchObject({ status: 'Failed', autoRetry: true });
});

test('what we answer passes without fault and is stored', async () => {
  const reply = { status: 200, headers: { 'content-type': 'application/fhir+json', etag: '"1"' }, body: '{"a":1}' };
  answerWith(toEnvelope({ urn: 'urn:mediator:x', reply, calls: [], respondedAt: AT }));
  const answer = await call('/fhir');
  expect(answer).toMatchObject({ status: 200, body: '{"a":1}' });
  expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  expect(answer.headers.get('etag')).toBe('"1"');
  expect(lastTransaction()).toMatchObject({
    status: 'Successful',
    response: { status: 200, body: '{"a":1}' },
    autoRetry: false,
    faults: [],
  });
});

test('core keeps all that went over the wire, whatever the channel says', async () => {
  channels = [channel({ requestBody: false, responseBody: false })];
  answerWith(ENVELOPE);
  await call('/fhir', { method: 'POST', body: 'personal' });
  const { request, response, orchestrations } = lastTransaction();
  expect([request.body, response?.body]).toEqual(['', '']);
  expect(orchestrations).toEqual([
    CALL,
    expect.objectContaining({
      name: 'route',
      request: expect.objectContaining({ body: 'personal' }),
      response: expect.objectContaining({ body: JSON.stringify(ENVELOPE) }),
    }),
  ]);
});

test('an error in the envelope queues a rerun, whatever the status', async () => {
  answerWith({ ...ENVELOPE, error: { message: 'later' } });
  expect(await call('/fhir')).toMatchObject({ status: 200 });
  expect(lastTransaction()).toMatchObject({ status: 'Successful', autoRetry: true, error: { message: 'later' } });
  answerWith({ ...ENVELOPE, status: 'Failed', response: { ...RESPONSE, status: 503 } });
  expect(await call('/fhir')).toMatchObject({ status: 503 });
  expect(lastTransaction()).toMatchObject({ status: 'Failed', autoRetry: false });
});

const SERVER_ERROR = 'An internal server error occurred';

test.each([
  { name: 'broken JSON', envelope: '{', client: [500, SERVER_ERROR], status: 'Failed', autoRetry: true },
  {
    name: 'no response',
    envelope: { status: 'Successful' },
    client: [500, SERVER_ERROR],
    status: 'Successful',
    autoRetry: true,
  },
  {
    name: 'no HTTP status',
    envelope: { ...ENVELOPE, response: { ...RESPONSE, status: 42 } },
    client: [500, SERVER_ERROR],
    status: 'Successful',
    autoRetry: true,
  },
  {
    name: 'a header with a line break',
    envelope: { ...ENVELOPE, response: { ...RESPONSE, headers: { a: 'b\nc' } } },
    client: [500, SERVER_ERROR],
    status: 'Successful',
    autoRetry: true,
  },
  {
    name: 'a cookie as text',
    envelope: { ...ENVELOPE, response: { ...RESPONSE, headers: { 'set-cookie': 'a=b' } } },
    client: [500, SERVER_ERROR],
    status: 'Successful',
    autoRetry: true,
  },
  {
    name: 'a null body',
    envelope: { ...ENVELOPE, status: 'Failed', response: { ...RESPONSE, status: 500, body: null } },
    client: [204, ''],
    status: 'Failed',
    autoRetry: false,
  },
  {
    name: 'orchestrations that are no array',
    envelope: { ...ENVELOPE, orchestrations: {} },
    client: [500, 'Internal Server Error'],
    status: 'Successful',
    autoRetry: false,
  },
  {
    name: 'an orchestration with an object as body',
    envelope: { ...ENVELOPE, orchestrations: [{ ...CALL, request: { timestamp: AT, body: {} } }] },
    client: [500, 'Internal Server Error'],
    status: 'Successful',
    autoRetry: false,
  },
])('$name: what the client gets and core stores', async ({ envelope, client, status, autoRetry }) => {
  answerWith(envelope);
  const answer = await call('/fhir');
  expect([answer.status, answer.body]).toEqual(client);
  expect(lastTransaction()).toMatchObject({ status, autoRetry });
  expect(lastTransaction().faults).not.toEqual([]);
});

test.each([
  { name: 'an orchestration without name', envelope: { ...ENVELOPE, orchestrations: [{ ...CALL, name: undefined }] } },
  { name: 'an orchestration without time', envelope: { ...ENVELOPE, orchestrations: [{ ...CALL, request: {} }] } },
  { name: 'a time that is none', envelope: { ...ENVELOPE, response: { ...RESPONSE, timestamp: 'noon' } } },
])('$name: the client has its answer, core stores none', async ({ envelope }) => {
  answerWith(envelope);
  expect(await call('/fhir')).toMatchObject({ status: 200, body: '{"a":1}' });
  expect(lastTransaction()).toMatchObject({ status: 'Successful', response: undefined, orchestrations: [] });
});

test.each([
  {
    name: 'an orchestration without request',
    envelope: { ...ENVELOPE, orchestrations: [{ name: 'search' }] },
    headers: {},
  },
  { name: 'a broken gzip body', envelope: 'x', headers: { 'content-encoding': 'gzip' } },
])('$name kills the worker of core', async ({ envelope, headers }) => {
  answerWith(envelope, headers);
  await expect(call('/fhir')).rejects.toThrow();
  expect(lastTransaction().status).toBe('Processing');
});

test.each([
  { encoding: 'gzip', compress: gzipSync, status: 200 },
  { encoding: 'br', compress: brotliCompressSync, status: 500 },
])('an envelope in $encoding: $status', async ({ encoding, compress, status }) => {
  const headers = { 'content-type': ENVELOPE_CONTENT_TYPE, 'content-encoding': encoding };
  mediator.reply = { status: 200, headers, body: compress(JSON.stringify(ENVELOPE)) };
  expect(await call('/fhir')).toMatchObject({ status });
});

test('a response without content type or headers is bytes without a transaction id', async () => {
  answerWith({ ...ENVELOPE, response: { status: 200, body: 'x', timestamp: AT } });
  const { headers } = await call('/fhir');
  expect([headers.get('content-type'), headers.get('x-openhim-transactionid')]).toEqual([
    'application/octet-stream',
    null,
  ]);
});

test.each([
  { type: 'application/json', sent: 'application/json; charset=utf-8' },
  { type: 'application/fhir+xml', sent: 'application/fhir+xml; charset=utf-8' },
  { type: 'text/html', sent: 'text/html; charset=utf-8' },
  { type: 'text/plain; charset=utf-8', sent: 'text/plain; charset=utf-8' },
  { type: 'application/problem+json', sent: 'application/problem+json' },
])('$type is sent and stored as $sent', async ({ type, sent }) => {
  answerWith({ ...ENVELOPE, response: { ...RESPONSE, headers: { 'content-type': type } } });
  expect((await call('/fhir')).headers.get('content-type')).toBe(sent);
  expect(lastTransaction().response?.headers).toMatchObject({ 'content-type': sent });
});

test('an answer without a body has no content type', async () => {
  answerWith({ ...ENVELOPE, response: { ...RESPONSE, status: 204, body: '' } });
  const answer = await call('/fhir');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([204, null]);
});

test('a redirect loses its body', async () => {
  const headers = { location: 'https://x.test/', 'content-type': 'application/json' };
  answerWith({ ...ENVELOPE, response: { ...RESPONSE, status: 302, headers } });
  expect(await call('/fhir')).toMatchObject({
    status: 302,
    body: 'Redirecting to <a href="https://x.test/">https://x.test/</a>.',
  });
});

test.each([
  { status: 200, stored: 'Successful' },
  { status: 301, stored: 'Completed' },
  { status: 404, stored: 'Completed' },
  { status: 503, stored: 'Failed' },
])('a plain $status is stored as $stored and never retried', async ({ status, stored }) => {
  mediator.reply = { status, headers: { 'content-type': 'text/plain' }, body: 'x' };
  expect(await call('/fhir')).toMatchObject({ status });
  expect(lastTransaction()).toMatchObject({ status: stored, autoRetry: false });
});

test('a mediator that is away fails the transaction, which is retried until it is back', async () => {
  await mediator.stop();
  expect(await call('/fhir', { method: 'POST', body: 'event' })).toMatchObject({ status: 500, body: SERVER_ERROR });
  const original = lastTransaction();
  expect(await router.retryQueued()).toMatchObject([{ status: 'Failed', parentId: original.id }]);
  await mediator.start();
  const [retried] = await router.retryQueued();
  expect(retried).toMatchObject({ status: 'Successful', parentId: original.childIds[0] });
  expect(mediator.received[0]?.headers).toMatchObject({
    parentid: original.childIds[0],
    taskid: expect.stringMatching(/^[0-9a-f]{24}$/),
    'x-openhim-transactionid': retried?.id,
    'x-openhim-clientid': 'crvs',
  });
  expect(mediator.received[0]?.body.toString()).toBe('event');
  expect(await router.retryQueued()).toEqual([]);
});

test('a POST whose body is not stored cannot be rerun; a GET can', async () => {
  await call('/callback', { method: 'POST', body: 'x' });
  await expect(router.rerun(lastTransaction().id)).rejects.toThrow('cannot be rerun');
  await call('/callback');
  expect(await router.rerun(lastTransaction().id)).toMatchObject({ status: 'Successful' });
});
