import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { ERROR_CODES, MediatorError } from '../../../src/errors/index.js';
import { callbackRoutes } from '../../../src/intake/index.js';
import { createCallbackDoors } from '../../../src/national-id/callback-doors.js';
import {
  type AcceptCallback,
  createNationalIdSystem,
  type NationalIdSystemName,
} from '../../../src/national-id/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { createKeyPair, makeDelivery, signDelivery } from '../../peers/mosip-credential.js';
import { HUB_SECRET, mosipSettings } from '../../peers/mosip-settings.js';
import { appOver, readEnvelope, THROUGH_OPENHIM } from './doors.js';

const PATH = '/national-id/callback';
const settings = mosipSettings('http://127.0.0.1:9', {
  callbackUrl: `https://us.example${PATH}`,
  credentialKey: createKeyPair().privateKey,
});
const BODY = makeDelivery(settings.topic, 'c2VhbGVkLUNhbmFyeQ==');

/** The doors where only MOSIP is configured, which is not called itself. */
function mosipDoors() {
  const metrics = createMetrics();
  const { log } = createMemoryLog();
  const outbound = createOutboundClient({ clock: systemClock, metrics });
  const system = createNationalIdSystem(
    { outbound, clock: systemClock, log, metrics, health: createHealth(systemClock) },
    { system: 'mosip', mosip: settings },
    { dir: join(import.meta.dirname, '../../../config/mappings') },
  );
  return createCallbackDoors(() => [system]);
}

function door(refusal?: MediatorError) {
  const stored: { readonly system: NationalIdSystemName; readonly deliveryId: string; readonly body: Buffer }[] = [];
  const acceptCallback: AcceptCallback = async (system, deliveryId, rawBody) => {
    if (refusal !== undefined) throw refusal;
    stored.push({ system, deliveryId, body: Buffer.from(rawBody) });
  };
  return { stored, ...appOver(callbackRoutes({ doors: mosipDoors(), acceptCallback })) };
}

type Headers = Readonly<Record<string, string>>;

const signed = (body: Uint8Array, secret = HUB_SECRET): Headers => ({
  'content-type': 'application/json',
  'x-hub-signature': signDelivery(body, secret),
  link: `<http://hub>; rel="hub", <${settings.topic}>; rel="self"`,
});

function post(app: ReturnType<typeof door>['app'], path: string, body: Uint8Array, headers: Headers) {
  return request(app)
    .post(path)
    .set(headers)
    .serialize((raw: unknown) => raw as string)
    .send(body as Buffer);
}

describe('a delivery', () => {
  // The hub adds a slash to the address it was given (reference/mosip.md 3).
  test.each([PATH, `${PATH}/`])('at %s is stored as it came, then answered', async (path) => {
    const { app, stored, lines } = door();
    const response = await post(app, path, BODY, signed(BODY));
    expect(response.status).toBe(200);
    expect(stored).toHaveLength(1);
    expect(stored[0]?.body.equals(BODY)).toBe(true);
    expect(stored[0]?.deliveryId).toBe(JSON.parse(BODY.toString('utf8')).event.id);
    expect(lines.join('\n')).not.toContain('c2VhbGVk');
  });

  const flipped = Buffer.from(BODY);
  flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20);
  const broken = Buffer.from('{"topic":"Canary');
  const shapeless = Buffer.from('{"topic":"Canary"}');
  const json = { 'content-type': 'application/json' };

  const REFUSALS: readonly { name: string; body: Buffer; headers: Headers; status: number }[] = [
    {
      name: 'another content type',
      body: BODY,
      headers: { ...signed(BODY), 'content-type': 'text/plain' },
      status: 415,
    },
    { name: 'too many bytes', body: Buffer.alloc(10 * 1024 * 1024 + 1, 'x'), headers: json, status: 413 },
    { name: 'no signature', body: BODY, headers: json, status: 401 },
    { name: 'a signature by another key', body: BODY, headers: signed(BODY, 'other'), status: 401 },
    { name: 'one byte changed', body: flipped, headers: signed(BODY), status: 401 },
    { name: 'no body', body: Buffer.alloc(0), headers: signed(BODY), status: 401 },
    { name: 'no JSON', body: broken, headers: signed(broken), status: 400 },
    { name: 'another shape', body: shapeless, headers: signed(shapeless), status: 422 },
  ];

  test.each(REFUSALS)('with $name is refused: $status', async ({ body, headers, status }) => {
    for (const path of [PATH, `${PATH}/`]) {
      const { app, stored, lines } = door();
      const response = await post(app, path, body, headers);
      expect(response.status).toBe(status);
      expect(stored).toEqual([]);
      expect(`${response.text} ${lines.join('\n')}`).not.toContain('Canary');
    }
  });

  test('while the store is closed: 503 and when to come again, and core is asked to send it again', async () => {
    const { app } = door(new MediatorError('store_unavailable', { retryAfterMs: 5_000 }));
    const plain = await post(app, PATH, BODY, signed(BODY));
    expect(plain.status).toBe(503);
    expect(plain.headers['retry-after']).toBe('5');
    const { text, headers } = await post(app, PATH, BODY, { ...signed(BODY), ...THROUGH_OPENHIM });
    expect(readEnvelope(text, headers['content-type'])).toMatchObject({
      response: { status: 503 },
      error: { message: expect.any(String) },
    });
  });
});

describe("the hub's check of our intent", () => {
  const ask = (query: Readonly<Record<string, string>>, path = PATH) => request(door().app).get(path).query(query);
  const asking = { 'hub.mode': 'subscribe', 'hub.topic': settings.topic, 'hub.challenge': 'a+b/c=&d' };

  test.each([PATH, `${PATH}/`])('at %s: the challenge, alone', async (path) => {
    const response = await ask({ ...asking, 'hub.lease_seconds': '864000' }, path);
    expect(response.status).toBe(200);
    expect(response.type).toBe('text/plain');
    expect(response.text).toBe('a+b/c=&d');
  });

  test.each([
    { name: 'another topic', query: { ...asking, 'hub.topic': 'other/CREDENTIAL_ISSUED' }, status: 404 },
    { name: 'an end that we never asked for', query: { ...asking, 'hub.mode': 'unsubscribe' }, status: 404 },
    { name: 'an unknown mode', query: { ...asking, 'hub.mode': 'publish' }, status: 400 },
    { name: 'no challenge', query: { ...asking, 'hub.challenge': '' }, status: 400 },
    { name: 'nothing', query: {}, status: 400 },
    { name: 'a denial, which is only heard', query: { 'hub.mode': 'denied', 'hub.reason': 'x' }, status: 200 },
  ])('$name: $status', async ({ query, status }) => {
    const response = await ask(query as Record<string, string>);
    expect(response.status).toBe(status);
    expect(response.text).not.toContain('a+b/c=&d');
  });
});

test('nothing is ever answered with 410, by which a hub would end the subscription', () => {
  expect(Object.values(ERROR_CODES).map(({ status }) => status)).not.toContain(410);
});
