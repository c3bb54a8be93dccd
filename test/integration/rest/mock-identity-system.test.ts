import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ManualClock } from '../../fakes/manual-clock.js';
import { json } from '../../peers/http-peer.js';
import { RestMockIdentityPeer } from '../../peers/rest-mock-identity-peer.js';
import { BIRTH, CHILD, CORRECTION, deathOf } from './people.js';
import { type RestStage, setStage, settingsOf, shipped } from './set-up.js';

let peer: RestMockIdentityPeer;
let stage: RestStage;
const { signal } = new AbortController();

beforeEach(async () => {
  const clock = new ManualClock();
  peer = await new RestMockIdentityPeer(clock).start();
  stage = setStage({ ...settingsOf(shipped('mock-identity-system')), baseUrl: peer.baseUrl }, { clock });
});
afterEach(async () => {
  await stage.close();
  await peer.stop();
});

const errorReply = (errorCode: string) =>
  json({ responseTime: '', response: null, errors: [{ errorCode, message: 'Canary' }] });

async function born(): Promise<string> {
  const answer = await stage.system.issue(stage.submission(BIRTH));
  if (answer.result !== 'issued') throw new Error(`the birth ended as ${answer.result}`);
  return answer.identity.nationalId ?? '';
}

test('declares what it has', () => {
  expect([...stage.system.capabilities].sort()).toEqual(['age-check', 'issue', 'lookup', 'status', 'update', 'verify']);
  expect(stage.system.callback).toBeUndefined();
});

test('a birth is issued at once, under a number of our own', async () => {
  const nationalId = await born();
  expect(nationalId).toMatch(/^\d{19}$/);
  expect(peer.identities).toMatchObject([
    {
      individualId: nationalId,
      fullName: [{ language: 'eng', value: 'Thandiwe Zoë Canary' }],
      dateOfBirth: '2004/01/28',
      pin: expect.stringMatching(/^\d{6}$/),
    },
  ]);
});

test.each([{ repeated: false }, { repeated: true }])('told twice it is one identity: $repeated', async (facts) => {
  const nationalId = await born();
  const before = peer.received.length;
  expect(await stage.system.issue(stage.submission(BIRTH, facts))).toEqual({
    result: 'issued',
    identity: { nationalId },
  });
  expect(peer.identities).toHaveLength(1);
  // A repeat looks first, and finds.
  expect(peer.received.slice(before).map(({ method }) => method)).toEqual([facts.repeated ? 'GET' : 'POST']);
});

test('a lost answer is tried again, and the repeat looks before it sends', async () => {
  peer.fail('/identity', { kind: 'cut' }, 1);
  await expect(stage.system.issue(stage.submission(BIRTH))).rejects.toMatchObject({ disposition: 'retry' });
  const answer = await stage.system.issue(stage.submission(BIRTH, { repeated: true }));
  expect(answer.result).toBe('issued');
  expect(peer.identities).toHaveLength(1);
  expect(peer.received.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

test('a repeat that finds nothing sends', async () => {
  expect(await stage.system.issue(stage.submission(BIRTH, { repeated: true }))).toMatchObject({ result: 'issued' });
  expect(peer.received.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

test.each([
  { errorCode: 'invalid_dateofbirth', code: 'invalid_dateofbirth' },
  { errorCode: 'Thandiwe Canary', code: 'invalid_request' },
])('errors in a 200 refuse, under codes that the file knows: $code', async ({ errorCode, code }) => {
  peer.fail('/identity', errorReply(errorCode));
  expect(await stage.system.issue(stage.submission(BIRTH))).toEqual({
    result: 'refused',
    code,
    reason: expect.not.stringMatching(/Canary/),
  });
});

test('a birth without a date is refused by the schema of the system', async () => {
  const { birthDate: _date, ...subject } = CHILD;
  expect(await stage.system.issue(stage.submission({ ...BIRTH, subject }))).toMatchObject({
    result: 'refused',
    code: 'invalid_dateofbirth',
  });
  expect(peer.identities).toEqual([]);
});

test('an error of its own is tried again', async () => {
  peer.fail('/identity', errorReply('unknown_error'));
  await expect(stage.system.issue(stage.submission(BIRTH))).rejects.toMatchObject({ disposition: 'retry' });
});

test('a correction replaces the name and keeps the rest, also when told twice', async () => {
  const nationalId = await born();
  const [{ pin } = { pin: '' }] = peer.identities;
  for (const repeated of [false, true]) {
    const known = { nationalId };
    expect(await stage.system.update(stage.submission(CORRECTION, { known, repeated }))).toEqual({
      result: 'confirmed',
    });
  }
  expect(peer.identities).toMatchObject([{ givenName: [{ value: 'Thandeka' }], pin }]);
});

test('a correction of nobody is refused', async () => {
  const known = { nationalId: '1234567890' };
  expect(await stage.system.update(stage.submission(CORRECTION, { known }))).toMatchObject({
    result: 'refused',
    code: 'invalid_individual_id',
  });
});

test('what it cannot do is answered without a call', async () => {
  const submission = stage.submission(deathOf('1234567890'));
  expect(await stage.system.deactivate(submission)).toEqual({ result: 'not-supported' });
  expect(await stage.system.reactivate(submission)).toEqual({ result: 'not-supported' });
  expect(peer.received).toEqual([]);
});

describe('questions', () => {
  test('status', async () => {
    const birth = stage.submission(BIRTH);
    expect(await stage.system.status(birth)).toEqual({ result: 'not-found' });
    const nationalId = await born();
    expect(await stage.system.status(birth)).toEqual({ result: 'issued', identity: { nationalId } });
  });

  test.each([
    { claim: {}, answer: { result: 'match' } },
    {
      claim: {
        name: { given: ['thandiwe', 'zoë'], family: 'CANARY' },
        birthDate: '2004-01-28',
        gender: 'female',
      },
      answer: { result: 'match' },
    },
    {
      claim: { name: { given: ['Thandeka'] }, birthDate: '2004-01-29', gender: 'male' },
      answer: { result: 'mismatch', attributes: ['name', 'birth-date', 'gender'] },
    },
    { claim: { birthDate: '2004-01-27' }, answer: { result: 'mismatch', attributes: ['birth-date'] } },
  ] as const)('verify: $answer', async ({ claim, answer }) => {
    const nationalId = await born();
    expect(await stage.system.verify({ nationalId, ...claim }, signal)).toEqual(answer);
  });

  test.each([
    { on: '2022-01-27', result: 'no' },
    { on: '2022-01-28', result: 'yes' },
  ])('over 18 on $on: $result', async ({ on, result }) => {
    const nationalId = await born();
    expect(await stage.system.checkAge({ nationalId, years: 18, on }, signal)).toEqual({ result });
  });

  test('lookup', async () => {
    const nationalId = await born();
    expect(await stage.system.lookup({ nationalId }, signal)).toMatchObject({
      result: 'found',
      found: { identity: { nationalId }, isActive: true, person: { gender: 'female' } },
    });
  });

  test('nobody has this number', async () => {
    const nationalId = '1234567890';
    const notFound = { result: 'not-found' };
    expect(await stage.system.verify({ nationalId }, signal)).toEqual(notFound);
    expect(await stage.system.checkAge({ nationalId, years: 1, on: '2024-01-01' }, signal)).toEqual(notFound);
    expect(await stage.system.lookup({ nationalId }, signal)).toEqual(notFound);
  });
});
