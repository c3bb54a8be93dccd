import { expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { createMosipTokens, tokenCookie } from '../../../src/national-id/mosip/auth-manager.js';
import type { OutboundResponse, TokenSource } from '../../../src/outbound/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { errorsReply, reply, type ScriptedOutbound, scriptedOutbound } from './scripted-outbound.js';

const SUCCESS = { response: { status: 'Success', message: 'ok' }, errors: null };
const NOW_SECONDS = Date.parse('2024-03-01T00:00:00Z') / 1000;
const jwtOf = (claims: object): string => jwt.sign(claims, 'some key');

function setUp(...script: (OutboundResponse | Error)[]): {
  tokens: TokenSource;
  outbound: ScriptedOutbound;
  clock: ManualClock;
  lines: readonly string[];
} {
  const outbound = scriptedOutbound(...script);
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const tokens = createMosipTokens(
    { outbound, clock, log, metrics: createMetrics() },
    { url: 'https://mosip.test/auth', appId: 'ida', client: { id: 'client-1', secret: 'secret-1' } },
  );
  return { tokens, outbound, clock, lines };
}

test('logs in with client id, secret and app id in an envelope', async () => {
  const { tokens, outbound } = setUp(reply(SUCCESS, 200, { authorization: 'opaque-token' }));
  await tokens.get();
  expect(outbound.sent[0]).toMatchObject({ peer: 'mosip-auth', method: 'POST', url: 'https://mosip.test/auth' });
  expect(JSON.parse(String(outbound.sent[0]?.body))).toEqual({
    id: 'mosip.io.clientId.pwd',
    version: 'v1',
    requesttime: '2024-03-01T00:00:00.000Z',
    metadata: {},
    request: { clientId: 'client-1', secretKey: 'secret-1', appId: 'ida' },
  });
});

const issuedAnHourAgo = jwtOf({ iat: NOW_SECONDS - 3600, exp: NOW_SECONDS - 2700 });

test.each([
  {
    name: 'a JWT cookie lives as long as its claims say, whatever our clock',
    headers: { 'set-cookie': [`Authorization=${issuedAnHourAgo}; Max-Age=9; Path=/`], authorization: 'other' },
    value: issuedAnHourAgo,
    lifeMs: 900_000,
  },
  {
    name: 'a cookie among others',
    headers: { 'set-cookie': ['JSESSIONID=1; Path=/', 'Authorization=opaque; HttpOnly; max-age=30'] },
    value: 'opaque',
    lifeMs: 30_000,
  },
  {
    name: 'a cookie without an age',
    headers: { 'set-cookie': ['Authorization=opaque'] },
    value: 'opaque',
    lifeMs: 300_000,
  },
  { name: 'the header alone', headers: { authorization: 'opaque' }, value: 'opaque', lifeMs: 300_000 },
])('takes the token: $name', async ({ headers, value, lifeMs }) => {
  const { tokens, outbound, clock, lines } = setUp(reply(SUCCESS, 200, headers), new Error('no second answer'));
  expect(await tokens.get()).toBe(value);
  await clock.advance(lifeMs * 0.75);
  expect(outbound.sent).toHaveLength(1);
  await clock.advance(lifeMs * 0.25);
  expect(outbound.sent.length).toBeGreaterThan(1);
  expect(lines.join()).not.toContain(value);
  tokens.stop();
});

test.each([
  { name: 'wrong credentials in a 200', answer: errorsReply('KER-ATH-003'), code: 'peer_unauthorized' },
  { name: 'trouble of its own in a 200', answer: errorsReply('KER-ATH-500'), code: 'peer_error' },
  { name: 'HTTP 401', answer: reply('', 401), code: 'peer_unauthorized' },
  { name: 'HTTP 403', answer: reply('', 403), code: 'peer_unauthorized' },
  { name: 'HTTP 500', answer: reply('', 500), code: 'peer_error' },
  { name: 'HTTP 503', answer: reply('', 503), code: 'peer_unavailable' },
  { name: 'HTTP 404', answer: reply('', 404), code: 'peer_misconfigured' },
  { name: 'no token', answer: reply(SUCCESS), code: 'peer_response_invalid' },
  {
    name: 'a token that would break the header',
    answer: reply(SUCCESS, 200, { authorization: 'a b' }),
    code: 'peer_response_invalid',
  },
  { name: 'no JSON', answer: reply('<html>'), code: 'peer_response_invalid' },
  { name: 'no envelope', answer: reply('{"errors":"KER-ATH-003"}'), code: 'peer_response_invalid' },
])('fails without a token: $name', async ({ answer, code }) => {
  const { tokens } = setUp(answer);
  await expect(tokens.get()).rejects.toMatchObject({ code });
});

test('the cookie is exactly the token', () => {
  expect(tokenCookie('a.b.c')).toEqual({ cookie: 'Authorization=a.b.c' });
});
