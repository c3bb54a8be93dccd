import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { loadSettings } from '../../../src/config/index.js';
import { connect, type Database } from '../../../src/pipeline/store/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { birth, startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.js';
import { selfSigned } from '../../support/self-signed.js';
import type { TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

const { log } = createMemoryLog();
const folder = temporaryFolder();
const identity = selfSigned();
const caFile = join(folder.path, 'ca.pem');
let server: PostgresServer;

/** A turn of the watch over the store. */
const WATCH_MS = 5_000;

beforeAll(async () => {
  server = await startPostgres({ tls: identity });
  writeFileSync(caFile, identity.cert);
}, 60_000);

afterAll(async () => {
  await server.remove();
  await folder.remove();
});

/** As a deployment would set it. */
function storeWith(environment: Readonly<Record<string, string>>) {
  return loadSettings({
    OPENHIM_REGISTER: 'false',
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: 'http://127.0.0.1:9/fhir',
    DATABASE_URL: server.url,
    DATA_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    INDEX_KEY: 'an index key for tests, long enough to pass',
    ...environment,
  }).store;
}

/** The store as a test wants it: of a server that stays, so there is nothing to stop. */
const onServer = (): TestStore => ({
  open: (deps) => connect(deps, storeWith({})),
  stop: async () => undefined,
});

async function withDatabase<T>(
  environment: Readonly<Record<string, string>>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await connect({ log }, storeWith(environment));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Whether each kind of connection of ours is encrypted. */
const isEncrypted = `select ssl from pg_stat_ssl where pid = pg_backend_pid()`;

describe('the connection', () => {
  test('is encrypted, and the server is checked, where an authority is named', async () => {
    await withDatabase({ DATABASE_CA_FILE: caFile }, async (database) => {
      expect(await database.query(isEncrypted)).toEqual([{ ssl: true }]);
      expect(await database.intake?.query(isEncrypted)).toEqual([{ ssl: true }]);
      const boss = new pg.Pool(database.bossOptions as pg.PoolConfig);
      expect((await boss.query(isEncrypted)).rows).toEqual([{ ssl: true }]);
      await boss.end();
    });
  });

  test('is refused where another authority is named', async () => {
    const other = join(folder.path, 'other.pem');
    writeFileSync(other, selfSigned().cert);
    await withDatabase({ DATABASE_CA_FILE: other }, async (database) => {
      await expect(database.query('select 1')).rejects.toThrow();
    });
  });

  test('follows the address alone where none is named', async () => {
    await withDatabase({}, async (database) => expect(await database.query(isEncrypted)).toEqual([{ ssl: false }]));
    await withDatabase({ DATABASE_URL: `${server.url}?sslmode=no-verify` }, async (database) =>
      expect(await database.query(isEncrypted)).toEqual([{ ssl: true }]),
    );
  });

  test('has time limits and a name that an administrator knows', async () => {
    await withDatabase({}, async (database) => {
      const [row] = await database.query(
        `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
           current_setting('idle_in_transaction_session_timeout') as idle, current_setting('application_name') as name`,
      );
      expect(row).toEqual({ statement: '15s', lock: '10s', idle: '30s', name: 'national-id-mediator' });
    });
  });

  test('is one of as many as are allowed', async () => {
    await withDatabase({ DATABASE_POOL_SIZE: '10' }, async (database) => {
      const held = Array.from({ length: 20 }, () => database.query('select pg_sleep(0.2)'));
      const begun = Array.from({ length: 20 }, () => database.intake?.query('select pg_sleep(0.2)'));
      let most = 0;
      await until(async () => {
        const client = new pg.Client({ connectionString: server.url });
        await client.connect();
        const { rows } = await client.query<{ count: number }>(
          `select count(*)::integer as count from pg_stat_activity where application_name like 'national-id-mediator%'`,
        );
        await client.end();
        most = Math.max(most, rows[0]?.count ?? 0);
        return most === 6;
      }, 'all connections are in use');
      await Promise.all([...held, ...begun]);
      // Four more are for the job queue, which is not running here.
      expect(most + Number(database.bossOptions.max)).toBe(10);
    });
  });
});

describe('a database that takes no writes', () => {
  test('has events refused before they are acknowledged, is told in readiness, and is taken up again by itself', async () => {
    const harness = await startHarness({ dataDir: folder.path, store: onServer(), sweepEveryMs: 200 });
    await harness.pipeline.accept(birth('RO-before'));
    await harness.reaches('RO-before', 'submitted');

    await server.execute('alter system set default_transaction_read_only = on', 'select pg_reload_conf()');
    await until(async () => {
      const [row] = await harness.sql.query(`select current_setting('transaction_read_only') as it`);
      return (row as { it?: unknown }).it === 'on';
    }, 'the database is read-only');
    const refusal = { code: 'store_unavailable', status: 503, retryAfterMs: 5_000 };
    await expect(harness.pipeline.accept(birth('RO-during'))).rejects.toMatchObject(refusal);
    await expect(harness.pipeline.acceptCallback('mosip', 'delivery-RO', Buffer.from('{}'))).rejects.toMatchObject(
      refusal,
    );
    // At once, not at the next look.
    expect(harness.health.readiness()).toMatchObject({
      status: 'not-ready',
      checks: { store: { state: 'down', detail: 'The store takes no writes.' } },
    });
    expect(await harness.event('RO-during')).toBeUndefined();

    await server.execute('alter system reset default_transaction_read_only', 'select pg_reload_conf()');
    harness.clock.jump(WATCH_MS);
    await until(() => harness.health.readiness().status === 'ready', 'readiness says so');
    await harness.pipeline.accept(birth('RO-during'));
    await until(async () => (await harness.event('RO-during'))?.state === 'submitted', 'it goes on', 60_000);
    const [probe] = await harness.sql.query('select count(*)::integer as rows from mediator.probe');
    expect(probe).toEqual({ rows: 0 });
    await harness.stop();
  }, 120_000);

  test('is waited for at the start', async () => {
    await server.execute('alter system set default_transaction_read_only = on', 'select pg_reload_conf()');
    const starting = startHarness({ dataDir: folder.path, store: onServer() });
    await server.execute('alter system reset default_transaction_read_only', 'select pg_reload_conf()');
    const harness = await starting;
    await harness.pipeline.accept(birth('RO-start'));
    await harness.reaches('RO-start', 'submitted');
    await harness.stop();
  }, 60_000);

  test('for want of room is told apart from one that is back: only a write that succeeds counts', async () => {
    const harness = await startHarness({ dataDir: folder.path, store: onServer() });
    // What a full disk looks like to a client, without filling one: class 53 from every new row.
    await server.execute(
      `create function mediator.full_disk() returns trigger language plpgsql as
       $$ begin raise exception 'could not extend file' using errcode = '53100'; end $$`,
      'create trigger full_event before insert on mediator.event execute function mediator.full_disk()',
      'create trigger full_probe before insert on mediator.probe execute function mediator.full_disk()',
    );
    await expect(harness.pipeline.accept(birth('FULL'))).rejects.toMatchObject({ code: 'store_unavailable' });
    const { since } = harness.health.readiness().checks['store'] ?? { since: '' };
    const looks = (): number => harness.logLines.filter((line) => line.includes('store.unavailable')).length;
    const before = looks();
    harness.clock.jump(WATCH_MS);
    await until(() => looks() > before, 'the watch has looked again');
    expect(harness.health.readiness().checks['store']).toMatchObject({ state: 'down', since });
    await server.execute('drop function mediator.full_disk() cascade');
    harness.clock.jump(WATCH_MS);
    await until(() => harness.health.readiness().status === 'ready', 'readiness says so');
    await harness.pipeline.accept(birth('FULL'));
    await harness.reaches('FULL', 'submitted');
    await harness.stop();
  }, 60_000);
});
