import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import { opencrvsMosipCallbackRoutes, opencrvsMosipRoutes } from '../../../src/intake/index.js';
import { createCallbackDoors } from '../../../src/national-id/callback-doors.js';
import { createRegistrationRequestReader } from '../../../src/opencrvs/readers/opencrvs-mosip/index.js';
import { createTokenVerifier } from '../../../src/opencrvs/token-verifier.js';
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import type { Accept, Incoming } from '../../../src/vital-events/index.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsAuthPeer } from '../../peers/opencrvs-auth-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { birthRequest, deathRequest } from '../../support/opencrvs-mosip-requests.js';
import { appOver, readEnvelope, THROUGH_OPENHIM } from '../../unit/intake/doors.js';

const MAPPINGS_DIR = join(import.meta.dirname, '../../../config/mappings');
const ACTION = { eventId: 'event-1', actionId: 'action-1' } as const;
const system = new OpenCrvsSystem();

const accepted: Incoming[] = [];
const callbacks: string[] = [];
const takeAll: Accept = async (incoming) => {
  accepted.push(incoming);
  return { id: 'event', isRepeat: false };
};
let accept = takeAll;

let auth: OpenCrvsAuthPeer;
let outbound: OutboundClient;
let doors: ReturnType<typeof appOver>;

beforeAll(async () => {
  auth = await new OpenCrvsAuthPeer(system).start();
  outbound = createOutboundClient({ clock: systemClock, metrics: createMetrics() });
  const { log } = createMemoryLog();
  const options = { authUrl: auth.url, issuer: 'opencrvs:auth-service', audience: 'opencrvs:countryconfig-user' };
  const verifier = createTokenVerifier({ outbound, clock: systemClock, log }, options);
  const reader = createRegistrationRequestReader(MAPPINGS_DIR);
  const hubDoors = createCallbackDoors(() => [new FakeNationalIdSystem()]);
  doors = appOver([
    ...opencrvsMosipRoutes({ accept: (incoming) => accept(incoming), verifier, reader }, { maxBodyBytes: 100_000 }),
    ...opencrvsMosipCallbackRoutes({ doors: hubDoors, acceptCallback: async (_system, id) => void callbacks.push(id) }),
  ]);
});

afterEach(() => {
  accepted.length = 0;
  accept = takeAll;
});

afterAll(async () => {
  await outbound.close();
  await auth.stop();
});

const register = (body: object, token = system.issueReplyToken(ACTION)) =>
  request(doors.app).post('/events/registration').set('authorization', `Bearer ${token}`).send(body);

describe('a registration', () => {
  test('of a birth is stored with the way to answer it, then answered as the old service did', async () => {
    const token = system.issueReplyToken(ACTION);
    const response = await register(birthRequest('2024B1'), token);
    expect([response.status, response.text]).toEqual([202, '{}']);
    const [incoming, ...others] = accepted;
    expect(others).toEqual([]);
    expect(incoming).toMatchObject({
      reading: { ok: true, event: { kind: 'birth', registrationNumber: '2024B1', trackingId: 'QX7T4N' } },
      reply: {
        to: { via: 'events', ...ACTION, action: 'REGISTER', registrationNumber: '2024B1', token },
        revision: ACTION.actionId,
      },
    });
    expect(JSON.parse(incoming?.raw ?? '')).toEqual(birthRequest('2024B1'));
    const lifeMs = (incoming?.reply?.before ?? 0) - system.now();
    expect(Math.abs(lifeMs - 7 * 24 * 3_600_000)).toBeLessThan(60_000);
  });

  test('of a death', async () => {
    expect((await register(deathRequest('2024D1', '4407183925'))).status).toBe(202);
    expect(accepted[0]?.reading).toMatchObject({ ok: true, event: { kind: 'death', registrationNumber: '2024D1' } });
  });

  test('from OpenCRVS 1.7 or 1.8 is answered by its record', async () => {
    const token = system.issueReplyToken({ recordId: 'record-1' });
    expect((await register(birthRequest('2024B2'), token)).status).toBe(202);
    expect(accepted[0]?.reply?.to).toEqual({ via: 'graphql', recordId: 'record-1', token });
  });

  test('through OpenHIM', async () => {
    const response = await register(birthRequest('2024B3')).set(THROUGH_OPENHIM);
    const envelope = readEnvelope(response.text, response.headers['content-type']);
    expect(envelope).toMatchObject({ status: 'Successful', response: { status: 202, body: '{}' } });
    expect(accepted[0]?.transactionId).toBe(THROUGH_OPENHIM['x-openhim-transactionid']);
  });
});

describe('nothing is stored of', () => {
  test.each([
    { name: 'a request without a token', token: undefined, status: 401, code: 'credentials_missing' },
    { name: 'a token that is none', token: 'x.y.z', status: 401, code: 'credentials_invalid' },
    {
      name: 'a token of another key',
      token: `${system.issueReplyToken(ACTION)}A`,
      status: 401,
      code: 'credentials_invalid',
    },
    { name: 'a token of no record', token: system.issueToken(), status: 401, code: 'credentials_invalid' },
  ])('$name', async ({ token, status, code }) => {
    const post = request(doors.app).post('/events/registration');
    const response = await (token === undefined ? post : post.set('authorization', `Bearer ${token}`)).send(
      birthRequest('2024B4'),
    );
    expect([response.status, response.body.code]).toEqual([status, code]);
    expect(accepted).toEqual([]);
  });

  test.each([
    { name: 'what is no JSON', type: 'application/json', body: '{', status: 400, code: 'json_invalid' },
    { name: 'what is no registration', type: 'application/json', body: '{}', status: 422, code: 'payload_invalid' },
    {
      name: 'a form',
      type: 'application/x-www-form-urlencoded',
      body: 'a=b',
      status: 415,
      code: 'media_type_unsupported',
    },
    {
      name: 'a huge body',
      type: 'application/json',
      body: `"${'x'.repeat(100_001)}"`,
      status: 413,
      code: 'body_too_large',
    },
  ])('$name', async ({ type, body, status, code }) => {
    const response = await request(doors.app)
      .post('/events/registration')
      .set({ authorization: `Bearer ${system.issueReplyToken(ACTION)}`, 'content-type': type })
      .send(body);
    expect([response.status, response.body.code]).toEqual([status, code]);
    expect(accepted).toEqual([]);
  });
});

test('a store that takes nothing is told, so that the registrar sees it', async () => {
  accept = async () => {
    throw new MediatorError('store_unavailable', { retryAfterMs: 5_000 });
  };
  const response = await register(birthRequest('2024B5'));
  expect([response.status, response.headers['retry-after']]).toEqual([503, '5']);
});

test('no personal data and no token is logged', () => {
  expect(doors.lines.length).toBeGreaterThan(0);
  for (const word of ['Thandiwe', 'Chipo', '2024/01/28', '4407183925', 'eyJ']) {
    expect(doors.lines.join('\n')).not.toContain(word);
  }
});

test("without OpenCRVS's key nobody passes", async () => {
  const reader = createRegistrationRequestReader(MAPPINGS_DIR);
  const { app } = appOver(opencrvsMosipRoutes({ accept, verifier: undefined, reader }, { maxBodyBytes: 1_000 }));
  const response = await request(app).post('/events/registration').send({});
  expect([response.status, response.body.code]).toEqual([503, 'not_configured']);
});

test.each(['/websub/callback', '/websub/callback/'])('the hub finds its callback where it was: %s', async (path) => {
  const before = callbacks.length;
  expect((await request(doors.app).post(path).send({ event: path })).status).toBe(200);
  expect((await request(doors.app).get(path)).status).toBe(200);
  expect(callbacks.length).toBe(before + 1);
});
