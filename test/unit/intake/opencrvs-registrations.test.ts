import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import { registrationRoutes } from '../../../src/intake/index.js';
import type { OpenRequest, TokenVerifier } from '../../../src/opencrvs/index.js';
import type { Incoming } from '../../../src/vital-events/index.js';
import { appOver, readEnvelope, THROUGH_OPENHIM } from './doors.js';

const PATH = '/opencrvs/registrations';
const EVENT_ID = '0b3c8f6e-5a53-4f8e-9d2f-2f7b8f0e6a11';
const MAX_BODY_BYTES = 4096;
const BODY = { type: 'birth', given: 'Canary' };
const HEADERS = { 'content-type': 'application/json', authorization: 'Bearer secret-token' };

const OPEN: OpenRequest = {
  reading: { ok: false, code: 'event_unreadable', reason: 'a reason' },
  reply: { to: { via: 'events', token: 'secret-token' }, revision: 'action-1', before: 1_800_000_000_000 },
};

/** How each part behind the door fails, if it does. */
interface Failures {
  readonly verify?: MediatorError;
  readonly read?: MediatorError;
  readonly accept?: MediatorError;
  readonly isConfigured?: false;
}

function door(failures: Failures = {}) {
  const accepted: Incoming[] = [];
  const steps: unknown[] = [];
  const verified = { token: 'secret-token', claims: { sub: 's', scope: [], iat: 0, exp: 1_800_000_000 } };
  const verifier: TokenVerifier = {
    async verify(header) {
      steps.push(header);
      if (failures.verify !== undefined) throw failures.verify;
      return verified;
    },
  };
  const registrations = {
    async read(body: unknown, token: unknown) {
      steps.push(body, token);
      if (failures.read !== undefined) throw failures.read;
      return OPEN;
    },
  };
  const accept = async (incoming: Incoming) => {
    if (failures.accept !== undefined) throw failures.accept;
    accepted.push(incoming);
    return { id: EVENT_ID, isRepeat: accepted.length > 1 };
  };
  const deps = { accept, verifier: failures.isConfigured === false ? undefined : verifier, registrations };
  return { accepted, steps, verified, ...appOver(registrationRoutes(deps, { maxBodyBytes: MAX_BODY_BYTES })) };
}

test('a request that is stored is answered 202 with our id, a repeat with the same bytes', async () => {
  const { app, accepted, steps, verified } = door();
  const [once, again] = [
    await request(app).post(PATH).set(HEADERS).send(BODY),
    await request(app).post(PATH).set(HEADERS).send(BODY),
  ];
  expect([once.status, once.text]).toEqual([202, JSON.stringify({ id: EVENT_ID })]);
  expect([again.status, again.text]).toEqual([once.status, once.text]);
  expect(steps.slice(0, 3)).toEqual(['Bearer secret-token', BODY, verified]);
  expect(accepted[0]).toEqual({ ...OPEN, raw: JSON.stringify(BODY), transactionId: undefined });
});

describe('refused, and nothing stored', () => {
  const refused = (code: 'credentials_missing' | 'credentials_invalid' | 'peer_unavailable' | 'payload_invalid') =>
    new MediatorError(code);
  test.each<{ name: string; failures?: Failures; body?: string; headers?: object; status: number; code: string }>([
    {
      name: 'no token',
      failures: { verify: refused('credentials_missing') },
      status: 401,
      code: 'credentials_missing',
    },
    {
      name: 'a bad token',
      failures: { verify: refused('credentials_invalid') },
      status: 401,
      code: 'credentials_invalid',
    },
    { name: 'no key', failures: { verify: refused('peer_unavailable') }, status: 503, code: 'peer_unavailable' },
    { name: 'not configured', failures: { isConfigured: false }, status: 503, code: 'not_configured' },
    { name: 'no JSON', body: '{"given":"Canary"', status: 400, code: 'json_invalid' },
    {
      name: 'no request of ours',
      failures: { read: refused('payload_invalid') },
      status: 422,
      code: 'payload_invalid',
    },
    {
      name: 'no JSON by its type',
      headers: { 'content-type': 'text/plain' },
      status: 415,
      code: 'media_type_unsupported',
    },
    { name: 'too large', body: JSON.stringify('x'.repeat(MAX_BODY_BYTES)), status: 413, code: 'body_too_large' },
    {
      name: 'no store',
      failures: { accept: new MediatorError('store_unavailable') },
      status: 503,
      code: 'store_unavailable',
    },
  ])('$name: $status', async ({ failures, body = JSON.stringify(BODY), headers = {}, status, code }) => {
    const { app, accepted, lines } = door(failures);
    const answer = await request(app)
      .post(PATH)
      .set({ ...HEADERS, ...headers })
      .send(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code });
    expect(accepted).toEqual([]);
    expect(`${answer.text}${lines.join('')}`).not.toMatch(/Canary|secret-token/);
  });
});

test('a body is not looked at before its sender is known', async () => {
  const { app } = door({ verify: new MediatorError('credentials_invalid') });
  const answer = await request(app).post(PATH).set(HEADERS).send('{');
  expect(answer.status).toBe(401);
});

test.each([
  { name: 'stored', failures: {}, status: 202 },
  { name: 'not stored', failures: { accept: new MediatorError('store_unavailable') }, status: 503 },
])('through OpenHIM, $name: core is never asked to send it again', async ({ failures, status }) => {
  const { app } = door(failures);
  const answer = await request(app)
    .post(PATH)
    .set({ ...HEADERS, ...THROUGH_OPENHIM })
    .serialize((raw: unknown) => raw as string)
    .send(JSON.stringify(BODY))
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => done(null, Buffer.concat(chunks).toString('utf8')));
    });
  const envelope = readEnvelope(String(answer.body), answer.get('content-type'));
  expect(envelope.response.status).toBe(status);
  expect(envelope.error).toBeUndefined();
});
