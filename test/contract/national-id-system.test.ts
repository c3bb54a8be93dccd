import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  Answer,
  Capability,
  IdentityClaim,
  Progress,
  Submission,
  Verification,
} from '../../src/national-id/index.js';
import { type Identity, identityOperation, type Person, type VitalEvent } from '../../src/vital-events/index.js';
import type { Bench, Failure } from './national-id/bench.js';
import { fakeBench } from './national-id/fake-bench.js';
import { fhirBench } from './national-id/fhir-bench.js';
import { mosipBench, mosipRepositoryBench, mosipVidBench } from './national-id/mosip-bench.js';
import { osiaBench } from './national-id/osia-bench.js';
import { restBench } from './national-id/rest-bench.js';

const CHILD: Person = {
  names: [{ language: 'en', given: ['Thandiwe'], family: 'Canary' }],
  gender: 'female',
  birthDate: { value: '2024-01-28', approximate: false },
  identifiers: [],
  nationalities: [],
  addresses: [],
};
const BIRTH: VitalEvent = { kind: 'birth', registrationNumber: '2024B1', subject: CHILD };
const RENAMED: Person = { ...CHILD, names: [{ language: 'en', given: ['Thandeka'], family: 'Canary' }] };
const CORRECTION: VitalEvent = { ...BIRTH, kind: 'correction', of: 'birth', revision: '1', subject: RENAMED };
const CANCELLED_BIRTH: VitalEvent = { ...BIRTH, kind: 'cancellation', of: 'birth', revision: '2' };
const DEATH: VitalEvent = { kind: 'death', registrationNumber: '2024D1', subject: CHILD };
const CANCELLED_DEATH: VitalEvent = { ...DEATH, kind: 'cancellation', of: 'death', revision: '3' };

const NOT_SUPPORTED = { result: 'not-supported' };
const CONFIRMED = { result: 'confirmed' };

describe.each([
  { name: 'mosip', open: mosipBench },
  { name: 'mosip with its identity repository', open: mosipRepositoryBench },
  { name: 'mosip with deaths by VID', open: mosipVidBench },
  { name: 'osia', open: osiaBench },
  { name: 'fhir', open: fhirBench },
  { name: 'rest', open: restBench },
  { name: 'the fake', open: fakeBench },
])('$name', ({ open }) => {
  let bench: Bench;
  /** What adapters have written down, by the key of the event. */
  let kept: Map<string, unknown>;
  beforeEach(async () => {
    bench = await open();
    kept = new Map();
  });
  afterEach(() => bench.close());

  const submissionOf = (event: VitalEvent, facts: Partial<Submission> = {}): Submission => {
    const digest = createHash('sha256').update(`${event.kind} ${event.registrationNumber}`).digest();
    const { signal } = new AbortController();
    const outwardKey = bench.system.outwardKey(digest);
    const progress: Progress = {
      kept: kept.get(outwardKey),
      keep: async (note) => void kept.set(outwardKey, note),
    };
    return { event, outwardKey, repeated: false, progress, signal, ...facts };
  };

  /** The first answer to an event. */
  const ask = (event: VitalEvent, facts: Partial<Submission> = {}): Promise<Answer> => {
    const operation = identityOperation(event, { birthCancellation: 'deactivate' });
    if (operation === 'operator') throw new Error('no rule of this suite leaves an event to an operator');
    return bench.system[operation](submissionOf(event, facts));
  };

  /** How an event ends: at once, or by callback. */
  const end = async (event: VitalEvent, facts: Partial<Submission> = {}): Promise<Answer> => {
    const answer = await ask(event, facts);
    if (answer.result !== 'pending') return answer;
    const { identity } = await bench.callbackFor(submissionOf(event).outwardKey);
    return event.kind === 'birth' ? { result: 'issued', identity } : { result: 'confirmed' };
  };

  const born = async (): Promise<Identity> => {
    const answer = await end(BIRTH);
    if (answer.result !== 'issued') throw new Error(`the birth ended as ${answer.result}`);
    return answer.identity;
  };

  const can = (capability: 'deactivate' | 'update' | 'reactivate'): boolean =>
    bench.system.capabilities.has(capability);

  test('its key follows from the digest alone', () => {
    const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(bench.system.outwardKey(one)).toBe(bench.system.outwardKey(Buffer.from(one)));
    expect(bench.system.outwardKey(one)).not.toBe(bench.system.outwardKey(other));
  });

  test('a birth is issued: by callback where there is one, else at once', async () => {
    const hasCallback = bench.system.capabilities.has('callback');
    expect(bench.system.callback !== undefined).toBe(hasCallback);
    expect((await ask(BIRTH)).result).toBe(hasCallback ? 'pending' : 'issued');

    const identity = await born();
    expect(identity.nationalId).toMatch(/\w+/);
    expect(bench.personOf(identity)).toMatchObject({ isActive: true, name: expect.stringContaining('Thandiwe') });
    expect(bench.identities()).toBe(1);
  });

  test('the same birth again and again is one identity', async () => {
    const first = await born();
    for (const repeated of [false, true]) expect(await end(BIRTH, { repeated })).toMatchObject({ identity: first });
    expect(bench.identities()).toBe(1);
  });

  test('an unknown outcome says so, and the repeat makes no second identity', async () => {
    const caller = new AbortController();
    bench.failNext('unanswered');
    const lost = ask(BIRTH, { signal: caller.signal });
    const failed = expect(lost).rejects.toMatchObject({ disposition: 'retry', unanswered: true });
    await bench.until(() => bench.identities() === 1);
    caller.abort();
    await failed;

    expect(await end(BIRTH, { repeated: true })).toMatchObject({ result: 'issued' });
    expect(bench.identities()).toBe(1);
  });

  test('a refusal is an answer, with a code and words that hold no data', async () => {
    bench.failNext('refusal');
    const answer = await ask(BIRTH);
    expect(answer).toEqual({ result: 'refused', code: expect.stringMatching(/./), reason: expect.stringMatching(/./) });
    expect(JSON.stringify(answer)).not.toMatch(/Canary|Thandiwe|2024/);
    expect(bench.identities()).toBe(0);
  });

  test.each<{ failure: Failure }>([{ failure: 'garbage' }, { failure: 'error-in-200' }, { failure: 'unavailable' }])(
    'no success and no refusal, tried again later: $failure',
    async ({ failure }) => {
      bench.failNext(failure);
      await expect(ask(BIRTH)).rejects.toMatchObject({ disposition: 'retry' });
      expect(await end(BIRTH, { repeated: true })).toMatchObject({ result: 'issued' });
      expect(bench.identities()).toBe(1);
    },
  );

  test('an expired token is renewed, or tried again later: never a refusal', async () => {
    await born();
    bench.failNext('token-refused');
    const second: VitalEvent = { ...BIRTH, registrationNumber: '2024B2' };
    const first = await ask(second).catch((thrown: unknown) => thrown);
    expect(first).toEqual(
      first instanceof Error
        ? expect.objectContaining({ code: 'peer_unauthorized', disposition: 'retry' })
        : expect.objectContaining({ result: expect.stringMatching(/pending|issued/) }),
    );
    expect(await end(second, { repeated: true })).toMatchObject({ result: 'issued' });
    expect(bench.identities()).toBe(2);
  });

  test.each([
    { capability: 'deactivate', event: DEATH },
    { capability: 'update', event: CORRECTION },
    { capability: 'reactivate', event: CANCELLED_DEATH },
  ] as const)('does what it declares, and answers where it declares nothing: $capability', async (row) => {
    const known = await born();
    const before = bench.calls();
    const answer = await end(row.event, { known });
    expect(answer).toEqual(can(row.capability) ? CONFIRMED : NOT_SUPPORTED);
    expect(bench.calls() > before).toBe(can(row.capability));
  });

  test('a correction reaches the person whom we know, also when told twice', async () => {
    const known = await born();
    for (const repeated of [false, true]) expect(await end(CORRECTION, { known, repeated })).toEqual(CONFIRMED);
    await bench.until(() => bench.personOf(known)?.name.includes('Thandeka') === true);
    expect(bench.personOf(known)?.isActive).toBe(true);
    expect(bench.identities()).toBe(1);
  });

  test('a death ends the identity of the person whom we know, also when told twice', async () => {
    const known = await born();
    for (const repeated of [false, true]) expect(await end(DEATH, { known, repeated })).toEqual(CONFIRMED);
    expect(bench.personOf(known)?.isActive).toBe(false);
  });

  test('a cancelled death gives the identity back where that can be done', async () => {
    const known = await born();
    await end(DEATH, { known });
    expect(await end(CANCELLED_DEATH, { known })).toEqual(can('reactivate') ? CONFIRMED : NOT_SUPPORTED);
    expect(bench.personOf(known)?.isActive).toBe(can('reactivate'));
  });

  test('a cancelled birth ends the identity, or changes nothing and says so', async () => {
    const known = await born();
    const answer = await end(CANCELLED_BIRTH, { known });
    expect([CONFIRMED, NOT_SUPPORTED]).toContainEqual(answer);
    expect(bench.personOf(known)?.isActive).toBe(answer.result === 'not-supported');
  });

  test.each([
    { name: 'a death', event: DEATH },
    { name: 'a correction', event: CORRECTION },
  ])('$name of nobody we know is refused, and makes nobody', async ({ event }) => {
    expect(await end(event)).toMatchObject({ result: 'refused' });
    expect(bench.identities()).toBe(0);
  });

  describe('asked about a person', () => {
    const { signal } = new AbortController();
    const CLAIM = {
      name: { given: ['Thandiwe'], family: 'Canary' },
      birthDate: '2024-01-28',
      gender: 'female',
    } as const;
    const verify = (nationalId: string, changes: Partial<IdentityClaim> = {}): Promise<Verification> =>
      bench.system.verify({ nationalId, ...CLAIM, ...changes }, signal);
    const numberOf = ({ nationalId = '' }: Identity): string => nationalId;
    const has = (capability: Capability): boolean => bench.system.capabilities.has(capability);

    test.each<{ name: string; changes: Partial<IdentityClaim>; answer: Verification }>([
      { name: 'all of it', changes: {}, answer: { result: 'match' } },
      { name: 'only some of it', changes: { gender: undefined, birthDate: undefined }, answer: { result: 'match' } },
      {
        name: 'another name',
        changes: { name: { given: ['Thandeka'], family: 'Canary' } },
        answer: { result: 'mismatch', attributes: ['name'] },
      },
      {
        name: 'a middle name that is not theirs',
        changes: { name: { given: ['Thandiwe', 'Zoe'], family: 'Canary' } },
        answer: { result: 'mismatch', attributes: ['name'] },
      },
      {
        name: 'another day and gender',
        changes: { birthDate: '2024-01-29', gender: 'male' },
        answer: { result: 'mismatch', attributes: ['birth-date', 'gender'] },
      },
    ])('a claim of $name is answered', async ({ changes, answer }) => {
      const known = await born();
      const given = await verify(numberOf(known), changes);
      // In whatever order the system tells them.
      const sorted = 'attributes' in given ? { ...given, attributes: given.attributes.toSorted() } : given;
      expect(sorted).toEqual(has('verify') ? answer : NOT_SUPPORTED);
    });

    test('a number that nobody has, or that has ended, is told from a false claim', async () => {
      if (!has('verify')) return;
      const known = await born();
      expect(await verify('4999999999')).toEqual({ result: 'not-found' });
      await end(DEATH, { known });
      expect(await verify(numberOf(known))).toEqual({ result: 'inactive' });
    });

    test('a system that is away says neither yes nor no', async () => {
      if (!has('verify')) return;
      const known = await born();
      bench.failNext('unavailable', 'query');
      await expect(verify(numberOf(known))).rejects.toMatchObject({ disposition: 'retry' });
      expect(await verify(numberOf(known))).toEqual({ result: 'match' });
    });

    test.each([
      { years: 0, result: 'yes' },
      { years: 100, result: 'no' },
    ])('an age of $years is answered with $result', async ({ years, result }) => {
      const known = await born();
      const on = new Date().toISOString().slice(0, 10);
      const answer = await bench.system.checkAge({ nationalId: numberOf(known), years, on }, signal);
      expect(answer).toEqual(has('age-check') ? { result } : NOT_SUPPORTED);
    });

    test('a person is found by their number, and nobody by another', async () => {
      const known = await born();
      const answers = [known.nationalId ?? '', '4999999999'].map((nationalId) =>
        bench.system.lookup({ nationalId }, signal),
      );
      const [found, other] = await Promise.all(answers);
      if (!has('lookup')) return expect([found, other]).toEqual([NOT_SUPPORTED, NOT_SUPPORTED]);
      const { nationalId } = known;
      expect(found).toMatchObject({ result: 'found', found: { identity: { nationalId }, isActive: true } });
      expect(other).toEqual({ result: 'not-found' });
    });

    test('likely persons are found, the most likely first', async () => {
      await born();
      const answer = await bench.system.match(CHILD, { atMost: 3, onlyCertain: false }, signal);
      if (!has('match')) return expect(answer).toEqual(NOT_SUPPORTED);
      expect(answer).toMatchObject({
        result: 'candidates',
        candidates: [{ person: { birthDate: CHILD.birthDate, gender: 'female' }, grade: expect.stringMatching(/./) }],
      });
      const others: Person = { ...CHILD, names: [{ given: ['Koffi'], family: 'Other' }], gender: 'male' };
      const stranger = { ...others, birthDate: { value: '1960-01-01', approximate: false } };
      const none = await bench.system.match(stranger, { atMost: 3, onlyCertain: false }, signal);
      expect(none).toEqual({ result: 'candidates', candidates: [] });
    });
  });

  test('it can be stopped twice', async () => {
    await bench.system.stop();
    await bench.system.stop();
  });
});
