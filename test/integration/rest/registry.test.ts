import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recordingCalls } from '../../../src/outbound/index.js';
import { json } from '../../peers/http-peer.js';
import { RestRegistryPeer } from '../../peers/rest-registry-peer.js';
import { CallbackPeer } from '../mosip/callback-peer.js';
import { BIRTH, CHILD, deathOf } from './people.js';
import { type RestStage, SECRETS, setStage, settingsOf, shipped } from './set-up.js';

let peer: RestRegistryPeer;
let route: CallbackPeer;
let stage: RestStage;
const { signal } = new AbortController();

beforeEach(async () => {
  peer = await new RestRegistryPeer({
    clientId: SECRETS['REGISTRY_CLIENT_ID'] ?? '',
    clientSecret: SECRETS['REGISTRY_CLIENT_SECRET'] ?? '',
    callbackKey: SECRETS['REGISTRY_CALLBACK_KEY'] ?? '',
    decides: false,
  }).start();
  route = await new CallbackPeer().start();
  stage = setStage({ ...settingsOf(shipped('registry')), baseUrl: peer.baseUrl });
  route.door = stage.system.callback;
  peer.callbackUrl = route.callbackUrl;
});
afterEach(async () => {
  await stage.close();
  await peer.stop();
  await route.stop();
});

/** Applies and is granted; the number. */
async function born(): Promise<string> {
  const birth = stage.submission(BIRTH);
  await stage.system.issue(birth);
  await peer.decide(birth.outwardKey, 'granted');
  return peer.persons[0]?.number ?? '';
}

describe('an application', () => {
  test('waits, is found waiting, and is granted by a signed call', async () => {
    const birth = stage.submission(BIRTH);
    expect(await stage.system.status(birth)).toEqual({ result: 'not-found' });
    expect(await stage.system.issue(birth)).toEqual({ result: 'pending' });
    expect(await stage.system.status(birth)).toEqual({ result: 'pending' });

    await peer.decide(birth.outwardKey, 'granted');
    const identity = { nationalId: peer.persons[0]?.number };
    expect(route.deliveries.map(({ answer }) => answer)).toEqual([{ outwardKey: birth.outwardKey, identity }]);
    expect(await stage.system.status(birth)).toEqual({ result: 'issued', identity });
    expect(peer.persons).toMatchObject([{ givenNames: ['Thandiwe', 'Zoë'], familyName: 'Canary', sex: 'F' }]);
  });

  test.each([
    { rejection: 'NOT_ELIGIBLE', code: 'NOT_ELIGIBLE', reason: 'This person is not entitled to a national number.' },
    { rejection: 'Canary is known', code: 'REJECTED', reason: 'The registry rejected the application.' },
  ])('that is rejected is found by asking, in our words: $rejection', async ({ rejection, code, reason }) => {
    const birth = stage.submission(BIRTH);
    await stage.system.issue(birth);
    await peer.decide(birth.outwardKey, { rejection });
    expect(route.received).toEqual([]);
    expect(await stage.system.status(birth)).toEqual({ result: 'refused', code, reason });
  });

  test('carries the key as reference and as header', async () => {
    const { outwardKey } = stage.submission(BIRTH);
    await stage.system.issue(stage.submission(BIRTH));
    const [application] = peer.requestsTo('/applications');
    expect(outwardKey).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(application?.headers['idempotency-key']).toBe(outwardKey);
    expect(JSON.parse(String(application?.body))).toMatchObject({ reference: outwardKey });
  });
});

describe('the life of an identity', () => {
  test('a death ends it with its date', async () => {
    const number = await born();
    expect(await stage.system.deactivate(stage.submission(deathOf(number)))).toEqual({ result: 'confirmed' });
    expect(peer.persons).toMatchObject([{ state: 'ended', diedOn: '2024-05-06' }]);
  });

  test.each(['deactivate', 'reactivate', 'update'] as const)(
    '%s of a number that nobody has is refused',
    async (name) => {
      expect(await stage.system[name](stage.submission(deathOf('5999999999')))).toEqual({
        result: 'refused',
        code: 'PERSON_NOT_FOUND',
        reason: 'The registry knows nobody by this number.',
      });
    },
  );
});

describe('questions', () => {
  const name = { given: ['Thandiwe', 'Zoë'], family: 'Canary' };

  test.each([
    { claim: { name, birthDate: '2004-01-28', gender: 'female' }, answer: { result: 'match' } },
    { claim: { name: { ...name, family: 'C' } }, answer: { result: 'mismatch', attributes: ['name'] } },
    { claim: { name: { given: ['T'], family: 'C' } }, answer: { result: 'mismatch', attributes: ['name'] } },
    {
      claim: { gender: 'male', birthDate: '2004-01-29' },
      answer: { result: 'mismatch', attributes: expect.arrayContaining(['gender', 'birth-date']) },
    },
  ] as const)('verify: $answer', async ({ claim, answer }) => {
    const nationalId = await born();
    expect(await stage.system.verify({ nationalId, ...claim }, signal)).toEqual(answer);
  });

  test('verify and age of somebody who died: inactive, and of nobody: not found', async () => {
    const nationalId = await born();
    await stage.system.deactivate(stage.submission(deathOf(nationalId)));
    const question = { years: 18, on: '2024-01-01' };
    expect(await stage.system.verify({ nationalId }, signal)).toEqual({ result: 'inactive' });
    expect(await stage.system.checkAge({ nationalId, ...question }, signal)).toEqual({ result: 'inactive' });
    expect(await stage.system.verify({ nationalId: '5999999999' }, signal)).toEqual({ result: 'not-found' });
    expect(await stage.system.checkAge({ nationalId: '5999999999', ...question }, signal)).toEqual({
      result: 'not-found',
    });
  });

  test.each([
    { on: '2022-01-27', result: 'no' },
    { on: '2022-01-28', result: 'yes' },
  ])('over 18 on $on: $result', async ({ on, result }) => {
    const nationalId = await born();
    expect(await stage.system.checkAge({ nationalId, years: 18, on }, signal)).toEqual({ result });
  });

  test('looks a person up by the number only', async () => {
    const nationalId = await born();
    expect(await stage.system.lookup({ nationalId }, signal)).toEqual({
      result: 'found',
      found: {
        identity: { nationalId },
        isActive: true,
        person: {
          ...CHILD,
          names: [{ given: ['Thandiwe', 'Zoë'], family: 'Canary' }],
        },
      },
    });
    expect(await stage.system.lookup({ nationalId: '5999999999' }, signal)).toEqual({ result: 'not-found' });
    const before = peer.received.length;
    expect(await stage.system.lookup({ registrationNumber: '2024B1' }, signal)).toEqual({ result: 'not-supported' });
    expect(await stage.system.match(CHILD, { atMost: 1, onlyCertain: true }, signal)).toEqual({
      result: 'not-supported',
    });
    expect(peer.received).toHaveLength(before);
  });

  test('an unavailable registry is never a no', async () => {
    peer.fail('/verify', { status: 503, headers: { 'retry-after': '7' }, body: '<h1>Canary</h1>' });
    await expect(stage.system.verify({ nationalId: '5271936581' }, signal)).rejects.toMatchObject({
      code: 'peer_unavailable',
      retryAfterMs: 7000,
    });
  });
});

describe('privacy', () => {
  test('records show the template of an address, never a number in it', async () => {
    const nationalId = await born();
    const { calls } = await recordingCalls(async () => {
      await stage.system.lookup({ nationalId }, signal);
      await stage.system.checkAge({ nationalId, years: 18, on: '2024-01-01' }, signal);
    });
    expect(calls.map(({ request }) => request.path)).toEqual([
      '/api/v1/persons/{number}',
      '/api/v1/persons/{number}/age',
    ]);
    expect(JSON.stringify(calls)).not.toContain(nationalId);
    expect(stage.lines.join('')).not.toContain(nationalId);
  });

  test('an error tells nothing of an answer', async () => {
    peer.fail('/applications', json({ error: { code: 'CANARY', text: 'Thandiwe' } }, 400));
    const thrown = await stage.system.issue(stage.submission(BIRTH)).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'peer_misconfigured', message: expect.stringContaining('HTTP 400') });
    expect(String(thrown)).not.toMatch(/CANARY|Thandiwe/i);
  });
});

test('one token serves every call until it is refused', async () => {
  await born();
  peer.revokeTokens();
  expect(await stage.system.lookup({ nationalId: '5271936581' }, signal)).toMatchObject({ result: 'found' });
  expect(peer.requestsTo('/oauth/token')).toHaveLength(2);
  expect(stage.health()).toMatchObject({ state: 'ok' });
});

test('credentials that are not known: tried again later, and shown', async () => {
  peer.fail('/oauth/token', json({ error: 'invalid_client' }, 401));
  await expect(stage.system.lookup({ nationalId: '5271936581' }, signal)).rejects.toMatchObject({
    code: 'peer_unauthorized',
    disposition: 'retry',
  });
  expect(stage.health()).toMatchObject({ state: 'degraded', detail: 'peer_unauthorized' });
});
