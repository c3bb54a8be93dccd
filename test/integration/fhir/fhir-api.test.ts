import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FhirAuth, NationalIdSettings } from '../../../src/config/index.js';
import { createFhirApi } from '../../../src/fhir-api/index.js';
import type { Handler, InboundRequest, Reply } from '../../../src/http/index.js';
import { createOutboundClient, type StreamingClient } from '../../../src/outbound/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { FhirPeer } from '../../peers/fhir-peer.js';

const SHIPPED = join(import.meta.dirname, '..', '..', '..', 'config', 'mappings');
const AUTH = { kind: 'basic', username: 'mediator', password: 'secret' } as const;
const FHIR_JSON = 'application/fhir+json';
const TRANSACTION = { transactionId: '65d3c1f1a2b3c4d5e6f70809' };
const R4 = { resourceType: 'Patient', identifier: [{ system: 'urn:x', value: '1' }], name: [{ family: 'Phiri' }] };
const STU3 = {
  resourceType: 'Patient',
  identifier: [{ type: 'PASSPORT', value: 'P1' }],
  name: [{ use: 'en', given: ['Zoë', ''], family: ['Phiri'] }],
};

type WholeReply = Reply & { readonly body: Buffer };
type Api = ReturnType<typeof whole>;

let peer: FhirPeer;
let outbound: StreamingClient;
let api: Api;

/** A handler whose answers are whole, also where they are streamed. */
function whole(handler: Handler): (request: InboundRequest) => Promise<WholeReply> {
  return async (given) => {
    const reply = await handler(given);
    return { ...reply, body: reply.body instanceof Readable ? await buffer(reply.body) : Buffer.from(reply.body) };
  };
}

function createApi(mappingsDir: string, nationalId?: NationalIdSettings, auth: FhirAuth = AUTH): Api {
  const fhir = {
    baseUrl: peer.baseUrl,
    auth,
    nationalIdSystem: 'urn:national-id',
    registrationSystem: 'urn:opencrvs:registration-number',
  };
  const { handler } = createFhirApi(
    { outbound, clock: new ManualClock(), log: createMemoryLog().log, metrics: createMetrics() },
    nationalId ?? { system: 'fhir', fhir },
    {
      mappingsDir,
      maxBodyBytes: 20_000,
      timeoutMs: 2_000,
      version: '1.2.3',
      capabilities: new Set(['issue', 'deactivate'] as const),
      biometrics: 'none',
    },
  );
  return whole(handler);
}

const untranslated = (): Api => createApi(mkdtempSync(join(tmpdir(), 'mappings-')));

beforeEach(async () => {
  peer = await new FhirPeer({ auth: AUTH }).start();
  outbound = createOutboundClient({ clock: new ManualClock(), metrics: createMetrics() });
  api = untranslated();
});

afterEach(async () => {
  await outbound.close();
  await peer.stop();
});

function request(method: string, target: string, given: Partial<InboundRequest> = {}): InboundRequest {
  const [path = '', rawQuery = ''] = target.split('?');
  return {
    method,
    path,
    rawQuery,
    query: Object.fromEntries(new URLSearchParams(rawQuery)),
    headers: {},
    body: Buffer.alloc(0),
    transactionId: undefined,
    correlationId: 'c-1',
    signal: AbortSignal.timeout(10_000),
    ...given,
  };
}

const post = (target: string, body: unknown, headers: InboundRequest['headers'] = {}): InboundRequest =>
  request('POST', target, {
    headers: { 'content-type': FHIR_JSON, ...headers },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });

const read = (reply: WholeReply): Record<string, unknown> =>
  JSON.parse(reply.body.toString()) as Record<string, unknown>;

test('create, read, update, search and delete pass, with the headers of each', async () => {
  const created = await api(post('/fhir/Patient', R4));
  const { id } = read(created);
  expect(created).toMatchObject({
    status: 201,
    headers: {
      'content-type': 'application/fhir+json; charset=utf-8',
      etag: 'W/"1"',
      'last-modified': expect.any(String),
      location: `/fhir/Patient/${id}/_history/1`,
    },
  });

  expect(await api(request('GET', `/fhir/Patient/${id}`, { headers: { 'if-none-match': 'W/"1"' } }))).toMatchObject({
    status: 304,
    headers: { etag: 'W/"1"' },
  });
  const update = {
    ...post(`/fhir/Patient/${id}`, { ...R4, id, active: false }, { 'if-match': 'W/"1"' }),
    method: 'PUT',
  };
  expect(await api(update)).toMatchObject({ status: 200, headers: { etag: 'W/"2"' } });
  expect(read(await api(request('GET', `/fhir/Patient/${id}/_history/1`)))).not.toHaveProperty('active');

  const found = read(await api(request('GET', '/fhir/Patient?identifier=urn:x|1')));
  expect(found).toMatchObject({
    total: 1,
    link: [{ url: '/fhir/Patient?identifier=urn%3Ax%7C1' }],
    entry: [{ fullUrl: `/fhir/Patient/${id}` }],
  });
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from('identifier=1') };
  expect(read(await api(request('POST', '/fhir/Patient/_search', form)))).toMatchObject({ total: 1 });

  expect(await api(request('HEAD', `/fhir/Patient/${id}`))).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  expect(await api(request('DELETE', `/fhir/Patient/${id}`))).toMatchObject({ status: 204, body: Buffer.alloc(0) });
  expect(await api(request('GET', `/fhir/Patient/${id}`))).toMatchObject({ status: 410 });
});

test('a conditional create finds what is there', async () => {
  const condition = { 'if-none-exist': 'identifier=urn:x|1' };
  await api(post('/fhir/Patient', R4, condition));

  expect(await api(post('/fhir/Patient', R4, condition))).toMatchObject({ status: 200 });
  expect(peer.patients).toHaveLength(1);
});

test.each(['/fhir', '/fhir/Patient/$match'])('POST %s passes byte for byte', async (target) => {
  const body = '{ "resourceType":"Bundle",  "type": "transaction"}';
  peer.fail(() => true, { status: 200, headers: { 'content-type': FHIR_JSON }, body: '{ "resourceType" : "Bundle" }' });

  const reply = await api(post(target, body));

  expect(reply.body.toString()).toBe('{ "resourceType" : "Bundle" }');
  expect(peer.received[0]).toMatchObject({ path: target, body: Buffer.from(body) });
});

test('the query passes as it was sent', async () => {
  await api(request('GET', '/fhir/Patient?identifier=a%7Cb%2Bc&_count=1'));

  expect(peer.received[0]?.rawQuery).toBe('identifier=a%7Cb%2Bc&_count=1');
});

test('of the headers only those pass that concern the other side', async () => {
  const headers = {
    accept: 'application/json',
    'accept-language': 'fr',
    prefer: 'return=minimal',
    authorization: 'Bearer caller',
    cookie: 'session=1',
    connection: 'keep-alive, x-secret',
    'accept-encoding': 'gzip, br',
    'x-openhim-clientid': 'crvs',
    'x-forwarded-for': '10.0.0.1',
    host: 'mediator',
  };
  const answer = { 'set-cookie': 'a=b', server: 'hapi', 'x-powered-by': 'hapi', etag: 'W/"1"', 'retry-after': '1' };
  peer.fail(() => true, { status: 200, headers: { ...answer, 'content-type': FHIR_JSON }, body: '{}' });

  const reply = await api(request('GET', '/fhir/Patient/1', { headers }));

  const sent = peer.received[0]?.headers ?? {};
  expect(sent).toMatchObject({ accept: 'application/json', 'accept-language': 'fr', prefer: 'return=minimal' });
  expect(sent).toMatchObject({ 'accept-encoding': 'identity', authorization: `Basic ${btoa('mediator:secret')}` });
  for (const name of ['cookie', 'x-openhim-clientid', 'x-forwarded-for']) expect(sent).not.toHaveProperty(name);
  expect(sent['host']).not.toBe('mediator');
  expect(reply.headers).toEqual({ 'content-type': FHIR_JSON, etag: 'W/"1"', 'retry-after': '1' });
});

test('an answer that is compressed all the same comes out plain', async () => {
  const headers = { 'content-type': FHIR_JSON, 'content-encoding': 'gzip' };
  peer.fail(() => true, { status: 200, headers, body: gzipSync('{"resourceType":"Patient"}') });

  const reply = await api(request('GET', '/fhir/Patient/1'));

  expect(reply.body.toString()).toBe('{"resourceType":"Patient"}');
  expect(reply.headers).not.toHaveProperty('content-encoding');
});

test('XML passes byte for byte, save the address of the other side', async () => {
  const link = `<link><url value="${peer.baseUrl}/Patient/1"/></link>`;
  const xml = `<Bundle xmlns="http://hl7.org/fhir">${link}<system value="${peer.baseUrl}/sid"/></Bundle>`;
  peer.fail(() => true, { status: 201, headers: { 'content-type': 'application/fhir+xml' }, body: xml });
  api = createApi(SHIPPED);

  const reply = await api(post('/fhir/Patient', xml, { 'content-type': 'application/fhir+xml' }));

  expect(peer.received[0]?.body.toString()).toBe(xml);
  expect(reply.body.toString()).toBe(xml.replace(link, '<link><url value="/fhir/Patient/1"/></link>'));
});

test.each([
  { status: 404, body: { resourceType: 'OperationOutcome' } },
  { status: 412, body: { resourceType: 'OperationOutcome' } },
  { status: 500, body: { resourceType: 'OperationOutcome' } },
])('an error $status in FHIR passes', async ({ status, body }) => {
  peer.fail(() => true, { status, headers: { 'content-type': FHIR_JSON }, body: JSON.stringify(body) });

  const reply = await api(request('GET', '/fhir/Patient/1'));

  expect(reply.status).toBe(status);
  expect(read(reply)).toEqual(body);
});

test('an error without a body passes by its status', async () => {
  expect(await api(request('HEAD', '/fhir/Patient/none'))).toMatchObject({ status: 404, body: Buffer.alloc(0) });
});

const HTML = { headers: { 'content-type': 'text/html' }, body: '<h1>Canary</h1>' };
test.each([
  { name: 'our credentials refused', fault: { status: 401 }, code: 'peer_unauthorized' },
  { name: 'our account not allowed', fault: { status: 403, body: '{}' }, code: 'peer_unauthorized' },
  { name: 'a page, 404', fault: { ...HTML, status: 404 }, code: 'peer_misconfigured' },
  { name: 'a page, 400', fault: { ...HTML, status: 400 }, code: 'peer_response_invalid' },
  { name: 'a page, 502', fault: { ...HTML, status: 502 }, code: 'peer_unavailable' },
  { name: 'a page, 500', fault: { ...HTML, status: 500 }, code: 'peer_error' },
  {
    name: 'JSON that is not FHIR',
    fault: { status: 500, headers: { 'content-type': 'application/json' }, body: '{"error":"Canary"}' },
    code: 'peer_error',
  },
  {
    name: 'a redirect',
    fault: { status: 302, headers: { location: 'http://login.test' } },
    code: 'peer_misconfigured',
  },
  { name: 'a cut', fault: { kind: 'cut' as const }, code: 'peer_response_invalid' },
  { name: 'a reset', fault: { kind: 'reset' as const }, code: 'peer_unreachable' },
  { name: 'no answer', fault: { kind: 'hang' as const }, code: 'peer_timeout' },
  { name: 'too much', fault: { status: 200, body: 'x'.repeat(20_001) }, code: 'peer_response_too_large' },
  { name: 'a success that is garbage', fault: { kind: 'garbage' as const }, code: 'peer_response_invalid' },
  {
    name: 'a success that breaks off without a word',
    fault: { status: 200, headers: { 'content-type': FHIR_JSON }, body: '{"resourceType":"Patient","name":[{' },
    code: 'peer_response_invalid',
  },
  {
    name: 'a page that says JSON',
    fault: { status: 200, headers: { 'content-type': FHIR_JSON }, body: '<h1>Canary</h1>' },
    code: 'peer_response_invalid',
  },
])('$name is the error $code', async ({ fault, code }) => {
  peer.fail(() => true, fault);

  await expect(api(request('GET', '/fhir/metadata2', TRANSACTION))).rejects.toMatchObject({
    code,
    message: expect.not.stringContaining('Canary'),
  });
});

describe('client credentials', () => {
  const CLIENT = {
    kind: 'client-credentials',
    clientId: 'mediator',
    clientSecret: 'secret',
    sendIn: 'header',
  } as const;

  beforeEach(async () => {
    await peer.stop();
    peer = await new FhirPeer({ auth: CLIENT }).start();
    api = createApi(SHIPPED, undefined, { ...CLIENT, tokenUrl: peer.tokenUrl });
  });

  test('calls pass with one token; one that is refused is asked for anew, and the body sent again', async () => {
    await Promise.all([api(request('GET', '/fhir/Patient?_count=1')), api(request('GET', '/fhir/Patient?_count=1'))]);
    expect(peer.requestsTo('/token')).toHaveLength(1);

    peer.revokeTokens();
    expect(await api(post('/fhir/Patient', R4, { authorization: 'Bearer caller' }))).toMatchObject({ status: 201 });
    expect(peer.requestsTo('/token')).toHaveLength(2);
    expect(peer.patients).toHaveLength(1);
  });

  test('a server that refuses every token is asked twice, and the caller told that it is not theirs', async () => {
    peer.fail('/Patient/1', { status: 401 });
    await expect(api(request('GET', '/fhir/Patient/1'))).rejects.toMatchObject({ code: 'peer_unauthorized' });
    expect(peer.requestsTo('/Patient/1')).toHaveLength(2);
  });

  test('without a token nothing is asked', async () => {
    peer.fail('/token', { status: 503 });
    await expect(api(request('GET', '/fhir/Patient/1'))).rejects.toMatchObject({ code: 'peer_unavailable' });
    expect(peer.requestsTo('/Patient/1')).toHaveLength(0);
  });
});

test('a server that is down is an error, and after some of them not asked any more', async () => {
  await peer.stop();

  for (let call = 0; call < 5; call += 1) {
    await expect(api(request('GET', '/fhir/Patient/1'))).rejects.toMatchObject({ code: 'peer_unreachable' });
  }
  await expect(api(request('GET', '/fhir/Patient/1'))).rejects.toMatchObject({ code: 'peer_circuit_open' });
});

test('the address of the other side leaks in no header and no body', async () => {
  const location = 'http://node-7.internal/other/Patient/1';
  const body = JSON.stringify({ resourceType: 'OperationOutcome', text: { div: `see ${peer.baseUrl}/Patient/1` } });
  peer.fail(() => true, { status: 404, headers: { 'content-type': FHIR_JSON, location }, body });

  const reply = await api(request('GET', '/fhir/Patient/1'));

  expect(reply.headers).not.toHaveProperty('location');
  expect(reply.body.toString()).not.toContain(peer.baseUrl);
});

test.each(['/fhir/../admin', '/fhir//evil.test/x', '/fhir/Patient/%2e%2e'])('%s goes nowhere', async (path) => {
  await expect(api(request('GET', path))).rejects.toMatchObject({ code: 'url_invalid', status: 400 });
  expect(peer.received).toHaveLength(0);
});

test('a method that FHIR does not have is refused', async () => {
  await expect(api(request('TRACE', '/fhir/Patient/1'))).rejects.toMatchObject({ code: 'method_not_allowed' });
});

test("OpenCRVS's Patient is refused as it is, and taken and given back translated", async () => {
  expect(await api(post('/fhir/Patient', STU3))).toMatchObject({ status: 422 });

  api = createApi(SHIPPED);
  const created = await api(post('/fhir/Patient', STU3));
  expect(created.status).toBe(201);
  expect(peer.patients[0]?.name).toEqual([
    expect.objectContaining({ use: 'official', family: 'Phiri', given: ['Zoë'] }),
  ]);
  const { id } = read(created);

  const names = [{ use: 'en', given: ['Zoë'], family: ['Phiri'] }];
  const accept = { headers: { accept: 'application/fhir+json; fhirVersion=3.0' } };
  expect(read(created)).toMatchObject({ name: names });
  expect(read(await api(request('GET', `/fhir/Patient/${id}`, accept)))).toMatchObject({ name: names });
  expect(read(await api(request('GET', '/fhir/Patient?identifier=P1', accept)))).toMatchObject({
    entry: [{ fullUrl: `/fhir/Patient/${id}`, resource: { name: names } }],
  });
  expect(read(await api(request('GET', `/fhir/Patient/${id}`)))).toMatchObject({ name: [{ family: 'Phiri' }] });
  const body = Buffer.from(JSON.stringify({ ...STU3, id, name: [{ use: 'en', family: ['Banda'] }] }));
  const update = request('PUT', `/fhir/Patient/${id}`, { headers: { 'content-type': 'application/json' }, body });
  expect(read(await api(update))).toMatchObject({ name: [{ use: 'en', family: ['Banda'] }] });
});

test('bad JSON is told to the caller only where it has to be read', async () => {
  await expect(createApi(SHIPPED)(post('/fhir/Patient', '{broken'))).rejects.toMatchObject({ code: 'json_invalid' });
  expect(peer.received).toHaveLength(0);

  expect(await api(post('/fhir/Patient', '{broken'))).toMatchObject({ status: 400 });
});

test('metadata is our own and asks nobody', async () => {
  const reply = await api(request('GET', '/fhir/metadata'));

  expect(reply).toMatchObject({ status: 200, headers: { 'content-type': FHIR_JSON } });
  expect(read(reply)).toMatchObject({ resourceType: 'CapabilityStatement', date: '2024-03-01T00:00:00.000Z' });
  expect(reply.body).not.toContain('127.0.0.1');
  expect(peer.received).toHaveLength(0);
  expect(await api(request('HEAD', '/fhir/metadata'))).toMatchObject({ status: 200 });
  await expect(api(request('POST', '/fhir/metadata'))).rejects.toMatchObject({ code: 'method_not_allowed' });
});

test('in front of another system there is metadata and nothing else', async () => {
  const none = {} as Extract<NationalIdSettings, { system: 'mosip' }>['mosip'];
  api = createApi(SHIPPED, { system: 'mosip', mosip: none });

  expect(read(await api(request('GET', '/fhir/metadata')))).toMatchObject({ rest: [{ mode: 'server' }] });
  await expect(api(request('GET', '/fhir/Patient/1'))).rejects.toMatchObject({ code: 'not_supported', status: 501 });
});
