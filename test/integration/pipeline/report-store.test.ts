import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createReportStore, type Database, openDatabase, type Report } from '../../../src/pipeline/store/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';
import { ENGINES, startTestStore, type TestStore } from '../../support/test-store.js';

const id = (serial: number): string => String(serial).padStart(24, '0');

describe.each(ENGINES)('reports on %s', (engine) => {
  const folder = temporaryFolder();
  const reports = createReportStore({ firstAfterMs: 0 });
  let store: TestStore;
  let database: Database;

  beforeAll(async () => {
    store = await startTestStore(engine);
    database = await openDatabase(() => store.open({ log: createMemoryLog().log }, folder.path));
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await store.stop();
    await folder.remove();
  });
  beforeEach(() => database.query('delete from mediator.report'));

  async function event(state: string, isDue = false): Promise<string> {
    const eventId = randomUUID();
    await database.query(
      `insert into mediator.event (id, event_key, kind, state, system, outward_key, next_action_at)
       values ($1::uuid, $1::text, 'birth', $2, 'mosip', $1::text, case when $3::boolean then now() end)`,
      [eventId, state, isDue],
    );
    return eventId;
  }

  async function claimed(): Promise<Report> {
    const [report, ...others] = await reports.claim(database, 10);
    if (report === undefined || others.length > 0) throw new Error('there is not exactly one report');
    return report;
  }

  test.each([
    { state: 'received', isDue: true, waits: true },
    { state: 'submitted', isDue: true, waits: true },
    { state: 'issued', isDue: true, waits: true },
    { state: 'refused', isDue: true, waits: true },
    { state: 'refused', isDue: false, waits: false },
    { state: 'settled', isDue: false, waits: false },
    { state: 'stuck', isDue: false, waits: false },
  ])('a transaction of an event that is $state (due: $isDue)', async ({ state, isDue, waits }) => {
    const eventId = await event(state, isDue);
    await reports.expect(database, [{ id: eventId, transactionId: id(1) }]);
    const due = await reports.claim(database, 10);
    expect(due.map(({ transactionId }) => transactionId)).toEqual(waits ? [] : [id(1)]);
    if (waits) {
      await reports.wake(database, eventId);
      expect(await claimed()).toMatchObject({ transactionId: id(1), eventId, failures: 0, toldUntil: '0' });
    }
  });

  test('all transactions of an event are told, each held from other instances meanwhile', async () => {
    const eventId = await event('settled');
    const expected = [1, 2].map((serial) => ({ id: eventId, transactionId: id(serial) }));
    await reports.expect(database, expected);
    await reports.expect(database, expected);
    expect(await reports.claim(database, 10)).toHaveLength(2);
    expect(await reports.claim(database, 10)).toEqual([]);
  });

  test.each(['', '../users', 'G'.repeat(24), 'a'.repeat(23), undefined])(
    'no transaction of core: %s',
    async (given) => {
      const eventId = await event('settled');
      await reports.expect(database, [{ id: eventId, transactionId: given }]);
      expect(await database.query('select 1 from mediator.report')).toEqual([]);
    },
  );

  test('one that was told rests until its event moves again', async () => {
    const eventId = await event('stuck');
    await reports.expect(database, [{ id: eventId, transactionId: id(1) }]);
    await reports.rest(database, await claimed(), '7');
    expect(await reports.claim(database, 10)).toEqual([]);
    await reports.wake(database, eventId);
    expect(await claimed()).toMatchObject({ toldUntil: '7' });
  });

  test('an event that moves while it is told is told again', async () => {
    const eventId = await event('stuck');
    await reports.expect(database, [{ id: eventId, transactionId: id(1) }]);
    const report = await claimed();
    await reports.wake(database, eventId);
    await reports.rest(database, report, '7');
    expect(await claimed()).toMatchObject({ toldUntil: '7' });
  });

  test('a failure is tried again after its wait, and counted', async () => {
    await reports.expect(database, [{ id: await event('settled'), transactionId: id(1) }]);
    await reports.later(database, await claimed(), 0, 3);
    const again = await claimed();
    expect(again.failures).toBe(3);
    await reports.later(database, again, 60_000, 4);
    expect(await reports.claim(database, 10)).toEqual([]);
  });

  test('one that was dropped is not told again', async () => {
    const eventId = await event('stuck');
    await reports.expect(database, [{ id: eventId, transactionId: id(1) }]);
    await reports.drop(database, await claimed());
    await reports.wake(database, eventId);
    expect(await reports.claim(database, 10)).toEqual([]);
  });

  test('an event that comes to rest at the moment its transaction is written down is not missed', async () => {
    const eventId = await event('issued', true);
    const begun = Promise.withResolvers<void>();
    const moving = database.transaction(async (sql) => {
      await sql.query(`update mediator.event set state = 'settled', next_action_at = null where id = $1`, [eventId]);
      begun.resolve();
      await reports.wake(sql, eventId);
    });
    await begun.promise;
    await Promise.all([moving, reports.expect(database, [{ id: eventId, transactionId: id(1) }])]);
    expect(await claimed()).toMatchObject({ eventId });
  });

  test('the first report leaves core the time for its own answer', async () => {
    const patient = createReportStore({ firstAfterMs: 60_000 });
    const eventId = await event('settled');
    await patient.expect(database, [{ id: eventId, transactionId: id(1) }]);
    await patient.wake(database, eventId);
    expect(await patient.claim(database, 10)).toEqual([]);
  });
});
