import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { createTokenVerifier } from '../../../src/opencrvs/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const newPair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
const [first, second] = [newPair(), newPair()];
const ISSUER = 'opencrvs:auth-service';
const AUDIENCE = 'opencrvs:countryconfig-user';
const MINUTE = 60_000;

function setUp(authUrl = 'http://auth:4040') {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const outbound = new ScriptedOutbound(() => response(200, first.publicKey));
  const verifier = createTokenVerifier({ outbound, clock, log }, { authUrl, issuer: ISSUER, audience: AUDIENCE });
  const now = Math.floor(clock.now() / 1000);
  const claims = {
    sub: '66b1c4a2f0d3e5a7b8c9d0e1',
    scope: ['record.confirm-registration', 'record.reject-registration'],
    iat: now,
    exp: now + 604_800,
    iss: ISSUER,
    aud: ['opencrvs:gateway-user', AUDIENCE],
    eventId: 'event-1',
    actionId: 'action-1',
  };
  const sign = (changes: object = {}, key = first.privateKey): string =>
    jwt.sign({ ...claims, ...changes }, key, { algorithm: 'RS256' });
  return { clock, outbound, lines, verifier, claims, now, sign };
}

test('a token of OpenCRVS gives its claims; the key is fetched once, when it is first needed', async () => {
  const { verifier, outbound, sign, claims, now } = setUp();
  expect(outbound.requests).toEqual([]);
  const token = sign();
  const [verified] = await Promise.all([verifier.verify(`Bearer ${token}`), verifier.verify(`bearer ${token}`)]);
  expect(verified).toEqual({
    token,
    claims: {
      sub: claims.sub,
      scope: claims.scope,
      iat: now,
      exp: now + 604_800,
      eventId: 'event-1',
      actionId: 'action-1',
    },
  });
  expect(outbound.requests).toEqual([
    { peer: 'opencrvs-auth', operation: 'public-key', method: 'GET', url: 'http://auth:4040/.well-known' },
  ]);
});

test.each(['http://auth:4040/token', 'http://auth:4040/authenticateSystemClient/', 'http://auth:4040/.well-known'])(
  'the key is beside the token endpoint: %s',
  async (authUrl) => {
    const { verifier, outbound, sign } = setUp(authUrl);
    await verifier.verify(`Bearer ${sign()}`);
    expect(outbound.requests[0]?.url).toBe('http://auth:4040/.well-known');
  },
);

describe('refused', () => {
  const { now, claims, sign } = setUp();
  const withSecret = (algorithm: 'HS256' | 'none'): string =>
    jwt.sign(claims, algorithm === 'none' ? '' : first.publicKey, { algorithm });
  const { exp: _, ...endless } = claims;
  test.each<{ name: string; header: string | undefined; code?: string }>([
    { name: 'no header', header: undefined, code: 'credentials_missing' },
    { name: 'an empty header', header: '', code: 'credentials_missing' },
    { name: 'basic authentication', header: 'Basic dXNlcjpwYXNz' },
    { name: 'no token', header: 'Bearer ' },
    { name: 'two tokens', header: `Bearer ${sign()} ${sign()}` },
    { name: 'no JWT', header: 'Bearer opaque' },
    { name: 'another issuer', header: `Bearer ${sign({ iss: 'opencrvs.auth' })}` },
    { name: 'no issuer', header: `Bearer ${sign({ iss: undefined })}` },
    { name: 'another audience', header: `Bearer ${sign({ aud: ['opencrvs:gateway-user'] })}` },
    { name: 'past its time', header: `Bearer ${sign({ exp: now - 6 })}` },
    { name: 'without an end', header: `Bearer ${jwt.sign(endless, first.privateKey, { algorithm: 'RS256' })}` },
    { name: 'without a subject', header: `Bearer ${sign({ sub: undefined })}` },
    { name: 'signed with the public key as a secret', header: `Bearer ${withSecret('HS256')}` },
    { name: 'not signed', header: `Bearer ${withSecret('none')}` },
    { name: 'another RSA algorithm', header: `Bearer ${jwt.sign(claims, first.privateKey, { algorithm: 'RS512' })}` },
    { name: 'another key', header: `Bearer ${sign({}, second.privateKey)}` },
    { name: 'claims changed', header: `Bearer ${sign().replace(/\..*\./, `.${btoa('{"sub":"x"}')}.`)}` },
  ])('$name', async ({ header, code = 'credentials_invalid' }) => {
    const { verifier, lines } = setUp();
    const thrown = await verifier.verify(header).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ code });
    const token = header?.split(' ')[1] ?? '';
    if (token.length > 10) expect(`${String(thrown)}${lines.join('')}`).not.toContain(token);
  });
});

test('a few seconds between the clocks do no harm', async () => {
  const { verifier, sign, now } = setUp();
  await expect(verifier.verify(`Bearer ${sign({ exp: now - 4 })}`)).resolves.toBeDefined();
});

test('a new key of OpenCRVS is fetched, but at most once a minute', async () => {
  const { verifier, outbound, clock, sign } = setUp();
  await verifier.verify(`Bearer ${sign()}`);
  outbound.answer = () => response(200, second.publicKey);
  const renewed = `Bearer ${sign({}, second.privateKey)}`;
  await expect(verifier.verify(renewed)).rejects.toMatchObject({ code: 'credentials_invalid' });
  expect(outbound.requests).toHaveLength(1);
  await clock.advance(MINUTE);
  await Promise.all([verifier.verify(renewed), verifier.verify(renewed)]);
  expect(outbound.requests).toHaveLength(2);
  await expect(verifier.verify(`Bearer ${sign()}`)).rejects.toMatchObject({ code: 'credentials_invalid' });
  expect(outbound.requests).toHaveLength(2);
});

test('a key that cannot be fetched again is not asked for at every bad signature', async () => {
  const { verifier, outbound, clock, sign } = setUp();
  await verifier.verify(`Bearer ${sign()}`);
  await clock.advance(MINUTE);
  outbound.answer = () => response(503);
  const forged = `Bearer ${sign({}, second.privateKey)}`;
  await expect(verifier.verify(forged)).rejects.toMatchObject({ code: 'peer_unavailable' });
  await expect(verifier.verify(forged)).rejects.toMatchObject({ code: 'credentials_invalid' });
  expect(outbound.requests).toHaveLength(2);
  await expect(verifier.verify(`Bearer ${sign()}`)).resolves.toBeDefined();
});

test('an old or expired token asks for no new key', async () => {
  const { verifier, outbound, clock, sign, now } = setUp();
  await verifier.verify(`Bearer ${sign()}`);
  await clock.advance(MINUTE);
  await expect(verifier.verify(`Bearer ${sign({ exp: now })}`)).rejects.toMatchObject({ code: 'credentials_invalid' });
  expect(outbound.requests).toHaveLength(1);
});

test.each([
  { name: 'auth is away', reply: response(503), code: 'peer_unavailable' },
  { name: 'auth 1.0, which has no key', reply: response(404), code: 'peer_misconfigured' },
  { name: 'no PEM', reply: response(200, '<html>'), code: 'peer_response_invalid' },
  { name: 'a key set', reply: response(200, { keys: [] }), code: 'peer_response_invalid' },
])('the key cannot be had: $name; the next request tries again', async ({ reply, code }) => {
  const { verifier, outbound, sign } = setUp();
  outbound.answer = () => reply;
  await expect(verifier.verify(`Bearer ${sign()}`)).rejects.toMatchObject({ code });
  outbound.answer = () => response(200, first.publicKey);
  await expect(verifier.verify(`Bearer ${sign()}`)).resolves.toBeDefined();
});
