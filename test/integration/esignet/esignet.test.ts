import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createESignet, type ESignet, type UserInfo } from '../../../src/national-id/esignet/index.js';
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ESignetPeer, type UserInfoChanges } from '../../peers/esignet-peer.js';
import { createKeyPair } from '../../peers/mosip-credential.js';
import { JumpingClock } from '../../support/jumping-clock.js';

const CLAIMS = { name: 'Amina Zoe Canary', birthdate: '1990/05/17', gender: 'Female', individual_id: '4407183925' };
const USER: UserInfo = {
  name: { firstname: 'Amina', middlename: 'Zoe', surname: 'Canary' },
  gender: 'female',
  birthDate: '1990-05-17',
  verificationStatus: 'authenticated',
  nid: '4407183925',
};

const { signal } = new AbortController();
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const health = createHealth(systemClock);
let peer: ESignetPeer;
let outbound: OutboundClient;
let clock: JumpingClock;
let esignet: ESignet;

const create = (changes: Partial<ESignetPeer['settings']> = {}): ESignet =>
  createESignet({ outbound, clock, check: health.check('esignet') }, { ...peer.settings, ...changes });

beforeEach(async () => {
  peer = await new ESignetPeer().start();
  clock = new JumpingClock();
  outbound = createOutboundClient({ clock, metrics: createMetrics() });
  esignet = create();
});

afterEach(async () => {
  await outbound.close();
  await peer.stop();
});

/** Somebody logs in, and the form asks who it was. */
const ask = (changes: Partial<Parameters<ESignet['userInfo']>[0]> = {}, by = esignet): Promise<UserInfo> => {
  const { id: clientId, redirectUri } = peer.client;
  return by.userInfo({ code: peer.logIn(CLAIMS), clientId, redirectUri, ...changes }, signal);
};

test('who has logged in is told as opencrvs/mosip tells it', async () => {
  expect(await ask()).toEqual(USER);
  expect(health.readiness().checks['esignet']?.state).toBe('ok');
});

test('what the form has added to its address does not count', async () => {
  expect(await ask({ redirectUri: `${peer.client.redirectUri}?step=2` })).toEqual(USER);
});

test('user info without issuer, audience and end is taken, as it is signed', async () => {
  peer.sign({ claims: { iss: undefined, aud: undefined, exp: undefined } });
  expect(await ask()).toEqual(USER);
});

test.each<{ name: string; changes: UserInfoChanges }>([
  { name: 'another key under the right id', changes: { key: stranger } },
  { name: 'an unknown key', changes: { key: stranger, kid: 'unknown' } },
  { name: 'no signature', changes: { algorithm: 'none' } },
  { name: 'a shared secret', changes: { algorithm: 'HS256' } },
  { name: 'another client', changes: { claims: { aud: 'another-client' } } },
  { name: 'another issuer', changes: { claims: { iss: 'https://elsewhere.example/v1/esignet' } } },
  { name: 'an issuer that begins alike', changes: { claims: { iss: 'http://127.0.0.1.elsewhere.example' } } },
  { name: 'the past', changes: { claims: { exp: 1_000_000_000 } } },
  { name: 'names that are none', changes: { claims: { name: { value: 'Amina' } } } },
])('user info of $name is refused', async ({ changes }) => {
  peer.sign(changes);
  const fault = await ask().catch((thrown: unknown) => thrown);
  expect(fault).toMatchObject({ code: 'peer_response_invalid' });
  expect(String(fault)).not.toMatch(/Amina|Canary/);
});

describe('the keys of e-Signet', () => {
  const keySets = (): number => peer.requestsTo('jwks.json').length;

  test('are fetched once', async () => {
    await ask();
    await ask();
    expect(keySets()).toBe(1);
  });

  test('are fetched again for a new key, but not each time that somebody asks for one', async () => {
    await ask();
    peer.rotateKey();
    await expect(ask()).rejects.toMatchObject({ code: 'peer_response_invalid' });
    expect(keySets()).toBe(1);
    clock.jump(61_000);
    expect(await ask()).toEqual(USER);
    expect(keySets()).toBe(2);
  });

  test('are not trusted for longer than an hour', async () => {
    await ask();
    clock.jump(60 * 60_000);
    peer.sign({ claims: { exp: undefined } });
    await ask();
    expect(keySets()).toBe(2);
  });
});

test.each([
  { name: 'used', use: true },
  { name: 'unknown', use: false },
])('a code that is $name is the form’s fault', async ({ use }) => {
  const code = use ? peer.logIn(CLAIMS) : 'unknown';
  if (use) await ask({ code });
  await expect(ask({ code })).rejects.toMatchObject({ code: 'request_invalid' });
});

test.each([
  { name: 'client', ask: () => ask({ clientId: 'another' }) },
  { name: 'key', ask: () => ask({}, create({ clientKey: createKeyPair().privateKey })) },
  { name: 'address', ask: () => ask({}, create({ tokenUrl: `${peer.url}/elsewhere` })) },
])('a wrong $name is the configuration’s', async ({ ask: wrongly }) => {
  await expect(wrongly()).rejects.toMatchObject({ disposition: 'operator' });
  expect(health.readiness().checks['esignet']?.state).toBe('degraded');
});

test.each([
  { path: '/token', fault: { status: 503 }, code: 'peer_unavailable' },
  { path: '/token', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  { path: '/userinfo', fault: { status: 401 }, code: 'peer_unauthorized' },
  { path: '/userinfo', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  { path: '/userinfo', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { path: '/jwks.json', fault: { status: 500 }, code: 'peer_error' },
  { path: '/jwks.json', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  {
    path: '/jwks.json',
    fault: { status: 200, body: '{"keys":[{"kty":"RSA","n":"?"}]}' },
    code: 'peer_response_invalid',
  },
] as const)('$path fails: $code', async ({ path, fault, code }) => {
  peer.fail(path, fault, 1);
  await expect(ask()).rejects.toMatchObject({ code, disposition: 'retry' });
  expect(await ask()).toEqual(USER);
});
