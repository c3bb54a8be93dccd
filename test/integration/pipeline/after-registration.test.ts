import { describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import type { Incoming, ReplyAddress, VitalEvent } from '../../../src/vital-events/index.js';
import { birth, credential, death, type Harness } from '../../support/pipeline-harness.js';
import { until } from '../../support/until.js';
import { useHarness } from '../../support/use-harness.js';

let harness: Harness;
useHarness('postgres', {}, (started) => {
  harness = started;
});

type About = Extract<VitalEvent, { of: unknown }>;

/** An event about an earlier registration, with the given family name. */
function about(kind: About['kind'], of: About['of'], number: string, revision: string, family = 'Corrected'): Incoming {
  const { reading } = birth(number);
  if (!reading.ok) throw new Error('unreachable');
  const subject = { ...reading.event.subject, names: [{ given: ['New'], family }] };
  const event: VitalEvent = { ...reading.event, kind, of, revision, subject };
  return { reading: { ok: true, event }, raw: `${kind} ${number} ${revision}`, transactionId: undefined };
}

const request = (revision: string, before?: number): ReplyAddress => ({
  to: { token: `token-${revision}` },
  revision,
  before,
});
const issued = (number: string) => async () => ({ result: 'issued', identity: { nationalId: `N-${number}` } }) as const;

async function eventsOf(number: string): Promise<{ kind: string; state: string }[]> {
  return harness.sql.query('select kind, state from mediator.event where registration_number = $1 order by seq', [
    number,
  ]);
}

async function allSettled(number: string, count: number): Promise<void> {
  await until(async () => {
    const events = await eventsOf(number);
    return events.length === count && events.every(({ state }) => state === 'settled');
  }, `${count} events of ${number} are settled`);
}

describe('events about a registration', () => {
  test.each([
    { kind: 'correction', of: 'birth', operation: 'update' },
    { kind: 'cancellation', of: 'death', operation: 'reactivate' },
    { kind: 'reinstatement', of: 'death', operation: 'deactivate' },
    { kind: 'reinstatement', of: 'birth', operation: 'reactivate' },
  ] as const)('the $kind of a $of asks for $operation, with the numbers given at birth', async ({ kind, of }) => {
    const number = `E-${kind}-${of}`;
    harness.system.when(number, issued(number));
    await harness.pipeline.accept(birth(number));
    await harness.reaches(number, 'settled');
    harness.system.when(number, async () => ({ result: 'confirmed' }));
    // A death has a register of its own: the record names the person by the birth's number.
    const event = about(kind, of, number, 'action-1');
    if (event.reading.ok)
      event.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: number });
    await harness.pipeline.accept(event);
    await allSettled(number, 2);
    expect(harness.system.submissionsOf(number).at(-1)).toMatchObject({
      event: { kind, of },
      known: { nationalId: `N-${number}` },
    });
  });

  test('each revision is an event of its own, a repeated one is not', async () => {
    harness.system.when('E-twice', issued('E-twice'));
    await harness.pipeline.accept(birth('E-twice'));
    await harness.reaches('E-twice', 'settled');
    harness.system.when('E-twice', async () => ({ result: 'confirmed' }));
    for (const revision of ['action-1', 'action-2', 'action-1']) {
      await harness.pipeline.accept(about('correction', 'birth', 'E-twice', revision));
    }
    await allSettled('E-twice', 3);
    expect(harness.system.submissionsOf('E-twice')).toHaveLength(3);
  });

  test('a correction waits until the birth has its answer', async () => {
    await harness.pipeline.accept(birth('E-order'));
    const { outwardKey } = await harness.system.submitted('E-order');
    await harness.reaches('E-order', 'submitted');
    harness.system.when('E-order', async () => ({ result: 'confirmed' }));
    await harness.pipeline.accept(about('correction', 'birth', 'E-order', 'action-1'));
    expect(harness.system.submissionsOf('E-order')).toHaveLength(1);
    await harness.pipeline.acceptCallback('mosip', 'delivery-E-order', credential(outwardKey, 'V-order'));
    await allSettled('E-order', 2);
    expect(harness.system.submissionsOf('E-order').at(-1)?.known).toEqual({ virtualId: 'V-order' });
  });

  test('a cancelled birth waits for an operator, as shipped', async () => {
    harness.system.when('E-cancel', issued('E-cancel'));
    await harness.pipeline.accept(birth('E-cancel'));
    await harness.reaches('E-cancel', 'settled');
    await harness.pipeline.accept(about('cancellation', 'birth', 'E-cancel', 'action-1'));
    await until(
      async () => (await eventsOf('E-cancel')).some(({ state }) => state === 'stuck'),
      'the cancellation is stuck',
    );
    expect(harness.system.submissionsOf('E-cancel')).toHaveLength(1);
  });
});

describe('before anything was sent', () => {
  /** A refused birth: nothing of it counts at the national ID system. */
  async function refusedBirth(number: string): Promise<void> {
    harness.system.when(number, async () => ({ result: 'refused', code: 'BAD', reason: 'The name is too short.' }));
    await harness.pipeline.accept(birth(number));
    await harness.reaches(number, 'refused');
    await until(async () => (await harness.event(number))?.told_at !== null, 'the refusal is told');
  }

  test('a correction takes the place of a refused record, under the same key', async () => {
    await refusedBirth('B-correct');
    harness.system.when('B-correct', issued('B-correct'));
    await harness.pipeline.accept(about('correction', 'birth', 'B-correct', 'action-1', 'Long-Enough'));
    await allSettled('B-correct', 2);
    const submissions = harness.system.submissionsOf('B-correct');
    expect(submissions.map(({ event }) => event.kind)).toEqual(['birth', 'birth']);
    expect(submissions.at(-1)?.event.subject.names).toEqual([{ given: ['New'], family: 'Long-Enough' }]);
    expect(new Set(submissions.map(({ outwardKey }) => outwardKey)).size).toBe(1);
  });

  test('a cancellation makes sure that it never is sent', async () => {
    await refusedBirth('B-cancel');
    await harness.pipeline.accept(about('cancellation', 'birth', 'B-cancel', 'action-1'));
    await until(async () => (await eventsOf('B-cancel')).at(-1)?.state === 'settled', 'the cancellation is told');
    expect(await eventsOf('B-cancel')).toEqual([
      { kind: 'birth', state: 'skipped' },
      { kind: 'cancellation', state: 'settled' },
    ]);
    expect(harness.system.submissionsOf('B-cancel')).toHaveLength(1);
  });
});

describe('requests for an answer', () => {
  test('the answer goes where the last request wants it, and the request is forgotten then', async () => {
    harness.system.when('Q1', issued('Q1'));
    await harness.pipeline.accept({ ...birth('Q1'), reply: request('action-1') });
    await harness.reaches('Q1', 'settled');
    expect(harness.writeBack.deliveriesOf('Q1').map(({ replyTo }) => replyTo)).toEqual([{ token: 'token-action-1' }]);
    const [row] = await harness.sql.query(
      `select reply_sealed is null as gone from mediator.event where registration_number = 'Q1'`,
    );
    expect(row).toEqual({ gone: true });
  });

  test('a new request for a settled event is answered again, and issues nothing', async () => {
    harness.system.when('Q2', issued('Q2'));
    const first = await harness.pipeline.accept({ ...birth('Q2'), reply: request('action-1') });
    await harness.reaches('Q2', 'settled');
    const again = await harness.pipeline.accept({ ...birth('Q2'), reply: request('action-2') });
    expect(again).toEqual({ id: first.id, isRepeat: true });
    await until(() => harness.writeBack.deliveriesOf('Q2').length === 2, 'the second request is answered');
    await harness.reaches('Q2', 'settled');
    expect(harness.writeBack.deliveriesOf('Q2').at(-1)?.replyTo).toEqual({ token: 'token-action-2' });
    expect(harness.system.submissionsOf('Q2')).toHaveLength(1);
    await harness.pipeline.accept({ ...birth('Q2'), reply: request('action-2') });
    expect(harness.writeBack.deliveriesOf('Q2')).toHaveLength(2);
  });

  test('registering again after a refusal begins anew, with the new content and request', async () => {
    harness.system.when('Q3', async () => ({ result: 'refused', code: 'BAD', reason: 'The name is too short.' }));
    await harness.pipeline.accept({ ...birth('Q3'), reply: request('action-1') });
    await until(async () => (await harness.event('Q3'))?.told_at != null, 'the refusal is told');
    harness.system.when('Q3', issued('Q3'));
    await harness.pipeline.accept({ ...birth('Q3', 'other bytes'), reply: request('action-2') });
    await harness.reaches('Q3', 'settled');
    expect(harness.writeBack.deliveriesOf('Q3').map(({ outcome, replyTo }) => [outcome.result, replyTo])).toEqual([
      ['refused', { token: 'token-action-1' }],
      ['issued', { token: 'token-action-2' }],
    ]);
  });

  test('an event on its way answers the newest request', async () => {
    await harness.pipeline.accept({ ...birth('Q4'), reply: request('action-1') });
    const { outwardKey } = await harness.system.submitted('Q4');
    await harness.reaches('Q4', 'submitted');
    await harness.pipeline.accept({ ...birth('Q4'), reply: request('action-2') });
    await harness.pipeline.acceptCallback('mosip', 'delivery-Q4', credential(outwardKey, 'V-Q4'));
    await harness.reaches('Q4', 'settled');
    expect(harness.writeBack.deliveriesOf('Q4').map(({ replyTo }) => replyTo)).toEqual([{ token: 'token-action-2' }]);
  });

  test('no request is stored in clear', async () => {
    await harness.pipeline.accept({ ...birth('Q5'), reply: request('action-1', Date.now() + 7 * 24 * 3_600_000) });
    const rows = await harness.sql.query<{ row: string }>('select row_to_json(e)::text as row from mediator.event e');
    const dump = rows.map(({ row }) => row).join('\n');
    expect(dump).not.toContain('token-action-1');
    expect(dump).not.toContain(Buffer.from('token-action-1').toString('hex'));
  });
});

test('a death that names only the birth registration is handed over with the numbers given at birth', async () => {
  harness.system.when('D-birth', issued('D-birth'));
  await harness.pipeline.accept(birth('D-birth'));
  await harness.reaches('D-birth', 'settled');
  harness.system.when('D-death', async () => {
    throw new MediatorError('national_id_misconfigured');
  });
  const dying = death('D-death', 'unknown-number');
  if (dying.reading.ok)
    dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: 'D-birth' });
  await harness.pipeline.accept(dying);
  await harness.reaches('D-death', 'stuck');
  expect(harness.system.submissionsOf('D-death').at(-1)?.known).toEqual({ nationalId: 'N-D-birth' });
});
