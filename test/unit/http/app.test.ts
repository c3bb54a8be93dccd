import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import type { InboundCredentials } from '../../../src/http/inbound-auth.js';
import { createApp, jsonReply, type Route } from '../../../src/http/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { envelopeFaults } from '../../peers/openhim-envelope-rules.js';

const TRANSACTION = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };
const INBOUND = { username: 'openhim', password: 'right' };

const routes: Route[] = [
  { methods: ['get'], path: '/things/:id', handler: async ({ path }) => jsonReply(200, { path }) },
  {
    methods: ['post'],
    path: '/things',
    maxBodyBytes: 64,
    contentTypes: ['application/json'],
    handler: async ({ body }) => jsonReply(200, { bytes: body.toString('utf8') }),
  },
  { methods: ['get'], path: '/guarded', guarded: true, handler: async () => jsonReply(200, {}) },
  {
    methods: ['get'],
    path: '/closed',
    rerunnable: true,
    handler: async () => {
      throw new MediatorError('store_unavailable', { retryAfterMs: 4_200 });
    },
  },
  {
    methods: ['get'],
    path: '/refused',
    rerunnable: true,
    handler: async () => {
      throw new MediatorError('payload_invalid');
    },
  },
  {
    methods: ['get'],
    path: '/broken',
    handler: async () => {
      throw new TypeError('Canary has no name');
    },
  },
];

function app(inbound: InboundCredentials | undefined = INBOUND) {
  const memory = createMemoryLog('debug');
  const deps = { clock: systemClock, log: memory.log, metrics: createMetrics() };
  return { app: createApp(deps, routes, { urn: 'urn:mediator:test', inbound, renderers: {} }), lines: memory.lines };
}

describe('what cannot be answered', () => {
  test.each([
    { name: 'an unknown route', call: { method: 'get', path: '/nowhere' }, status: 404, code: 'route_not_found' },
    { name: 'another method', call: { method: 'delete', path: '/things' }, status: 405, code: 'method_not_allowed' },
    {
      name: 'an undecodable address',
      call: { method: 'get', path: '/things/%E0%A4%A' },
      status: 400,
      code: 'url_invalid',
    },
    { name: 'a fault of our own', call: { method: 'get', path: '/broken' }, status: 500, code: 'internal_error' },
    { name: 'a closed store', call: { method: 'get', path: '/closed' }, status: 503, code: 'store_unavailable' },
  ] as const)('$name: problem+json with code and correlation id', async ({ call, status, code }) => {
    const { app: express, lines } = app();
    const response = await request(express)[call.method](call.path);
    expect(response.status).toBe(status);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({ status, code, correlationId: response.headers['x-correlation-id'] });
    expect(lines.join('\n')).toContain(response.headers['x-correlation-id']);
    expect(JSON.stringify(response.body) + lines.join('\n')).not.toContain('Canary');
  });

  test.each([
    { name: 'no content type', type: undefined, body: Buffer.from('x'), status: 415 },
    { name: 'another content type', type: 'text/plain', body: Buffer.from('x'), status: 415 },
    { name: 'too many bytes', type: 'application/json', body: Buffer.alloc(65, 'x'), status: 413 },
    {
      name: 'as many bytes as allowed',
      type: 'application/json; charset=utf-8',
      body: Buffer.alloc(64, 'x'),
      status: 200,
    },
  ])('a body with $name: $status', async ({ type, body, status }) => {
    let call = request(app().app).post('/things');
    if (type !== undefined) call = call.set('content-type', type);
    const response = await call.serialize((raw: unknown) => raw as string).send(body);
    expect(response.status).toBe(status);
  });

  test('tells when to come again', async () => {
    const response = await request(app().app).get('/closed');
    expect(response.headers['retry-after']).toBe('5');
  });
});

describe('inbound authentication', () => {
  test.each([
    { name: 'none', credentials: undefined, status: 401 },
    { name: 'a wrong password', credentials: ['openhim', 'wrong'], status: 401 },
    { name: 'the right ones', credentials: ['openhim', 'right'], status: 200 },
  ])('credentials: $name', async ({ credentials, status }) => {
    let call = request(app().app).get('/guarded');
    if (credentials !== undefined) call = call.auth(credentials[0] ?? '', credentials[1] ?? '');
    const response = await call;
    expect(response.status).toBe(status);
    expect(response.headers['www-authenticate']).toBe(
      status === 401 ? 'Basic realm="national-id-mediator"' : undefined,
    );
  });

  test('without configured credentials nobody passes, not even with empty ones', async () => {
    const memory = createMemoryLog();
    const deps = { clock: systemClock, log: memory.log, metrics: createMetrics() };
    const open = createApp(deps, routes, { urn: 'urn:mediator:test', inbound: undefined, renderers: {} });
    expect((await request(open).get('/guarded').set('authorization', 'Basic ')).status).toBe(401);
    expect((await request(open).get('/guarded').auth('', '')).status).toBe(401);
  });
});

describe('through OpenHIM', () => {
  test.each([
    { path: '/things/1', status: 200, transaction: 'Successful', asksForRerun: false },
    { path: '/nowhere', status: 404, transaction: 'Completed', asksForRerun: false },
    { path: '/guarded', status: 401, transaction: 'Completed', asksForRerun: false },
    { path: '/refused', status: 422, transaction: 'Completed', asksForRerun: false },
    { path: '/broken', status: 500, transaction: 'Failed', asksForRerun: false },
    { path: '/closed', status: 503, transaction: 'Failed', asksForRerun: true },
  ])('$path answers in a faultless envelope', async ({ path, status, transaction, asksForRerun }) => {
    const response = await request(app().app)
      .get(path)
      .set(TRANSACTION)
      .buffer(true)
      .parse((res, done) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('end', () => done(null, Buffer.concat(chunks).toString('utf8')));
      });
    const raw = response.body as string;
    expect(response.status).toBe(200);
    expect(envelopeFaults(raw, response.headers['content-type'])).toEqual([]);
    const envelope = JSON.parse(raw) as { status: string; response: { status: number }; error?: unknown };
    expect(envelope).toMatchObject({
      'x-mediator-urn': 'urn:mediator:test',
      status: transaction,
      response: { status },
    });
    expect('error' in envelope).toBe(asksForRerun);
  });
});

test.each([
  { name: 'too long', id: 'a'.repeat(2_000) },
  { name: 'words', id: 'Canary Person' },
])('a transaction id that is $name is none: nothing logs or stores it', async ({ id }) => {
  const { app: express, lines } = app();
  const response = await request(express).get('/things/1').set('x-openhim-transactionid', id);
  expect(response.type).toBe('application/json');
  expect(lines.join('\n')).not.toContain(id);
});

test("takes a caller's correlation id only when it is harmless", async () => {
  const { app: express } = app();
  const given = await request(express).get('/things/1').set('x-correlation-id', 'caller-4711-abc');
  expect(given.headers['x-correlation-id']).toBe('caller-4711-abc');
  const harmful = await request(express).get('/things/1').set('x-correlation-id', 'a name\twith more');
  expect(harmful.headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
});

describe('the credentials of a guarded route', () => {
  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const inbound = { username: 'openhim', password: 'new', previousPassword: 'old' };

  test.each([
    { name: 'the password', header: `Basic ${encode('openhim:new')}` },
    { name: 'the previous password, while it is replaced', header: `Basic ${encode('openhim:old')}` },
    { name: 'the scheme in small letters', header: `basic ${encode('openhim:new')}` },
  ])('taken: $name', async ({ header }) => {
    const response = await request(app(inbound).app).get('/guarded').set('authorization', header);
    expect(response.status).toBe(200);
  });

  test.each([
    { name: 'none', header: undefined, expected: inbound },
    { name: 'another password', header: `Basic ${encode('openhim:other')}`, expected: inbound },
    { name: 'another user', header: `Basic ${encode('root:new')}`, expected: inbound },
    { name: 'both passwords', header: `Basic ${encode('openhim:new:old')}`, expected: inbound },
    { name: 'an empty password', header: `Basic ${encode('openhim:')}`, expected: inbound },
    { name: 'no base64', header: 'Basic ?', expected: inbound },
    { name: 'nothing after the scheme', header: 'Basic', expected: inbound },
    { name: 'another scheme', header: `Bearer ${encode('openhim:new')}`, expected: inbound },
    {
      name: 'the name of an absent previous password',
      header: `Basic ${encode('openhim:undefined')}`,
      expected: INBOUND,
    },
    { name: 'the name of absent credentials', header: `Basic ${encode('undefined:undefined')}`, expected: undefined },
    {
      name: 'the client id of OpenHIM',
      header: undefined,
      expected: inbound,
      more: { 'x-openhim-clientid': 'openhim' },
    },
  ])('401 with a challenge: $name', async ({ header, expected, more = {} }) => {
    const call = request(app(expected).app).get('/guarded').set(more);
    const response = await (header === undefined ? call : call.set('authorization', header));
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Basic realm="national-id-mediator"');
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({
      status: 401,
      code: header === undefined ? 'credentials_missing' : 'credentials_invalid',
    });
  });
});
