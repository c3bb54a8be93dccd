import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { MosipIdentityAuthenticationSettings } from '../../../src/config/index.js';
import type { IdentityClaim } from '../../../src/national-id/index.js';
import { createIdentityAuthentication } from '../../../src/national-id/mosip/identity-authentication.js';
import { createOutboundClient, type OutboundClient, recordingCalls } from '../../../src/outbound/index.js';
import { type Clock, systemClock } from '../../../src/runtime/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { createKeyPair } from '../../peers/mosip-credential.js';
import { IDA_PATH } from '../../peers/mosip-ida.js';
import { MosipPeer } from '../../peers/mosip-peer.js';
import { selfSignedRsa } from '../../support/self-signed.js';
import { MAPPINGS_DIR } from './set-up.js';

const inEnglish = (value: string): string => JSON.stringify([{ language: 'eng', value }]);
const FIELDS = {
  fullName: inEnglish('Amina Zoe Canary'),
  dateOfBirth: '1990-05-17'.replaceAll('-', '/'),
  gender: inEnglish('Female'),
};
const CLAIM: Omit<IdentityClaim, 'nationalId'> = {
  name: { given: ['Amina', 'Zoe'], family: 'Canary' },
  birthDate: '1990-05-17',
  gender: 'female',
};

const stranger = selfSignedRsa();
const health = createHealth(systemClock);
const metrics = createMetrics();
const { signal } = new AbortController();
let mosip: MosipPeer;
let outbound: OutboundClient;
let uin: string;
let vid: string;

beforeAll(async () => {
  mosip = await new MosipPeer({ credentialKey: createKeyPair().publicKey }).start();
  outbound = createOutboundClient(
    { clock: systemClock, metrics },
    { breaker: { failures: 1000, firstPauseMs: 10, longestPauseMs: 10 } },
  );
  ({ uin, vid } = mosip.processor.identities.make(FIELDS));
});

afterEach(() => {
  mosip.heal();
  mosip.ida.aheadMs = 0;
  mosip.ida.insteadOfAnswer = [];
});

afterAll(async () => {
  await outbound.close();
  await mosip.stop();
});

function authentication(changes: Partial<MosipIdentityAuthenticationSettings> = {}, clock: Clock = systemClock) {
  const settings = { ...mosip.ida.settings(mosip.url), ...changes };
  return createIdentityAuthentication({ outbound, clock, check: health.check('mosip-ida') }, settings, {
    dir: MAPPINGS_DIR,
  });
}

const verify = (nationalId: string, changes: Partial<MosipIdentityAuthenticationSettings> = {}) =>
  authentication(changes).verify({ nationalId, ...CLAIM }, signal);

test.each([
  { name: 'by UIN', of: () => uin },
  { name: 'by VID', of: () => vid },
])('a true claim is matched $name, the middle name with it', async ({ of }) => {
  expect(await verify(of())).toEqual({ result: 'match' });
  expect(mosip.ida.claims.at(-1)).toEqual({
    dob: '1990/05/17',
    name: [{ language: 'eng', value: 'Amina Zoe Canary' }],
    gender: [{ language: 'eng', value: 'Female' }],
  });
  expect(health.readiness().checks['mosip-ida']?.state).toBe('ok');
});

test('nothing of the claim is readable on the way, and each request is sealed anew', async () => {
  const seen = mosip.received.length;
  await verify(uin);
  await verify(uin);
  const bodies = mosip.received.slice(seen).map(({ body }) => body.toString('utf8'));
  expect(bodies.join()).not.toMatch(/Amina|Canary|1990|Female/);
  const [one, other] = bodies.map((body) => JSON.parse(body));
  for (const name of ['request', 'requestSessionKey', 'requestHMAC', 'transactionID'])
    expect(one[name]).not.toBe(other[name]);
});

test.each([
  { name: 'no middle name', claim: { name: { given: ['Amina'], family: 'Canary' } }, attributes: ['name'] },
  { name: 'another day', claim: { birthDate: '1990-05-18' }, attributes: ['birth-date'] },
  { name: 'another gender', claim: { gender: 'male' as const }, attributes: ['gender'] },
])('a claim with $name differs in that', async ({ claim, attributes }) => {
  const answer = await authentication().verify({ nationalId: uin, ...CLAIM, ...claim }, signal);
  expect(answer).toEqual({ result: 'mismatch', attributes });
});

test('a language that MOSIP has no name in bears nothing out', async () => {
  expect(await verify(uin, { language: 'fra' })).toEqual({ result: 'mismatch', attributes: ['name', 'gender'] });
});

test.each([
  { name: 'a UIN', number: '1234567890' },
  { name: 'a VID', number: '1234567890123456' },
  { name: 'a handle', number: '+260971550142@phone' },
])('$name that nobody has is not found', async ({ number }) => {
  expect(await verify(number)).toEqual({ result: 'not-found' });
});

test('whose identity has ended is inactive, by either number', async () => {
  const person = mosip.processor.identities.make(FIELDS);
  mosip.processor.identities.setStatus(person, 'DEACTIVATED');
  expect(await verify(person.uin)).toEqual({ result: 'inactive' });
  expect(await verify(person.vid)).toEqual({ result: 'inactive' });
});

describe('a wrong configuration is told as such, never as a no:', () => {
  test.each<{ name: string; changes: Partial<MosipIdentityAuthenticationSettings> }>([
    { name: 'licence key', changes: { licenceKey: 'another/key' } },
    { name: 'partner', changes: { partnerId: 'another' } },
    { name: 'API key', changes: { partnerApiKey: 'another' } },
    { name: "IDA's certificate", changes: { certificate: stranger.cert } },
    { name: 'our certificate', changes: { signingKey: stranger.key, signingCertificate: stranger.cert } },
    { name: 'our key', changes: { signingKey: stranger.key } },
    { name: 'domain', changes: { domainUri: 'https://elsewhere.example' } },
    { name: 'environment', changes: { environment: 'Production' } },
  ])('$name', async ({ changes }) => {
    await expect(verify(uin, changes)).rejects.toMatchObject({ code: 'national_id_misconfigured' });
    expect(health.readiness().checks['mosip-ida']?.state).toBe('degraded');
  });

  test.each([{ aheadMs: 600_000 }, { aheadMs: -600_000 }])('clocks $aheadMs ms apart', async ({ aheadMs }) => {
    mosip.ida.aheadMs = aheadMs;
    await expect(verify(uin)).rejects.toMatchObject({
      code: 'national_id_misconfigured',
      message: expect.stringContaining('IDA-MLC-001'),
    });
  });

  test('clocks a minute apart are not', async () => {
    mosip.ida.aheadMs = 60_000;
    expect(await verify(uin)).toEqual({ result: 'match' });
  });
});

test.each([
  { name: '503', fault: { status: 503 }, code: 'peer_unavailable' },
  { name: 'reset', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { name: 'garbage', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  { name: 'cut', fault: { kind: 'cut' }, code: 'peer_response_invalid' },
] as const)('neither yes nor no: $name', async ({ fault, code }) => {
  mosip.fail(({ path }) => path.startsWith(IDA_PATH), fault, 1);
  await expect(verify(uin)).rejects.toMatchObject({ code, disposition: 'retry' });
});

test('a caller who goes away ends the call', async () => {
  mosip.fail(({ path }) => path.startsWith(IDA_PATH), { kind: 'hang' }, 1);
  const caller = new AbortController();
  const asked = authentication().verify({ nationalId: uin, ...CLAIM }, caller.signal);
  const ended = expect(asked).rejects.toMatchObject({ code: 'call_cancelled' });
  const seen = mosip.received.length;
  await mosip.until(() => mosip.received.length > seen);
  caller.abort();
  await ended;
});

test('an age is reached or not, today only', async () => {
  const today = new Date().toISOString().slice(0, 10);
  const ask = (years: number, on = today) => authentication().checkAge({ nationalId: uin, years, on }, signal);
  expect(await ask(18)).toEqual({ result: 'yes' });
  expect(await ask(120)).toEqual({ result: 'no' });
  expect(await ask(18, '2001-01-01')).toEqual({ result: 'not-supported' });
});

test('the keys in the address are in no record and no metric', async () => {
  const { licenceKey, partnerApiKey } = mosip.ida.settings('');
  const { calls } = await recordingCalls(() => verify(uin));
  expect(calls.map(({ request: { path } }) => path)).toEqual([IDA_PATH]);
  const { text } = await metrics.render();
  expect(text).toContain('operation="authenticate-identity"');
  for (const key of [licenceKey, partnerApiKey]) {
    expect(mosip.received.at(-1)?.path).toContain(key);
    expect(JSON.stringify(calls) + text).not.toContain(key);
  }
});
