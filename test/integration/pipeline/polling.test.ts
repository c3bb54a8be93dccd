import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { openPendingImport } from '../../../src/pipeline/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import {
  birth,
  credential,
  death,
  type Harness,
  KEYS,
  startHarness,
  temporaryFolder,
} from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

const HOUR_MS = 3_600_000;
const folder = temporaryFolder();
let store: TestStore;
let harness: Harness;

beforeAll(async () => {
  store = await startTestStore('postgres');
  harness = await startHarness({
    dataDir: folder.path,
    store,
    sweepEveryMs: 100,
    answerDeadlineMs: 168 * HOUR_MS,
    settings: () => ({ statusPollMs: 6 * HOUR_MS }),
  });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await store.stop();
  await folder.remove();
});

interface Waits {
  readonly state: string;
  readonly tries: number;
  readonly poll_hours: number | null;
  readonly deadline_hours: number | null;
}

async function waitsOf(number: string): Promise<Waits | undefined> {
  const [row] = await harness.sql.query<Waits>(
    `select state, tries, (extract(epoch from poll_at - now()) / 3600)::double precision as poll_hours,
       (extract(epoch from next_action_at - now()) / 3600)::double precision as deadline_hours
     from mediator.event where registration_number = $1`,
    [number],
  );
  return row;
}

/** As if so many hours had passed since the submission, and the time to ask had come. */
async function pass(number: string, hours: number, due: 'poll_at' | 'next_action_at' = 'poll_at'): Promise<void> {
  await harness.sql.query(
    `update mediator.event set submitted_at = now() - $2::integer * interval '1 hour', ${due} = now()
     where registration_number = $1 and state = 'submitted'`,
    [number, hours],
  );
}

const asked = (number: string) =>
  harness.system.questions.filter(({ event }) => event.registrationNumber === number).length;

async function submitted(number: string, incoming = birth(number)): Promise<string> {
  await harness.pipeline.accept(incoming);
  return (await harness.reaches(number, 'submitted')).id;
}

const outcomesOf = async (id: string): Promise<string[]> =>
  (await harness.historyOf(id)).map(({ step, outcome }) => `${step}:${outcome}`);

test('a submitted event is first asked about after some hours, and its deadline stays where it is', async () => {
  await submitted('P-first');
  const waits = await waitsOf('P-first');
  expect(waits?.poll_hours).toBeGreaterThan(4.7);
  expect(waits?.poll_hours).toBeLessThan(7.3);
  expect(waits?.deadline_hours).toBeCloseTo(168, 0);
});

test.each([
  { hours: 6, least: 4.7, most: 7.3 },
  { hours: 12, least: 9.5, most: 14.5 },
  { hours: 100, least: 19, most: 29 },
])('still pending after $hours hours, it is asked about again later', async ({ hours, least, most }) => {
  const number = `P-pending-${hours}`;
  const id = await submitted(number);
  await pass(number, hours);
  await until(async () => (await outcomesOf(id)).includes('poll:submitted'), 'the answer is noted');
  const waits = await waitsOf(number);
  expect(waits?.poll_hours).toBeGreaterThan(least);
  expect(waits?.poll_hours).toBeLessThan(most);
  expect(waits?.deadline_hours).toBeCloseTo(168 - hours, 0);
  expect(harness.system.submissionsOf(number)).toHaveLength(1);
});

describe('an answer that was never delivered', () => {
  test('is found by asking: a death that is confirmed', async () => {
    await submitted('P-death', death('P-death', 'N-any'));
    harness.system.whenAsked('P-death', async () => ({ result: 'confirmed' }));
    await pass('P-death', 6);
    await harness.reaches('P-death', 'settled');
    expect(harness.system.submissionsOf('P-death')).toHaveLength(1);
  });

  test('is found by asking: a number, by which a death is then known', async () => {
    await submitted('P-birth');
    harness.system.whenAsked('P-birth', async () => ({ result: 'issued', identity: { nationalId: 'N-polled' } }));
    await pass('P-birth', 6);
    await harness.reaches('P-birth', 'settled');
    expect(harness.writeBack.deliveriesOf('P-birth').at(-1)?.outcome).toEqual({
      result: 'issued',
      identity: { nationalId: 'N-polled' },
    });
    harness.system.when('P-end', async () => ({ result: 'confirmed' }));
    await harness.pipeline.accept(death('P-end', 'N-polled'));
    await harness.reaches('P-end', 'settled');
    expect(harness.system.submissionsOf('P-end').at(-1)?.known).toEqual({ nationalId: 'N-polled' });
  });

  test('is found by asking: a rejection, which OpenCRVS is told', async () => {
    await submitted('P-refused');
    harness.system.whenAsked('P-refused', async () => ({ result: 'refused', code: 'REJECTED', reason: 'No.' }));
    await pass('P-refused', 6);
    expect(await harness.reaches('P-refused', 'refused')).toMatchObject({ code: 'REJECTED' });
    await until(async () => (await harness.event('P-refused'))?.told_at !== null, 'OpenCRVS is told');
  });

  test('may still come after a rejection, and counts: the identity exists', async () => {
    const { outwardKey } = harness.system.submissionsOf('P-refused')[0] ?? { outwardKey: '' };
    await harness.pipeline.acceptCallback('mosip', 'delivery-P-refused', credential(outwardKey, 'V-late'));
    await harness.reaches('P-refused', 'settled');
    expect(harness.writeBack.deliveriesOf('P-refused').map(({ outcome }) => outcome.result)).toEqual([
      'refused',
      'issued',
    ]);
  });
});

describe('a system that has no trace of a submission', () => {
  test('is sent it again, under the same key, within the first deadline', async () => {
    const id = await submitted('P-lost');
    harness.system.whenAsked('P-lost', async () => ({ result: 'not-found' }));
    await pass('P-lost', 6);
    await until(() => harness.system.submissionsOf('P-lost').length === 2, 'it is sent again');
    await harness.reaches('P-lost', 'submitted');
    const [first, second] = harness.system.submissionsOf('P-lost');
    expect(second).toMatchObject({ outwardKey: first?.outwardKey, repeated: true });
    expect(await outcomesOf(id)).toEqual(['accept:received', 'submit:submitted', 'poll:received', 'submit:submitted']);
    expect((await waitsOf('P-lost'))?.deadline_hours).toBeCloseTo(162, 0);
  });

  test('that forgets it again and again is given up at the deadline', async () => {
    harness.system.whenAsked('P-lost', async () => ({ result: 'not-found' }));
    await pass('P-lost', 169, 'next_action_at');
    expect(await harness.reaches('P-lost', 'stuck')).toMatchObject({ code: 'answer_deadline_passed' });
  });

  test('a death behind it goes on waiting', async () => {
    await submitted('P-order');
    const dying = death('P-order-death', 'none');
    if (dying.reading.ok)
      dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: 'P-order' });
    await harness.pipeline.accept(dying);
    harness.system.whenAsked('P-order', async () => ({ result: 'not-found' }));
    await pass('P-order', 6);
    await until(() => harness.system.submissionsOf('P-order').length === 2, 'it is sent again');
    await harness.reaches('P-order', 'submitted');
    expect(harness.system.submissionsOf('P-order-death')).toHaveLength(0);
  });

  test('is never sent what was taken over from another mediator: that is a number and no more', async () => {
    const { log } = createMemoryLog();
    const imported = await openPendingImport(
      { log },
      {
        store: { kind: 'embedded', dataDir: folder.path },
        keys: KEYS,
        answerDeadlineMs: HOUR_MS,
        statusPollMs: HOUR_MS,
      },
      { system: 'mosip', open: () => store.open({ log }, folder.path) },
    );
    const subject = { names: [], identifiers: [], nationalities: [], addresses: [] };
    const event = { kind: 'birth', registrationNumber: 'P-taken', subject } as const;
    await imported.take({ event, outwardKey: 'old-P-taken', reply: undefined, note: 'In a test.' }, { dryRun: false });
    await imported.close();
    harness.system.whenAsked('P-taken', async () => ({ result: 'not-found' }));
    await pass('P-taken', 6);
    const { id } = await harness.reaches('P-taken', 'stuck');
    expect(await harness.pipeline.operator().retry(id, { actor: 'a test' })).toEqual({ result: 'done' });
    await until(async () => (await outcomesOf(id)).includes('submit:stuck'), 'it is refused by ourselves');
    expect((await harness.event('P-taken'))?.code).toBe('outcome_unknown');
    expect(harness.system.submissionsOf('P-taken')).toHaveLength(0);
  });
});

describe('a question that fails', () => {
  test('leaves the event where it is, with the reason', async () => {
    const id = await submitted('P-fails');
    harness.system.whenAsked('P-fails', async () => {
      throw new MediatorError('peer_unauthorized');
    });
    await pass('P-fails', 6);
    await until(async () => (await outcomesOf(id)).includes('poll:failed'), 'the failure is noted');
    expect(await harness.event('P-fails')).toMatchObject({ state: 'submitted', code: 'peer_unauthorized' });
    expect((await waitsOf('P-fails'))?.deadline_hours).toBeCloseTo(162, 0);
  });

  test('of a system that is away does not end the wait, even at the deadline', async () => {
    const id = await submitted('P-away');
    harness.system.whenAsked('P-away', async () => {
      throw new MediatorError('peer_unreachable', { unanswered: true });
    });
    await pass('P-away', 168, 'next_action_at');
    await until(async () => (await outcomesOf(id)).includes('expire:failed'), 'the failure is noted');
    expect((await waitsOf('P-away'))?.state).toBe('submitted');
    harness.system.whenAsked('P-away', async () => ({ result: 'confirmed' }));
    await pass('P-away', 174, 'next_action_at');
    await harness.reaches('P-away', 'settled');
  });

  test('with a plain error ends it at the deadline', async () => {
    await submitted('P-error');
    harness.system.whenAsked('P-error', async () => {
      throw new MediatorError('peer_error');
    });
    await pass('P-error', 168, 'next_action_at');
    expect(await harness.reaches('P-error', 'stuck')).toMatchObject({ code: 'answer_deadline_passed' });
  });
});

describe('a hint that the system may have news', () => {
  let hints = 0;
  /** What became of a hint about these registrations. */
  const hint = async (...numbers: readonly string[]): Promise<string> => {
    hints += 1;
    const about = numbers.map((value) => ({ kind: 'birth-registration', value }));
    await harness.pipeline.acceptCallback('mosip', `hint-${hints}`, Buffer.from(JSON.stringify({ about })));
    const stateOf = async (): Promise<string | undefined> => {
      const rows = await harness.sql.query<{ state: string }>(
        'select state from mediator.callback where delivery_id = $1',
        [`mosip:hint-${hints}`],
      );
      return rows[0]?.state;
    };
    await until(async () => (await stateOf()) !== 'new', 'the hint is followed');
    return (await stateOf()) ?? 'lost';
  };

  test('has a submitted event asked about at once', async () => {
    await submitted('P-hint');
    harness.system.whenAsked('P-hint', async () => ({ result: 'issued', identity: { nationalId: 'N-hint' } }));
    expect(await hint('P-nobody', 'P-hint')).toBe('matched');
    await harness.reaches('P-hint', 'settled');
    expect(harness.system.submissionsOf('P-hint')).toHaveLength(1);
  });

  test('has tried again what is stuck because nobody knows whether it was taken, and frees who waits for it', async () => {
    const unknown = async (): Promise<never> => {
      throw new MediatorError('outcome_unknown');
    };
    harness.system.when('P-doubt', unknown);
    await harness.pipeline.accept(birth('P-doubt'));
    await harness.reaches('P-doubt', 'stuck');
    const dying = death('P-doubt-death', 'none');
    if (dying.reading.ok)
      dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: 'P-doubt' });
    await harness.pipeline.accept(dying);
    await harness.reaches('P-doubt-death', 'stuck');

    expect(await hint('P-doubt')).toBe('matched');
    await harness.system.submitted('P-doubt', 2);
    expect(await harness.reaches('P-doubt', 'stuck')).toMatchObject({ code: 'outcome_unknown' });

    harness.system.when('P-doubt', async () => ({ result: 'issued', identity: { nationalId: 'N-doubt' } }));
    harness.system.when('P-doubt-death', async () => ({ result: 'confirmed' }));
    await hint('P-doubt');
    await harness.reaches('P-doubt', 'settled');
    await harness.reaches('P-doubt-death', 'settled');
  });

  test.each([
    { name: 'nobody', number: 'P-nobody' },
    { name: 'an event that is over', number: 'P-hint' },
    { name: 'one that a person has to look at', number: 'P-look' },
  ])('changes nothing about $name', async ({ number }) => {
    harness.system.when('P-look', async () => {
      throw new MediatorError('national_id_misconfigured');
    });
    await harness.pipeline.accept(birth('P-look'));
    await harness.reaches('P-look', 'stuck');
    const before = harness.system.submissions.length;
    expect(await hint(number)).toBe('unmatched');
    expect(harness.system.submissions).toHaveLength(before);
  });
});

test('the last question, at the deadline, still finds an answer', async () => {
  await submitted('P-last');
  harness.system.whenAsked('P-last', async () => ({ result: 'issued', identity: { nationalId: 'N-last' } }));
  await pass('P-last', 168, 'next_action_at');
  await harness.reaches('P-last', 'settled');
  expect(asked('P-last')).toBe(1);
});
