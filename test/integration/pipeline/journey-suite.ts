import { describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { birth, credential, death, type Harness } from '../../support/pipeline-harness.js';
import type { Engine } from '../../support/test-store.js';
import { until } from '../../support/until.js';
import { useHarness } from '../../support/use-harness.js';

/** What becomes of events, on one of the engines. */
export function journeySuite(engine: Engine): void {
  let harness: Harness;
  useHarness(engine, {}, (started) => {
    harness = started;
  });

  const pass = (numbers: string): void =>
    harness.system.when(numbers, async () => ({ result: 'issued', identity: { nationalId: `N-${numbers}` } }));

  describe('the journey of an event', () => {
    test('a birth is submitted, answered by callback, delivered and settled', async () => {
      const { pipeline, system, writeBack } = harness;
      await pipeline.accept(birth('J1'));
      const { outwardKey } = await system.submitted('J1');
      await harness.reaches('J1', 'submitted');
      await pipeline.acceptCallback('mosip', 'delivery-J1', credential(outwardKey, 'V-1'));
      const { id, told_at } = await harness.reaches('J1', 'settled');
      expect(writeBack.deliveriesOf('J1')).toEqual([
        expect.objectContaining({ outwardKey, outcome: { result: 'issued', identity: { virtualId: 'V-1' } } }),
      ]);
      expect(told_at).toBeInstanceOf(Date);
      const history = await harness.historyOf(id);
      expect(history.map(({ step, outcome }) => `${step}:${outcome}`)).toEqual([
        'accept:received',
        'submit:submitted',
        'answer:issued',
        'deliver:settled',
      ]);
    });

    test('a system that answers at once needs no callback', async () => {
      pass('J2');
      await harness.pipeline.accept(birth('J2'));
      await harness.reaches('J2', 'settled');
      expect(harness.writeBack.deliveriesOf('J2')).toHaveLength(1);
    });

    test('three deliveries at once are one event with one answer', async () => {
      const answers = await Promise.all([1, 2, 3].map(() => harness.pipeline.accept(birth('J3'))));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(1);
      await harness.reaches('J3', 'submitted');
      expect(await harness.pipeline.accept(birth('J3', 'other bytes'))).toEqual({ id: answers[0]?.id, isRepeat: true });
      expect(harness.system.submissionsOf('J3')).toHaveLength(1);
    });

    test.each([
      { name: 'unanswered', code: 'peer_unreachable', unanswered: true },
      { name: 'answered with an error', code: 'peer_error', unanswered: false },
    ] as const)(
      'a try that was $name is repeated with the same key, and marked as a repetition',
      async ({ name, code, unanswered }) => {
        const number = `J4-${name.length}`;
        let left = 2;
        harness.system.when(number, async () => {
          left -= 1;
          if (left >= 0) throw new MediatorError(code, { unanswered });
          return { result: 'issued', identity: { nationalId: `N-${number}` } };
        });
        await harness.pipeline.accept(birth(number));
        await harness.reaches(number, 'settled');
        const tries = harness.system.submissionsOf(number);
        expect(tries.map(({ repeated }) => repeated)).toEqual([false, true, true]);
        expect(new Set(tries.map(({ outwardKey }) => outwardKey)).size).toBe(1);
      },
    );

    test('answered failures end in stuck when they last too long', async () => {
      harness.system.when('J5', async () => {
        throw new MediatorError('peer_error');
      });
      await harness.pipeline.accept(birth('J5'));
      expect(await harness.reaches('J5', 'stuck')).toMatchObject({ code: 'retries_exhausted' });
    });

    test('time without an answer never ends in stuck', async () => {
      let calls = 0;
      const begun = Date.now();
      harness.system.when('J6', async () => {
        calls += 1;
        // The policy of these tests gives up after two seconds of answered failures.
        if (Date.now() - begun < 3_000) throw new MediatorError('peer_timeout', { unanswered: true });
        return { result: 'issued', identity: { nationalId: 'N-J6' } };
      });
      await harness.pipeline.accept(birth('J6'));
      await harness.reaches('J6', 'settled');
      expect(calls).toBeGreaterThan(3);
    });

    test.each([
      {
        name: 'a refusal is told to OpenCRVS',
        number: 'J7',
        answer: async () => ({ result: 'refused', code: 'XYZ-1', reason: 'The name is too short.' }) as const,
        state: 'refused',
        expected: { code: 'XYZ-1', reason: 'The name is too short.', told_at: expect.any(Date) },
      },
      {
        name: 'what a system cannot do is stuck',
        number: 'J8',
        answer: async () => ({ result: 'not-supported' }) as const,
        state: 'stuck',
        expected: { code: 'not_supported' },
      },
      {
        name: 'what needs a person is stuck at once',
        number: 'J9',
        answer: async () => {
          throw new MediatorError('national_id_misconfigured');
        },
        state: 'stuck',
        expected: { code: 'national_id_misconfigured', tries: 1 },
      },
      {
        name: 'a fault of our own is stuck and says nothing of its message',
        number: 'J10',
        answer: async () => {
          throw new TypeError('Canary-Given is not a function');
        },
        state: 'stuck',
        expected: { code: 'internal_error', reason: 'An unexpected error occurred.' },
      },
    ])('$name', async ({ number, answer, state, expected }) => {
      harness.system.when(number, answer);
      await harness.pipeline.accept(birth(number));
      await harness.reaches(number, state);
      if ('told_at' in expected)
        await until(async () => (await harness.event(number))?.told_at !== null, 'OpenCRVS is told');
      expect(await harness.event(number)).toMatchObject(expected);
    });

    test('a write-back is repeated until OpenCRVS has it, and a rejection for good is stuck, not refused', async () => {
      pass('J11');
      pass('J12');
      let left = 2;
      harness.writeBack.when('J11', async () => {
        left -= 1;
        if (left >= 0) throw new MediatorError('peer_unavailable', { unanswered: true });
        return { result: 'delivered' };
      });
      harness.writeBack.when('J12', async () => {
        throw new MediatorError('write_back_refused');
      });
      await harness.pipeline.accept(birth('J11'));
      await harness.pipeline.accept(birth('J12'));
      await harness.reaches('J11', 'settled');
      expect(harness.writeBack.deliveriesOf('J11')).toHaveLength(3);
      expect(await harness.reaches('J12', 'stuck')).toMatchObject({ code: 'write_back_refused' });
    });

    test('a delivery that cannot be read is kept as stuck with its reason', async () => {
      const unreadable = { ok: false, code: 'event_unreadable', reason: 'The bundle has no Task.' } as const;
      const first = await harness.pipeline.accept({ reading: unreadable, raw: '{"odd":1}', transactionId: undefined });
      const again = await harness.pipeline.accept({ reading: unreadable, raw: '{"odd":1}', transactionId: undefined });
      expect(again).toEqual({ id: first.id, isRepeat: true });
      const [row] = await harness.sql.query(
        'select state, code, reason, payload_sealed is not null as kept from mediator.event where id = $1',
        [first.id],
      );
      expect(row).toEqual({ state: 'stuck', code: 'event_unreadable', reason: 'The bundle has no Task.', kept: true });
    });
  });

  describe('deliveries that come at the same time', () => {
    test('are each answered for themselves, and keep the order of a person', async () => {
      const numbers = Array.from({ length: 300 }, (_, index) => `T-${index}`);
      const dying = death('T-death', 'none-T');
      if (dying.reading.ok)
        dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: 'T-0' });
      const deliveries = [...numbers.map((number) => birth(number)), dying, ...numbers.map((number) => birth(number))];
      const answers = await Promise.all(deliveries.map((delivery) => harness.pipeline.accept(delivery)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(301);
      expect(answers.filter(({ isRepeat }) => !isRepeat)).toHaveLength(301);
      expect(answers.slice(301).map(({ id }) => id)).toEqual(answers.slice(0, 300).map(({ id }) => id));
      const { outwardKey } = await harness.system.submitted('T-0');
      await harness.reaches('T-0', 'submitted');
      expect(harness.system.submissionsOf('T-death')).toHaveLength(0);
      harness.system.when('T-death', async () => ({ result: 'confirmed' }));
      await harness.pipeline.acceptCallback('mosip', 'delivery-T-0', credential(outwardKey, 'V-T-0'));
      await harness.reaches('T-death', 'settled');
    });

    test('one that cannot be stored as it is does not spoil the others', async () => {
      const answers = await Promise.all(
        [birth('U1'), birth('U\u00002'), birth('U3')].map((one) => harness.pipeline.accept(one)),
      );
      await harness.reaches('U1', 'submitted');
      await harness.reaches('U3', 'submitted');
      const [row] = await harness.sql.query('select state, code from mediator.event where id = $1', [answers[1]?.id]);
      expect(row).toEqual({ state: 'stuck', code: 'event_unreadable' });
    });
  });

  describe('answers', () => {
    test('an answer that comes before its event is kept and matched later', async () => {
      pass('A1');
      await harness.pipeline.accept(birth('A1'));
      const { outwardKey } = await harness.system.submitted('A1');
      await harness.reaches('A1', 'settled');
      // The same registration after a restored backup: our row is gone, the other side's answer is not.
      await harness.sql.query(
        `delete from mediator.history where event_id in (select id from mediator.event where registration_number = 'A1')`,
      );
      await harness.sql.query(`delete from mediator.event where registration_number = 'A1'`);
      await harness.pipeline.acceptCallback('mosip', 'delivery-A1', credential(outwardKey, 'V-A1'));
      harness.system.when('A1', async () => ({ result: 'pending' }));
      await harness.pipeline.accept(birth('A1'));
      await harness.reaches('A1', 'settled');
      expect(harness.writeBack.deliveriesOf('A1').at(-1)?.outcome).toEqual({
        result: 'issued',
        identity: { virtualId: 'V-A1' },
      });
    });

    test('a second answer changes nothing', async () => {
      await harness.pipeline.accept(birth('A2'));
      const { outwardKey } = await harness.system.submitted('A2');
      await harness.pipeline.acceptCallback('mosip', 'delivery-A2', credential(outwardKey, 'V-A2'));
      await harness.pipeline.acceptCallback('mosip', 'delivery-A2', credential(outwardKey, 'V-A2'));
      const { id } = await harness.reaches('A2', 'settled');
      await harness.pipeline.acceptCallback('mosip', 'delivery-A2-bis', credential(outwardKey, 'V-other'));
      await until(
        async () => (await harness.historyOf(id)).some(({ outcome }) => outcome === 'repeated'),
        'the repeat is noted',
      );
      expect(harness.writeBack.deliveriesOf('A2')).toHaveLength(1);
    });

    test('an answer that comes while the submission is still in hand wins', async () => {
      let finishCall: () => void = () => undefined;
      harness.system.when(
        'A3',
        () =>
          new Promise((resolve) => {
            finishCall = () => resolve({ result: 'pending' });
          }),
      );
      await harness.pipeline.accept(birth('A3'));
      const { outwardKey } = await harness.system.submitted('A3');
      await harness.pipeline.acceptCallback('mosip', 'delivery-A3', credential(outwardKey, 'V-A3'));
      await harness.reaches('A3', 'settled');
      finishCall();
      await harness.pipeline.accept(birth('A3-after'));
      await harness.reaches('A3-after', 'submitted');
      expect((await harness.event('A3'))?.state).toBe('settled');
      expect(harness.writeBack.deliveriesOf('A3')).toHaveLength(1);
    });

    test('a callback that cannot be opened is kept for an operator', async () => {
      await harness.pipeline.acceptCallback('mosip', 'delivery-bad', Buffer.from('unreadable'));
      await until(async () => {
        const [row] = await harness.sql.query<{ state: string }>(
          `select state from mediator.callback where delivery_id = 'mosip:delivery-bad'`,
        );
        return row?.state === 'unreadable';
      }, 'the callback is marked unreadable');
      expect(harness.logLines.join('\n')).toContain('callback.unreadable');
    });

    test('a callback of which a part cannot be fetched now stays as it came, for the sweep to wake', async () => {
      await harness.pipeline.acceptCallback('mosip', 'delivery-later', Buffer.from('not now'));
      await until(async () => harness.logLines.some((line) => line.includes('callback.put_off')), 'it is put off');
      const [row] = await harness.sql.query<{ state: string }>(
        `select state from mediator.callback where delivery_id = 'mosip:delivery-later'`,
      );
      expect(row?.state).toBe('new');
    });
  });

  describe('the order of a person', () => {
    test('a death waits until the birth before it has its answer', async () => {
      await harness.pipeline.accept(birth('O1'));
      const { outwardKey } = await harness.system.submitted('O1');
      await harness.reaches('O1', 'submitted');
      const dying = death('O2', 'none');
      if (dying.reading.ok)
        dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: 'O1' });
      harness.system.when('O2', async () => ({ result: 'confirmed' }));
      await harness.pipeline.accept(dying);
      await harness.pipeline.accept(birth('O3'));
      await harness.system.submitted('O3');
      expect(harness.system.submissionsOf('O2')).toHaveLength(0);
      await harness.pipeline.acceptCallback('mosip', 'delivery-O1', credential(outwardKey, 'V-O1'));
      await harness.reaches('O2', 'settled');
    });

    test('a death is found by the number that its birth was given', async () => {
      let answerBirth: () => void = () => undefined;
      pass('O4');
      await harness.pipeline.accept(birth('O4'));
      await harness.reaches('O4', 'settled');
      harness.system.when(
        'O5',
        () =>
          new Promise((resolve) => {
            answerBirth = () => resolve({ result: 'confirmed' });
          }),
      );
      await harness.pipeline.accept(death('O5', 'N-O4'));
      await harness.system.submitted('O5');
      const [row] = await harness.sql.query(
        `select count(distinct person_id)::int as persons from mediator.event where registration_number in ('O4', 'O5')`,
      );
      expect(row).toEqual({ persons: 1 });
      answerBirth();
      await harness.reaches('O5', 'settled');
    });

    test('a death behind a stuck birth is stuck, and moves on when the late answer comes', async () => {
      harness.system.when('O6', async () => {
        throw new MediatorError('national_id_misconfigured');
      });
      await harness.pipeline.accept(birth('O6'));
      await harness.reaches('O6', 'stuck');
      const dying = death('O7', 'none-2');
      if (dying.reading.ok)
        dying.reading.event.subject.identifiers.push({ type: 'BIRTH_REGISTRATION_NUMBER', value: 'O6' });
      harness.system.when('O7', async () => ({ result: 'confirmed' }));
      await harness.pipeline.accept(dying);
      expect(await harness.event('O7')).toMatchObject({ state: 'stuck', code: 'waits_for_earlier' });
      const { outwardKey } = await harness.system.submitted('O6');
      await harness.pipeline.acceptCallback('mosip', 'delivery-O6', credential(outwardKey, 'V-O6'));
      await harness.reaches('O6', 'settled');
      await harness.reaches('O7', 'settled');
    });
  });

  describe('privacy', () => {
    test('no table, queue or log line holds a name or an issued number in clear', async () => {
      const tables = await harness.sql.query<{ name: string }>(
        `select schemaname || '.' || tablename as name from pg_tables where schemaname in ('mediator', 'pgboss')`,
      );
      let dump = harness.logLines.join('\n');
      for (const { name } of tables) {
        const rows = await harness.sql.query<{ row: string }>(`select row_to_json(t)::text as row from ${name} t`);
        dump += rows.map(({ row }) => row).join('\n');
      }
      expect(tables.length).toBeGreaterThan(5);
      expect(dump).toContain('J1');
      for (const canary of ['Canary-Given', 'Canary-Family', '2024-01-28', 'V-1"', 'N-J2'])
        expect(dump).not.toContain(canary);
      for (const canary of ['Canary-Given', 'N-J2']) expect(dump).not.toContain(Buffer.from(canary).toString('hex'));
    });
  });
}
