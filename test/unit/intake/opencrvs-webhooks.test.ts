import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import { webhookRoutes } from '../../../src/intake/index.js';
import { signWebhook } from '../../../src/opencrvs/index.js';
import type { Incoming } from '../../../src/vital-events/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { fixture } from '../../support/fixtures.js';
import { appOver, readEnvelope, THROUGH_OPENHIM } from './doors.js';

const PATH = '/opencrvs/webhooks';
const SECRET = '11111111-2222-4333-8444-555555555555';
const EVENT_ID = '0b3c8f6e-5a53-4f8e-9d2f-2f7b8f0e6a11';
const MAX_BODY_BYTES = 64 * 1024;

const BIRTH = Buffer.from(JSON.stringify(fixture('opencrvs/birth-registered.webhook.json')));

interface DoorOptions {
  readonly secrets?: readonly string[];
  /** What accepting comes to; by default the event is stored. */
  readonly refusal?: MediatorError;
}

function door({ secrets = [SECRET], refusal }: DoorOptions = {}) {
  const accepted: Incoming[] = [];
  const accept = async (incoming: Incoming) => {
    if (refusal !== undefined) throw refusal;
    accepted.push(incoming);
    return { id: EVENT_ID, isRepeat: accepted.length > 1 };
  };
  const { log, lines: told } = createMemoryLog();
  return {
    accepted,
    told,
    ...appOver(webhookRoutes({ accept, log, subscription: undefined }, { secrets, maxBodyBytes: MAX_BODY_BYTES })),
  };
}

type Headers = Readonly<Record<string, string>>;

/** The headers OpenCRVS sends with a delivery (reference/opencrvs.md 3.5). */
const signed = (body: Uint8Array, secret = SECRET): Headers => ({
  'content-type': 'application/json',
  'x-hub-signature': signWebhook(body, secret),
});

function post(app: ReturnType<typeof door>['app'], body: Uint8Array, headers: Headers) {
  return request(app)
    .post(PATH)
    .set(headers)
    .serialize((raw: unknown) => raw as string)
    .send(body as Buffer);
}

describe('a delivery is refused', () => {
  const large = Buffer.from(JSON.stringify({ padding: 'x'.repeat(MAX_BODY_BYTES) }));
  const broken = Buffer.from('{"timestamp":"2024-02-19T08:41:13.002Z","event":');
  const shapeless = Buffer.from('{"event":{"hub":{},"context":[{"name":"Canary"}]}}');
  const unknownTopic = Buffer.from(BIRTH.toString('utf8').replace('BIRTH_REGISTERED', 'MARRIAGE_REGISTERED'));
  const changed = Buffer.from(BIRTH);
  changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
  const { 'x-hub-signature': signature = '' } = signed(BIRTH);
  const lastDigit = signature.endsWith('0') ? '1' : '0';
  const json = { 'content-type': 'application/json' };

  // In the order of the checks: each one has all the faults of those below it, as far as they can be told apart.
  test.each<{ name: string; body: Buffer; headers: Headers; status: number; code: string }>([
    { name: 'no content type', body: large, headers: {}, status: 415, code: 'media_type_unsupported' },
    {
      name: 'another content type',
      body: large,
      headers: { 'content-type': 'text/plain' },
      status: 415,
      code: 'media_type_unsupported',
    },
    { name: 'too many bytes', body: large, headers: json, status: 413, code: 'body_too_large' },
    { name: 'no signature', body: broken, headers: json, status: 401, code: 'signature_missing' },
    {
      name: 'an empty signature',
      body: broken,
      headers: { ...json, 'x-hub-signature': '' },
      status: 401,
      code: 'signature_missing',
    },
    {
      name: 'a signature by another key',
      body: broken,
      headers: signed(broken, 'other'),
      status: 401,
      code: 'signature_invalid',
    },
    {
      name: 'one byte of the body changed',
      body: changed,
      headers: signed(BIRTH),
      status: 401,
      code: 'signature_invalid',
    },
    {
      name: 'one digit of the signature changed',
      body: BIRTH,
      headers: { ...json, 'x-hub-signature': signature.slice(0, -1) + lastDigit },
      status: 401,
      code: 'signature_invalid',
    },
    { name: 'no body', body: Buffer.alloc(0), headers: signed(BIRTH), status: 401, code: 'signature_invalid' },
    { name: 'signed, and no JSON', body: broken, headers: signed(broken), status: 400, code: 'json_invalid' },
    {
      name: 'signed, in the wrong shape',
      body: shapeless,
      headers: signed(shapeless),
      status: 422,
      code: 'payload_invalid',
    },
    {
      name: 'signed, about an unknown topic',
      body: unknownTopic,
      headers: signed(unknownTopic),
      status: 422,
      code: 'payload_invalid',
    },
  ])('$name: $status $code', async ({ body, headers, status, code }) => {
    const { app, accepted, lines } = door();
    const response = await post(app, body, headers);
    expect(response.status).toBe(status);
    expect(response.type).toBe('application/problem+json');
    expect(response.body).toMatchObject({ status, code });
    expect(accepted).toEqual([]);
    expect(`${response.text} ${lines.join('\n')}`).not.toMatch(/Canary|MARRIAGE/);
  });

  test('the signature of one delivery is worth nothing for another', async () => {
    const { app, accepted } = door();
    expect((await post(app, BIRTH, signed(BIRTH))).status).toBe(200);
    const other = Buffer.from(BIRTH.toString('utf8').replaceAll('2024', '2023'));
    expect((await post(app, other, signed(BIRTH))).status).toBe(401);
    expect(accepted).toHaveLength(1);
  });

  test('503 while no key is configured, whoever signed', async () => {
    const { app, accepted } = door({ secrets: [] });
    const response = await post(app, BIRTH, signed(BIRTH, ''));
    expect(response.status).toBe(503);
    expect(response.body).toMatchObject({ code: 'not_configured' });
    expect(response.headers).not.toHaveProperty('retry-after');
    expect(accepted).toEqual([]);
  });
});

describe('a delivery is accepted', () => {
  test('200 and our id, after it was stored', async () => {
    const { app, accepted } = door();
    const response = await post(app, BIRTH, signed(BIRTH));
    expect(response.status).toBe(200);
    expect(response.type).toBe('application/json');
    expect(response.text).toBe(JSON.stringify({ id: EVENT_ID }));
    expect(accepted).toHaveLength(1);
    expect(accepted[0]).toMatchObject({
      reading: { ok: true, event: { kind: 'birth', registrationNumber: expect.any(String) } },
      raw: BIRTH.toString('utf8'),
      transactionId: undefined,
    });
  });

  test('a repeat: the same status and the same bytes', async () => {
    const { app } = door();
    const [first, second] = [await post(app, BIRTH, signed(BIRTH)), await post(app, BIRTH, signed(BIRTH))];
    expect([second.status, second.text]).toEqual([first.status, first.text]);
  });

  test.each([
    { name: 'the new key', secret: 'new' },
    { name: 'the old key', secret: 'old' },
  ])('signed by $name while they are rotated', async ({ secret }) => {
    const { app } = door({ secrets: ['new', 'old'] });
    expect((await post(app, BIRTH, signed(BIRTH, secret))).status).toBe(200);
  });

  test('in any spelling of the content type', async () => {
    const { app } = door();
    const headers = { ...signed(BIRTH), 'content-type': 'Application/JSON; charset=utf-8' };
    expect((await post(app, BIRTH, headers)).status).toBe(200);
  });

  test('with a body of exactly the largest size', async () => {
    const { app } = door();
    const text = BIRTH.toString('utf8');
    const full = Buffer.from(text + ' '.repeat(MAX_BODY_BYTES - BIRTH.length));
    expect((await post(app, full, signed(full))).status).toBe(200);
  });

  test.each([
    { name: 'of a topic that nobody reads', from: 'BIRTH_REGISTERED', to: 'BIRTH_CORRECTED' },
    { name: 'whose record is not one', from: '"resourceType":"Bundle"', to: '"resourceType":"Binary"' },
  ])('$name: stored with the reason, so that nothing is lost', async ({ from, to }) => {
    const { app, accepted } = door();
    const body = Buffer.from(BIRTH.toString('utf8').replace(from, to));
    expect((await post(app, body, signed(body))).status).toBe(200);
    expect(accepted).toMatchObject([
      { reading: { ok: false, reason: expect.any(String) }, raw: body.toString('utf8') },
    ]);
  });

  test('and no name, number or body reaches the log', async () => {
    const { app, lines } = door();
    await post(app, BIRTH, signed(BIRTH));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/given|family|Patient|sha256=/);
  });
});

describe('the store is closed', () => {
  const refusal = new MediatorError('store_unavailable', { retryAfterMs: 5_000 });

  test('503 and when to come again', async () => {
    const { app } = door({ refusal });
    const response = await post(app, BIRTH, signed(BIRTH));
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.body).toMatchObject({ code: 'store_unavailable' });
  });
});

describe('through OpenHIM', () => {
  const send = async (options: DoorOptions, headers: Headers) => {
    const { app, accepted } = door(options);
    const response = await post(app, BIRTH, { ...headers, ...THROUGH_OPENHIM });
    return { accepted, response, envelope: readEnvelope(response.text, response.headers['content-type']) };
  };

  test('the transaction is kept with the event', async () => {
    const { accepted, envelope } = await send({}, signed(BIRTH));
    expect(envelope).toMatchObject({ status: 'Successful', response: { status: 200 } });
    expect(envelope.response.body).toBe(JSON.stringify({ id: EVENT_ID }));
    expect(accepted).toMatchObject([{ transactionId: THROUGH_OPENHIM['x-openhim-transactionid'] }]);
  });

  test('a closed store asks core to send it again', async () => {
    const { envelope } = await send(
      { refusal: new MediatorError('store_unavailable', { retryAfterMs: 5_000 }) },
      signed(BIRTH),
    );
    expect(envelope).toMatchObject({
      status: 'Failed',
      response: { status: 503, headers: { 'retry-after': '5' } },
      error: { message: expect.any(String) },
    });
  });

  test.each([
    { name: 'a wrong signature', options: {}, headers: signed(BIRTH, 'other'), status: 401 },
    { name: 'no signature', options: {}, headers: { 'content-type': 'application/json' }, status: 401 },
    { name: 'another content type', options: {}, headers: { 'content-type': 'text/plain' }, status: 415 },
    { name: 'no key configured', options: { secrets: [] }, headers: signed(BIRTH), status: 503 },
  ])('$name does not: it would stay wrong', async ({ options, headers, status }) => {
    const { envelope } = await send(options, headers as Headers);
    expect(envelope.response.status).toBe(status);
    expect(envelope).not.toHaveProperty('error');
  });
});

describe('a delivery that could not be stored', () => {
  const refusal = new MediatorError('store_unavailable', { retryAfterMs: 5_000 });
  const body = Buffer.from(JSON.stringify(fixture('opencrvs/birth-registered.webhook.json')));

  test.each([
    { name: 'came directly: nobody sends it again, and the line names the registration', more: {}, level: 'error' },
    { name: 'came through OpenHIM, which sends it again', more: THROUGH_OPENHIM, level: 'warn' },
  ])('$name', async ({ more, level }) => {
    const { app, told } = door({ refusal });
    await post(app, body, { ...signed(body), ...more });
    const [line] = told.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(line).toMatchObject({ level, event: 'intake.not_stored', registrationNumber: '2024BQX7T4N' });
    expect(told.join('')).not.toContain('Thandiwe');
  });
});
