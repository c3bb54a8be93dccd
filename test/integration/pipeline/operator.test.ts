import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import type { Operator } from '../../../src/pipeline/index.js';
import type { Incoming } from '../../../src/vital-events/index.js';
import {
  birth,
  credential,
  death,
  type Harness,
  startHarness,
  temporaryFolder,
} from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

const folder = temporaryFolder();
const by = { actor: 'amina', reason: 'seen to by hand' } as const;
let store: TestStore;
let harness: Harness;
let operator: Operator;

beforeAll(async () => {
  store = await startTestStore('postgres');
  harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 200 });
  operator = harness.pipeline.operator();
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await store.stop();
  await folder.remove();
});

const fails = (code: 'national_id_misconfigured' | 'peer_unauthorized') => async (): Promise<never> => {
  throw new MediatorError(code);
};
const issued = (number: string) => async () => ({ result: 'issued', identity: { nationalId: `N-${number}` } }) as const;

/** A death of the person whose birth this is. */
function deathOf(number: string): Incoming {
  const dying = death(`${number}-death`, `none-${number}`);
  if (dying.reading.ok)
    dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: number });
  return dying;
}

/** A birth that the national ID system does not take, for a reason that a person has to see to. */
async function stuckBirth(number: string): Promise<string> {
  harness.system.when(number, fails('national_id_misconfigured'));
  await harness.pipeline.accept(birth(number));
  return (await harness.reaches(number, 'stuck')).id;
}

async function refusedBirth(number: string): Promise<string> {
  harness.system.when(number, async () => ({ result: 'refused', code: 'BAD', reason: 'The name is too short.' }));
  await harness.pipeline.accept(birth(number));
  await until(async () => (await harness.event(number))?.told_at != null, 'the refusal is told');
  return (await harness.reaches(number, 'refused')).id;
}

/** An event that was issued and that OpenCRVS does not take. */
async function undeliverableBirth(number: string): Promise<string> {
  harness.system.when(number, issued(number));
  harness.writeBack.when(number, async () => {
    throw new MediatorError('write_back_refused');
  });
  await harness.pipeline.accept(birth(number));
  return (await harness.reaches(number, 'stuck')).id;
}

describe('trying again', () => {
  test('a stuck event goes back to its submission, under the same key, and is audited', async () => {
    const id = await stuckBirth('T1');
    harness.system.when('T1', issued('T1'));
    expect(await operator.retry(id, by)).toEqual({ result: 'done' });
    await harness.reaches('T1', 'settled');
    const submissions = harness.system.submissionsOf('T1');
    expect(submissions.map(({ repeated }) => repeated)).toEqual([false, true]);
    expect(new Set(submissions.map(({ outwardKey }) => outwardKey)).size).toBe(1);
    const detail = await operator.show(id);
    expect(detail?.audit).toEqual([
      expect.objectContaining({ actor: 'amina', action: 'retry', eventId: id, reason: 'seen to by hand' }),
    ]);
    expect(detail?.history.find(({ step }) => step === 'operator')).toMatchObject({
      outcome: 'received',
      note: 'Tried again by amina: seen to by hand',
    });
  });

  test('what was answered already goes back to its delivery, and is not issued again', async () => {
    const id = await undeliverableBirth('T2');
    harness.writeBack.when('T2', async () => ({ result: 'delivered' }));
    expect(await operator.retry(id, by)).toEqual({ result: 'done' });
    await harness.reaches('T2', 'settled');
    expect(harness.system.submissionsOf('T2')).toHaveLength(1);
  });

  test('what was refused is sent again; a second refusal is told again', async () => {
    const id = await refusedBirth('T3');
    expect(await operator.retry(id, by)).toEqual({ result: 'done' });
    await until(() => harness.writeBack.deliveriesOf('T3').length === 2, 'the second refusal is told');
    expect(harness.system.submissionsOf('T3')).toHaveLength(2);
    await harness.reaches('T3', 'refused');
    harness.system.when('T3', issued('T3'));
    expect(await operator.retry(id, by)).toEqual({ result: 'done' });
    await harness.reaches('T3', 'settled');
  });

  test('those that were stuck behind it wait again, and follow', async () => {
    const id = await stuckBirth('T4');
    await harness.pipeline.accept(deathOf('T4'));
    expect(await harness.event('T4-death')).toMatchObject({ state: 'stuck', code: 'waits_for_earlier' });
    harness.system.when('T4', async () => ({ result: 'pending' }));
    harness.system.when('T4-death', async () => ({ result: 'confirmed' }));
    await operator.retry(id, by);
    const { outwardKey } = await harness.system.submitted('T4', 2);
    expect(await harness.event('T4-death')).toMatchObject({ state: 'received', code: null });
    expect(harness.system.submissionsOf('T4-death')).toHaveLength(0);
    await harness.pipeline.acceptCallback('mosip', 'delivery-T4', credential(outwardKey, 'V-T4'));
    await harness.reaches('T4-death', 'settled');
  });

  test('an event behind a stuck one cannot be tried before it', async () => {
    await stuckBirth('T5');
    await harness.pipeline.accept(deathOf('T5'));
    const { id } = await harness.reaches('T5-death', 'stuck');
    expect(await operator.retry(id, by)).toEqual({ result: 'waits' });
    expect((await operator.show(id))?.next).toMatchObject({ step: 'wait', behind: (await harness.event('T5'))?.id });
    expect((await operator.show(id))?.audit).toEqual([]);
  });

  test('all behind a stuck event get stuck again when it does', async () => {
    const id = await stuckBirth('T6');
    await harness.pipeline.accept(deathOf('T6'));
    const again = deathOf('T6');
    if (again.reading.ok) again.reading.event.registrationNumber = 'T6-second';
    await harness.pipeline.accept({ ...again, raw: 'another' });
    await operator.retry(id, by);
    await harness.system.submitted('T6', 2);
    for (const number of ['T6', 'T6-death', 'T6-second']) await harness.reaches(number, 'stuck');
    expect(harness.system.submissionsOf('T6-death')).toHaveLength(0);
  });

  test('gives a submission that had passed its deadline the whole time again', async () => {
    await harness.pipeline.accept(birth('T7'));
    const { id } = await harness.reaches('T7', 'submitted');
    await harness.sql.query(
      `update mediator.event set submitted_at = now() - interval '3 hours', next_action_at = now() where id = $1`,
      [id],
    );
    expect(await harness.reaches('T7', 'stuck')).toMatchObject({ code: 'answer_deadline_passed' });
    await operator.retry(id, by);
    await harness.reaches('T7', 'submitted');
    const left = ((await operator.show(id))?.event.nextAt?.getTime() ?? 0) - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
  });
});

describe('closing', () => {
  test('ends a stuck event with its reason, and the person goes on', async () => {
    const id = await stuckBirth('C1');
    await harness.pipeline.accept(deathOf('C1'));
    harness.system.when('C1-death', async () => ({ result: 'confirmed' }));
    expect(await operator.close(id, by)).toEqual({ result: 'done' });
    expect(await harness.event('C1')).toMatchObject({ state: 'closed', reason: 'seen to by hand' });
    await harness.reaches('C1-death', 'settled');
    expect((await operator.show(id))?.next).toEqual({ step: 'none' });
  });

  test('ends a refused one; a late answer still counts, for the identity exists', async () => {
    const id = await refusedBirth('C2');
    expect(await operator.close(id, by)).toEqual({ result: 'done' });
    const { outwardKey } = await harness.system.submitted('C2');
    await harness.pipeline.acceptCallback('mosip', 'delivery-C2', credential(outwardKey, 'V-C2'));
    await harness.reaches('C2', 'settled');
  });

  test('of an event that was answered takes no second answer', async () => {
    const id = await undeliverableBirth('C3');
    await operator.close(id, by);
    const { outwardKey } = await harness.system.submitted('C3');
    await harness.pipeline.acceptCallback('mosip', 'delivery-C3', credential(outwardKey, 'V-C3'));
    await until(
      async () => (await harness.historyOf(id)).some(({ outcome }) => outcome === 'repeated'),
      'the repeat is noted',
    );
    expect((await harness.event('C3'))?.state).toBe('closed');
  });

  test('can be taken back while its data is there', async () => {
    const id = await stuckBirth('C4');
    await operator.close(id, by);
    harness.system.when('C4', issued('C4'));
    expect((await operator.show(id))?.allowed).toEqual(['retry']);
    expect(await operator.retry(id, { actor: 'amina' })).toEqual({ result: 'done' });
    await harness.reaches('C4', 'settled');
  });

  test('is not undone by a new registration alone: a person decides again', async () => {
    const reply = (revision: string) => ({ to: {}, revision, before: undefined });
    harness.system.when('C5', fails('national_id_misconfigured'));
    await harness.pipeline.accept({ ...birth('C5'), reply: reply('action-1') });
    const { id } = await harness.reaches('C5', 'stuck');
    await operator.close(id, by);
    await harness.pipeline.accept({ ...birth('C5'), reply: reply('action-2') });
    expect(await harness.reaches('C5', 'stuck')).toMatchObject({ code: 'decision_needed' });
    expect(harness.system.submissionsOf('C5')).toHaveLength(1);
  });
});

describe('what is not done', () => {
  test.each([
    { name: 'an event that is over', number: 'N1', act: 'retry', result: 'not-allowed' },
    { name: 'an event that is over, to be closed', number: 'N2', act: 'close', result: 'not-allowed' },
  ] as const)('$name', async ({ number, act, result }) => {
    harness.system.when(number, issued(number));
    await harness.pipeline.accept(birth(number));
    const { id } = await harness.reaches(number, 'settled');
    expect(await operator[act](id, by)).toEqual({ result });
  });

  test.each(['00000000-0000-4000-8000-000000000000', 'no id at all'])('an event that is not there: %s', async (id) => {
    expect(await operator.retry(id, by)).toEqual({ result: 'not-found' });
    expect(await operator.show(id)).toBeUndefined();
  });

  test('an event that has moved since it was looked at', async () => {
    const id = await stuckBirth('N3');
    const version = (await operator.show(id))?.event.version ?? 0;
    await operator.retry(id, by);
    await harness.system.submitted('N3', 2);
    await harness.reaches('N3', 'stuck');
    expect(await operator.close(id, { ...by, version })).toEqual({ result: 'changed' });
    expect((await harness.event('N3'))?.state).toBe('stuck');
  });

  test('an event whose data is gone', async () => {
    const id = await stuckBirth('N4');
    await harness.sql.query('update mediator.event set payload_sealed = null, payload_key_id = null where id = $1', [
      id,
    ]);
    expect((await operator.show(id))?.allowed).toEqual(['close']);
    expect(await operator.retry(id, by)).toEqual({ result: 'erased' });
  });

  test('the same action by two at once', async () => {
    const id = await stuckBirth('N5');
    harness.system.when('N5', async () => ({ result: 'pending' }));
    const results = await Promise.all([operator.retry(id, by), operator.retry(id, { actor: 'bashir' })]);
    expect(results.map(({ result }) => result).sort()).toEqual(['done', 'not-allowed']);
    await harness.reaches('N5', 'submitted');
    expect((await operator.show(id))?.audit).toHaveLength(1);
  });

  test.each([
    { name: 'no actor', given: { actor: ' ' } },
    { name: 'no reason', given: { actor: 'amina' } },
    { name: 'a reason of two lines', given: { actor: 'amina', reason: 'one\ntwo' } },
    { name: 'a reason without end', given: { actor: 'amina', reason: 'x'.repeat(501) } },
  ])('closing with $name', async ({ given }) => {
    const { id } = await harness.reaches('N3', 'stuck');
    await expect(operator.close(id, given)).rejects.toMatchObject({ code: 'request_invalid' });
  });
});

describe('looking', () => {
  test('a list has the pages that its filter gives, oldest or newest first', async () => {
    for (const number of ['L1', 'L2', 'L3']) await stuckBirth(number);
    const filter = { states: ['stuck'], kinds: ['birth'], codes: ['national_id_misconfigured'] } as const;
    const pages: (string | undefined)[][] = [];
    let after: string | undefined;
    for (;;) {
      const page = await operator.list(filter, { after, limit: 2 });
      if (page.length === 0) break;
      pages.push(page.map(({ registrationNumber }) => registrationNumber));
      after = page.at(-1)?.seq;
    }
    const numbers = pages.flat();
    expect(pages.slice(0, -1).every(({ length }) => length === 2)).toBe(true);
    expect(numbers.slice(-3)).toEqual(['L1', 'L2', 'L3']);
    expect(numbers).toHaveLength(await operator.count(filter));
    const newest = await operator.list(filter, { limit: 2, order: 'newest' });
    expect(newest.map(({ registrationNumber }) => registrationNumber)).toEqual(['L3', 'L2']);
    expect(await operator.count({ ...filter, olderThanMs: 3_600_000 })).toBe(0);
    expect(await operator.count({ ...filter, kinds: ['death'] })).toBe(0);
  });

  test('an event is found by each of its numbers', async () => {
    const transactionId = '0123456789abcdef01234567';
    await harness.pipeline.accept({ ...birth('F1'), transactionId });
    const { id } = await harness.reaches('F1', 'submitted');
    const { outwardKey } = await harness.system.submitted('F1');
    for (const term of ['F1', 'BF1', id, outwardKey, transactionId]) {
      expect((await operator.find(term)).map((event) => event.id)).toEqual([id]);
    }
    expect(await operator.find("x' or true --")).toEqual([]);
  });

  test('shows what comes next, and the callbacks of an event', async () => {
    const { id } = await harness.reaches('F1', 'submitted');
    expect((await operator.show(id))?.next).toEqual({ step: 'expire', at: expect.any(Date) });
    const { outwardKey } = await harness.system.submitted('F1');
    await harness.pipeline.acceptCallback('mosip', 'delivery-F1', credential(outwardKey, 'V-F1'));
    await harness.reaches('F1', 'settled');
    expect((await operator.show(id))?.callbacks).toMatchObject([{ state: 'matched', system: 'mosip' }]);
  });

  test('counts what is not over', async () => {
    const standing = await operator.standing();
    const stuck = standing.find(({ state }) => state === 'stuck');
    expect(stuck?.count).toBe(await operator.count({ states: ['stuck'] }));
    expect(stuck?.oldestMs).toBeGreaterThan(0);
    expect(standing.map(({ state }) => state)).not.toContain('settled');
  });
});

describe('in bulk', () => {
  test('what a filter names is tried again, as far as the limit goes, and the rest is counted', async () => {
    const numbers = ['B1', 'B2', 'B3'];
    for (const number of numbers) {
      harness.system.when(number, fails('peer_unauthorized'));
      await harness.pipeline.accept(birth(number));
    }
    await harness.sql.query(
      `update mediator.event set state = 'stuck', code = 'retries_exhausted', next_action_at = null, version = version + 1
       where registration_number like 'B_'`,
    );
    for (const number of numbers) harness.system.when(number, issued(number));
    const filter = { codes: ['retries_exhausted'] };
    expect(await operator.retryAll(filter, by, 2)).toEqual({ done: 2, skipped: {}, isWhole: false });
    await harness.reaches('B1', 'settled');
    await harness.reaches('B2', 'settled');
    expect((await harness.event('B3'))?.state).toBe('stuck');
    expect(await operator.retryAll(filter, by, 2)).toEqual({ done: 1, skipped: {}, isWhole: true });
    await harness.reaches('B3', 'settled');
  });

  test('those in whose way something is are skipped and counted', async () => {
    const filter = { codes: ['waits_for_earlier'] };
    const waiting = await operator.count({ ...filter, states: ['stuck'] });
    expect(waiting).toBeGreaterThan(0);
    expect(await operator.retryAll(filter, by, 100)).toEqual({ done: 0, skipped: { waits: waiting }, isWhole: true });
  });

  test('more than one page at a time can be closed', async () => {
    const numbers = Array.from({ length: 120 }, (_, index) => `M-${index}`);
    const unreadable = (number: string) =>
      ({ ok: false, code: 'event_unreadable', reason: 'In a test.', registrationNumber: number }) as const;
    await Promise.all(
      numbers.map((number) =>
        harness.pipeline.accept({ reading: unreadable(number), raw: number, transactionId: undefined }),
      ),
    );
    const result = await operator.closeAll({ codes: ['event_unreadable'] }, by, 10_000);
    expect(result).toEqual({ done: 120, skipped: {}, isWhole: true });
    expect(await operator.count({ states: ['closed'], codes: ['event_unreadable'] })).toBe(120);
  });

  test('every single action is in the audit trail, newest first, in pages', async () => {
    const first = await operator.auditTrail({ limit: 100 });
    expect(first).toHaveLength(100);
    expect(new Set(first.map(({ action }) => action))).toEqual(new Set(['close']));
    const before = first.at(-1)?.id;
    const second = await operator.auditTrail({ before, limit: 100 });
    expect(BigInt(second[0]?.id ?? 0)).toBeLessThan(BigInt(before ?? 0));
  });
});

test('nothing that an operator sees holds personal data', async () => {
  const all = await operator.list({}, { limit: 500 });
  const details = await Promise.all(all.map(({ id }) => operator.show(id)));
  const text = JSON.stringify([all, details, await operator.auditTrail({ limit: 500 })]);
  expect(text).toContain('T1');
  for (const canary of ['Canary-Given', 'Canary-Family', '2024-01-28', 'N-T2', 'V-T4'])
    expect(text).not.toContain(canary);
});
