import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSealer, type Database } from '../../../src/pipeline/store/index.js';
import { migrate, SCHEMA_VERSION } from '../../../src/pipeline/store/schema.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import {
  birth,
  credential,
  type Harness,
  KEYS,
  startHarness,
  temporaryFolder,
} from '../../support/pipeline-harness.js';
import { sharedPostgres } from '../../support/shared-postgres.js';
import { postgresStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

const { log } = createMemoryLog();
const sealer = createSealer(KEYS.encryption);
let store: TestStore;

beforeAll(() => {
  store = postgresStore(sharedPostgres());
});

afterAll(() => store.stop());

/** The states of the first schema in which something is still to happen, or was. */
const STATES = ['received', 'submitted', 'issued', 'settled', 'refused', 'stuck', 'skipped'] as const;
type OldState = (typeof STATES)[number];

const OUTCOMES: Partial<Record<OldState, unknown>> = {
  issued: { result: 'issued', identity: { nationalId: 'N-old' } },
  settled: { result: 'issued', identity: { nationalId: 'N-old' } },
  refused: { result: 'refused', code: 'BAD', reason: 'Too short.' },
};

/** An event as the first version of the service wrote it: the columns of the first schema and no others. */
async function insertOld(sql: Pick<Database, 'query'>, number: string, state: OldState): Promise<string> {
  const id = randomUUID();
  const personId = randomUUID();
  const { reading, raw } = birth(number);
  if (!reading.ok) throw new Error('unreachable');
  const payload = sealer.seal(id, { event: reading.event, raw });
  const outcome = OUTCOMES[state] === undefined ? undefined : sealer.seal(id, OUTCOMES[state]);
  const isDue = state === 'received' || state === 'issued' || state === 'refused';
  await sql.query('insert into mediator.person (id) values ($1)', [personId]);
  await sql.query(
    `insert into mediator.event (id, event_key, kind, registration_number, tracking_id, person_id, state, system,
       outward_key, payload_sealed, payload_key_id, outcome_sealed, outcome_key_id, next_action_at,
       submitted_at, issued_at, settled_at)
     values ($1, 'birth:' || $2, 'birth', $2, 'B' || $2, $3, $4, 'mosip', 'key-' || $2, $5, $6, $7, $8,
       case when $9::boolean then now() when $4 = 'submitted' then now() + interval '5 days' end,
       case when $4 <> 'received' then now() end, case when $4 in ('issued', 'settled') then now() end,
       case when $4 in ('settled', 'skipped') then now() end)`,
    [id, number, personId, state, payload.bytes, payload.keyId, outcome?.bytes ?? null, outcome?.keyId ?? null, isDue],
  );
  await sql.query(
    `insert into mediator.history (event_id, step, outcome) values ($1, 'accept', 'received'), ($1, 'submit', $2)`,
    [id, state],
  );
  return id;
}

/** Each event reaches what it would have reached without the upgrade. */
async function allGoOn({ system, reaches, pipeline, event }: Harness): Promise<void> {
  await reaches('U-received', 'settled');
  await reaches('U-issued', 'settled');
  await until(async () => (await event('U-refused'))?.told_at != null, 'the refusal is told');
  await pipeline.acceptCallback('mosip', 'delivery-U', credential('key-U-submitted', 'V-old'));
  await reaches('U-submitted', 'settled');
  expect((await event('U-settled'))?.state).toBe('settled');
  expect((await event('U-skipped'))?.state).toBe('skipped');
  const { id } = await reaches('U-stuck', 'stuck');
  expect(await pipeline.operator().retry(id, { actor: 'a test' })).toEqual({ result: 'done' });
  await reaches('U-stuck', 'settled');
  expect(system.submissions.map(({ event: { registrationNumber } }) => registrationNumber).sort()).toEqual([
    'U-received',
    'U-stuck',
  ]);
}

const OLDER = Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 1);

describe('with work in flight', () => {
  test.each(OLDER)(
    'from schema %i: nothing is lost and nothing is done twice',
    async (version) => {
      const folder = temporaryFolder();
      const old = await store.open({ log }, folder.path);
      await migrate(old, version);
      for (const state of STATES) await insertOld(old, `U-${state}`, state);
      await old.close();

      const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 100 });
      harness.system.otherwise(async ({ event }) => ({
        result: 'issued',
        identity: { nationalId: `N-${event.registrationNumber}` },
      }));
      await allGoOn(harness);
      await harness.stop();
      await folder.remove();
    },
    60_000,
  );

  test('what the first version writes beside the new one is taken on', async () => {
    const folder = temporaryFolder();
    const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 100 });
    harness.system.otherwise(async ({ event }) => ({
      result: 'issued',
      identity: { nationalId: `N-${event.registrationNumber}` },
    }));
    for (const state of STATES) await insertOld(harness.sql, `U-${state}`, state);
    await allGoOn(harness);
    await harness.stop();
    await folder.remove();
  }, 60_000);
});

test('an old instance that takes the answer leaves nothing behind that is asked about', async () => {
  const folder = temporaryFolder();
  const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 100 });
  await harness.pipeline.accept(birth('U-poll'));
  const { id } = await harness.reaches('U-poll', 'submitted');
  // The move of the version before, which knows no `poll_at`: its question is due and its answer has come.
  await harness.sql.query(
    `update mediator.event set poll_at = now(), state = 'skipped', next_action_at = null, settled_at = now(),
       version = version + 1 where id = $1`,
    [id],
  );
  await harness.pipeline.accept(birth('U-poll-next'));
  await harness.reaches('U-poll-next', 'submitted');
  await harness.sql.query(`update mediator.event set poll_at = now() where registration_number = 'U-poll-next'`);
  await until(() => harness.system.questions.length > 0, 'a question is asked');
  expect(harness.system.questions.map(({ event }) => event.registrationNumber)).toEqual(['U-poll-next']);
  await harness.stop();
  await folder.remove();
}, 60_000);

test('a running instance goes on when a later version adds columns: its prepared statements name their own', async () => {
  const folder = temporaryFolder();
  const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 100 });
  const settle = async (number: string): Promise<void> => {
    await harness.pipeline.accept(birth(number));
    const { id } = await harness.reaches(number, 'submitted');
    const { outwardKey } = await harness.system.submitted(number);
    await harness.pipeline.acceptCallback('mosip', `delivery-${number}`, credential(outwardKey, `V-${number}`));
    await harness.reaches(number, 'settled');
    expect((await harness.historyOf(id)).map(({ outcome }) => outcome)).toContain('settled');
  };
  // Each connection has prepared what it runs.
  await Promise.all(Array.from({ length: 20 }, (_, index) => settle(`U-before-${index}`)));

  const tables = await harness.sql.query<{ table_name: string }>(
    `select table_name from information_schema.tables where table_schema = 'mediator'`,
  );
  for (const { table_name: table } of tables) {
    await harness.sql.query(`alter table mediator.${table} add column of_a_later_version text`);
  }
  await Promise.all(Array.from({ length: 20 }, (_, index) => settle(`U-after-${index}`)));
  expect(harness.logLines.filter((line) => /store_failed|store\.unavailable/.test(line))).toEqual([]);
  await harness.stop();
  await folder.remove();
}, 60_000);
