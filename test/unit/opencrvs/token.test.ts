import { expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import type { OpenCrvsClientSettings } from '../../../src/config/index.js';
import { createSystemToken } from '../../../src/opencrvs/system-token.js';
import type { OutboundResponse } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const SECRET = 'c8f1-the-secret/+&=';

function setUp(answer: () => OutboundResponse, settings: Partial<OpenCrvsClientSettings> = {}) {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const health = createHealth(clock);
  const outbound = new ScriptedOutbound(answer);
  const tokens = createSystemToken(
    { outbound, clock, log, metrics: createMetrics(), health },
    {
      authUrl: 'http://auth:4040',
      tokenMode: 'json',
      clientId: 'our-client',
      clientSecret: SECRET,
      scope: 'nationalId',
      ...settings,
    },
  );
  return { tokens, outbound, lines, check: () => health.readiness().checks['opencrvs-token'] };
}

const issued = (claims: object = { scope: ['nationalId'] }): string => jwt.sign(claims, 'key', { expiresIn: 600 });

test('json mode: the credentials are posted as JSON and the token is read from `token`', async () => {
  const token = issued();
  const { tokens, outbound } = setUp(() => response(200, { token }));
  expect(await tokens.get()).toBe(token);
  expect(outbound.requests).toEqual([
    {
      peer: 'opencrvs-auth',
      operation: 'token',
      method: 'POST',
      url: 'http://auth:4040/authenticateSystemClient',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'our-client', client_secret: SECRET }),
      isSecret: true,
    },
  ]);
});

test('query mode: the credentials are in the query, escaped, and there is no body', async () => {
  const token = issued();
  const { tokens, outbound } = setUp(() => response(200, { access_token: token, token_type: 'Bearer' }), {
    tokenMode: 'query',
  });
  expect(await tokens.get()).toBe(token);
  const [request] = outbound.requests;
  const url = new URL(request?.url ?? '');
  expect(`${url.origin}${url.pathname}`).toBe('http://auth:4040/token');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'our-client',
    client_secret: SECRET,
    grant_type: 'client_credentials',
  });
  expect(request?.body).toBeUndefined();
});

test('body mode: the credentials are posted as JSON, and the address holds none', async () => {
  const token = issued({ scope: ['type=nationalId&event=birth'] });
  const { tokens, outbound, check } = setUp(() => response(200, { access_token: token, token_type: 'Bearer' }), {
    tokenMode: 'body',
    authUrl: 'http://gateway/auth',
  });
  expect(await tokens.get()).toBe(token);
  expect(outbound.requests).toMatchObject([
    {
      url: 'http://gateway/auth/token',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_id: 'our-client', client_secret: SECRET, grant_type: 'client_credentials' }),
    },
  ]);
  expect(check()?.state).toBe('ok');
});

test.each([
  { tokenMode: 'query', authUrl: 'http://gateway/auth', path: '/auth/token' },
  { tokenMode: 'query', authUrl: 'http://gateway/auth/token', path: '/auth/token' },
  { tokenMode: 'json', authUrl: 'http://auth/authenticateSystemClient', path: '/authenticateSystemClient' },
] as const)('address: $authUrl asks $path', async ({ tokenMode, authUrl, path }) => {
  const { tokens, outbound } = setUp(() => response(404), { tokenMode, authUrl });
  await expect(tokens.get()).rejects.toThrow();
  expect(new URL(outbound.requests[0]?.url ?? '').pathname).toBe(path);
});

test.each([
  {
    name: 'endpoint of another version',
    reply: response(404),
    code: 'peer_misconfigured',
    says: /OPENCRVS_TOKEN_MODE/,
  },
  {
    name: 'bad credentials, or a user service that is down',
    reply: response(401),
    code: 'peer_unauthorized',
    says: /OPENCRVS_CLIENT_ID/,
  },
  {
    name: 'a request it does not take',
    reply: response(400, { error: 'invalid_request' }),
    code: 'peer_misconfigured',
    says: /400/,
  },
  { name: 'a redirect', reply: response(302), code: 'peer_misconfigured', says: /302/ },
  { name: 'its own fault', reply: response(500), code: 'peer_error', says: /500/ },
  { name: 'not available', reply: response(503), code: 'peer_unavailable', says: /503/ },
  { name: 'no JSON', reply: response(200, '<html>'), code: 'peer_response_invalid', says: /cannot be understood/ },
  { name: 'no token', reply: response(200, { token: 7 }), code: 'peer_response_invalid', says: /no token/ },
  { name: 'no JWT', reply: response(200, { token: 'opaque' }), code: 'peer_response_invalid', says: /not a JWT/ },
])('failure: $name', async ({ reply, code, says }) => {
  const { tokens, check } = setUp(() => reply);
  await expect(tokens.get()).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringMatching(says) });
});

test.each([
  { name: 'the scope is there', claims: { scope: ['demo', 'nationalId'] }, state: 'ok', detail: undefined },
  {
    name: 'other scopes',
    claims: { scope: ['declare', 'demo'] },
    state: 'degraded',
    detail: /scope nationalId.*declare, demo/,
  },
  {
    name: 'encoded, another',
    claims: { scope: ['type=record.read&x=nationalId'] },
    state: 'degraded',
    detail: /scope nationalId/,
  },
  { name: 'no scope', claims: {}, state: 'degraded', detail: /scope nationalId.*no scope/ },
])('scope of the token: $name', async ({ claims, state, detail }) => {
  const token = issued(claims);
  const { tokens, check } = setUp(() => response(200, { token }));
  expect(await tokens.get()).toBe(token);
  expect(check()?.state).toBe(state);
  if (detail === undefined) expect(check()?.detail).toBeUndefined();
  else expect(check()?.detail).toMatch(detail);
});

test('health is ok again after a failure', async () => {
  const replies = [response(401), response(200, { token: issued() })];
  const { tokens, check } = setUp(() => replies.shift() ?? response(500));
  await expect(tokens.get()).rejects.toThrow();
  await tokens.get();
  expect(check()?.state).toBe('ok');
});

test.each(['json', 'query', 'body'] as const)(
  '%s mode: secret and token are in no log line, error or health report',
  async (tokenMode) => {
    const token = issued({ scope: [] });
    const replies = [response(401), response(404), response(500), response(200, { token, access_token: token })];
    const { tokens, lines, check } = setUp(() => replies.shift() ?? response(500), { tokenMode });
    const said: string[] = [];
    for (let call = 0; call < 4; call += 1) {
      await tokens.get().catch((thrown: unknown) => said.push(String(thrown), String((thrown as Error).stack)));
      said.push(JSON.stringify(check()));
    }
    const all = [...said, ...lines].join('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const hidden of [SECRET, encodeURIComponent(SECRET), token]) expect(all).not.toContain(hidden);
  },
);
