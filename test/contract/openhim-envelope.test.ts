import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { ERROR_CODES, type ErrorCode, MediatorError } from '../../src/errors/index.js';
import { outcomeReply } from '../../src/fhir-api/index.js';
import { createApp, jsonReply, type Route } from '../../src/http/index.js';
import { systemClock } from '../../src/runtime/index.js';
import { createMetrics } from '../../src/telemetry/index.js';
import { createMemoryLog } from '../fakes/memory-log.js';
import type { Fault } from '../peers/http-peer.js';
import { envelopeFaults } from '../peers/openhim-envelope-rules.js';
import { type RunningService, startService } from '../support/running-service.js';
import { INBOUND, startWorld, untilReady, type World } from '../support/world.js';

/**
 * Every envelope that the service can produce obeys the rules of core (openhim.md sections 0 and 4): each error code in
 * each way to render it, and each route of the whole service under everything that can go wrong with a request.
 */
const TRANSACTION = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };

interface Envelope {
  readonly status: string;
  readonly response: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
  readonly error?: { readonly message: string };
}

/** The envelope, once it was found to be a good one. */
function checked(raw: string, contentType: string | null | undefined): Envelope {
  expect(envelopeFaults(raw, contentType ?? undefined)).toEqual([]);
  return JSON.parse(raw) as Envelope;
}

describe('every error code, as each kind of route renders it', () => {
  const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
  const KINDS: readonly { readonly path: string; readonly route: Partial<Route> }[] = [
    { path: '/plain', route: {} },
    { path: '/rerunnable', route: { rerunnable: true } },
    { path: '/fhir', route: { renderError: outcomeReply } },
    { path: '/pending', route: { rerunnable: true, outlivesAnswer: true } },
  ];
  const routes: Route[] = KINDS.map(({ path, route }) => ({
    methods: ['get'],
    path: `${path}/:code`,
    handler: async (inbound) => {
      const code = inbound.path.split('/').at(-1) as ErrorCode;
      throw new MediatorError(code, { message: `Line one\nline two "${code}" – ü`, retryAfterMs: 1_500 });
    },
    ...route,
  }));
  const deps = { clock: systemClock, log: createMemoryLog().log, metrics: createMetrics() };
  const options = { urn: 'urn:mediator:test', inbound: INBOUND, renderers: {}, reportsOutcomes: true };
  const app = createApp(deps, routes, options);

  test.each(KINDS)('$path', async ({ path, route }) => {
    for (const code of CODES) {
      const { text, headers } = await request(app).get(`${path}/${code}`).set(TRANSACTION);
      const { response, error, status } = checked(text, headers['content-type']);
      const { status: http, disposition } = ERROR_CODES[code];
      expect([code, response.status]).toEqual([code, http]);
      expect([code, status]).toEqual([code, http >= 500 ? 'Failed' : 'Completed']);
      // Only what passes by itself, and only where a repeat does no harm, asks core to send the request again.
      const isAsked = route.rerunnable === true && disposition === 'retry';
      expect([code, error !== undefined]).toEqual([code, isAsked]);
    }
  });

  test.each([
    { name: 'no body', reply: { status: 204, headers: {}, body: '' } },
    { name: 'bytes', reply: { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('ü') } },
    { name: 'a redirect', reply: { status: 302, headers: { location: '/x' }, body: '' } },
    {
      name: 'headers that core stumbles over',
      reply: {
        status: 200,
        headers: { connection: 'close', date: 'now', 'set-cookie': 'a=b', 'x-split': 'a\r\nb', 'content-length': '2' },
        body: '{}',
      },
    },
    { name: 'a body without a type', reply: { status: 200, headers: {}, body: 'text' } },
  ])('a reply with $name', async ({ reply }) => {
    const route: Route = { methods: ['get'], path: '/', handler: async () => reply };
    const { text, headers } = await request(createApp(deps, [route], options))
      .get('/')
      .set(TRANSACTION);
    expect(checked(text, headers['content-type']).response.status).toBe(reply.status);
  });

  test('what is worked on after its answer is pending only where outcomes are reported', async () => {
    const route: Route = { methods: ['get'], path: '/', outlivesAnswer: true, handler: async () => jsonReply(200, {}) };
    for (const reportsOutcomes of [true, false]) {
      const { text, headers } = await request(createApp(deps, [route], { ...options, reportsOutcomes }))
        .get('/')
        .set(TRANSACTION);
      const { status } = checked(text, headers['content-type']);
      expect(status).toBe(reportsOutcomes ? 'Pending Async' : 'Successful');
    }
  });
});

interface RouteOfApp {
  readonly method: string;
  readonly path: string;
}

/** Every route that the app holds, with an address that it takes: none can be forgotten here. */
function routesOf(app: Express): RouteOfApp[] {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
  const paths = app.router.stack.flatMap(({ route }) => (route === undefined ? [] : [String(route.path)]));
  const addresses = new Set(paths.map((path) => path.replace(/\{\/\*\w+\}/, '/Patient/1').replace(/:\w+/g, '1')));
  return [...addresses].flatMap((path) => methods.map((method) => ({ method, path })));
}

const JSON_TYPE = { 'content-type': 'application/json' };
const basic = (password: string) => ({
  authorization: `Basic ${Buffer.from(`${INBOUND.username}:${password}`).toString('base64')}`,
});
const GOOD = basic(INBOUND.password);
/** Larger than every limit set below. */
const LARGE = JSON.stringify({ filler: 'x'.repeat(4_096) });

const REQUESTS: readonly { readonly name: string; readonly headers: Record<string, string>; readonly body?: string }[] =
  [
    { name: 'nothing', headers: {} },
    { name: 'wrong credentials', headers: { ...basic('wrong'), ...JSON_TYPE }, body: '{}' },
    { name: 'credentials that are none', headers: { authorization: 'Basic =', ...JSON_TYPE }, body: '{}' },
    { name: 'a token that is none', headers: { authorization: 'Bearer x.y.z', ...JSON_TYPE }, body: '{}' },
    { name: 'a wrong signature', headers: { 'x-hub-signature': 'sha1=00', ...JSON_TYPE }, body: '{}' },
    { name: 'another content type', headers: { ...GOOD, 'content-type': 'text/csv' }, body: 'a,b' },
    { name: 'no JSON', headers: { ...GOOD, ...JSON_TYPE }, body: '{"a":' },
    { name: 'JSON of another shape', headers: { ...GOOD, ...JSON_TYPE }, body: '[1]' },
    { name: 'FHIR of another shape', headers: { ...GOOD, 'content-type': 'application/fhir+json' }, body: '{"a":1}' },
    { name: 'too much', headers: { ...GOOD, ...JSON_TYPE }, body: LARGE },
    { name: 'an unknown encoding', headers: { ...GOOD, ...JSON_TYPE, 'content-encoding': 'x' }, body: '{}' },
  ];

/** Ways in which the FHIR server behind the mediator fails. */
const UPSTREAM: readonly { readonly name: string; readonly fault: Fault }[] = [
  { name: 'reset', fault: { kind: 'reset' } },
  { name: 'cut', fault: { kind: 'cut' } },
  { name: 'garbage', fault: { kind: 'garbage' } },
  { name: '401', fault: { status: 401, body: 'no' } },
  { name: '404 of a web server', fault: { status: 404, headers: { 'content-type': 'text/html' }, body: '<p>' } },
  { name: '429', fault: { status: 429, headers: { 'retry-after': '7' } } },
  { name: '500', fault: { status: 500, body: 'Canary' } },
  { name: '503', fault: { status: 503 } },
  { name: '302', fault: { status: 302, headers: { location: 'http://elsewhere/' } } },
  { name: '204', fault: { status: 204 } },
  {
    name: 'a cookie',
    fault: { status: 200, headers: { 'set-cookie': ['a=b'], 'content-type': 'text/plain' }, body: '' },
  },
];

const SYSTEMS = ['mosip', 'fhir'] as const;

describe.each(SYSTEMS)('the whole service with %s behind', (system) => {
  let world: World;
  let running: RunningService;

  beforeAll(async () => {
    world = await startWorld();
    running = await startService(
      world,
      {
        ...(system === 'fhir' ? world.fhirEnvironment : {}),
        OPENHIM_REPORT_OUTCOME: 'true',
        OPENCRVS_NOTIFICATION_URL: 'http://127.0.0.1:9',
        WEBHOOK_MAX_BODY_BYTES: '2048',
        FHIR_MAX_BODY_BYTES: '2048',
      },
      // Every fault is to reach us: no breaker answers in its stead.
      { callTimeoutMs: 300, breaker: { failures: 10_000, firstPauseMs: 1, longestPauseMs: 1 } },
    );
    await untilReady(world.port);
  }, 60_000);
  afterAll(async () => {
    await running.service.stop();
    await world.stop();
  });

  async function ask(path: string, init: RequestInit): Promise<Envelope> {
    const response = await fetch(`http://127.0.0.1:${world.port}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { ...TRANSACTION, ...(init.headers as Record<string, string>) },
    });
    return checked(await response.text(), response.headers.get('content-type'));
  }

  test('has the routes that are to be looked at', () => {
    const paths = new Set(routesOf(running.service.app).map(({ path }) => path));
    expect([...paths]).toEqual(
      expect.arrayContaining(['/health/ready', '/metrics', '/opencrvs/webhooks', '/fhir/Patient/1', '/verify']),
    );
    if (system === 'mosip') expect(paths).toContain('/national-id/callback');
  });

  test.each(REQUESTS)('every route and method, asked with $name', async ({ headers, body }) => {
    for (const { method, path } of routesOf(running.service.app)) {
      const isSent = body !== undefined && method !== 'GET';
      const { response } = await ask(path, { method, headers, ...(isSent ? { body } : {}) });
      const isOpen = method === 'GET' && /^\/(health|metrics|openapi)/.test(path);
      if (!isOpen && headers['authorization'] !== GOOD.authorization) {
        expect([method, path, response.status >= 400]).toEqual([method, path, true]);
      }
    }
  });

  test.each(['/nowhere', '/fhir/%E0%A4%A', '/opencrvs/webhooks/%', '/fhirx', '/'])(
    'an address that is none: %s',
    async (path) => {
      expect((await ask(path, { headers: GOOD })).response.status).toBeGreaterThanOrEqual(400);
    },
  );

  if (system === 'fhir') {
    test.each(UPSTREAM)(
      'the FHIR server fails: $name',
      async ({ fault }) => {
        world.fhir.fail(() => true, fault);
        try {
          for (const path of [
            '/fhir/Patient/1',
            '/fhir/metadata',
            '/fhir/Patient?identifier=a|b',
            '/fhir/Observation',
          ]) {
            await ask(path, { headers: GOOD });
          }
          const patient = JSON.stringify({ resourceType: 'Patient' });
          await ask('/fhir/Patient', {
            method: 'POST',
            headers: { ...GOOD, 'content-type': 'application/fhir+json' },
            body: patient,
          });
        } finally {
          world.fhir.heal();
        }
      },
      60_000,
    );
  }

  test('nothing was answered with a fault of our own', () => {
    expect(running.lines.filter((line) => line.includes('"internal_error"'))).toEqual([]);
  });
});
