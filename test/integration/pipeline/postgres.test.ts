import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { openPostgres } from '../../../src/pipeline/store/postgres.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { FakeWriteBack } from '../../fakes/fake-write-back.js';
import { birth, credential, type Harness, startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { type PostgresServer, startPostgres } from '../../support/postgres-server.js';
import { postgresStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

/** A turn of the watch over the store. */
const WATCH_MS = 5_000;

let store: TestStore;
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
  store = postgresStore(server.url);
}, 60_000);

afterAll(() => server.remove());

const count = async ({ sql }: Harness, where: string): Promise<number> => {
  const [row] = await sql.query<{ count: number }>(`select count(*)::int as count from mediator.event where ${where}`);
  return row?.count ?? 0;
};

describe('two instances on one database', () => {
  test('start together, share the work, and hand over each event once', async () => {
    const folder = temporaryFolder();
    const system = new FakeNationalIdSystem();
    const writeBack = new FakeWriteBack();
    const options = { dataDir: folder.path, store, system, writeBack };
    // Both find an empty database: the schema is made once, under a lock.
    const instances = await Promise.all([startHarness(options), startHarness(options)]);
    const [one, other] = instances;
    if (one === undefined || other === undefined) throw new Error('unreachable');
    const numbers = Array.from({ length: 200 }, (_, index) => `I-${index}`);
    for (const number of numbers)
      system.when(number, async () => ({ result: 'issued', identity: { nationalId: `N-${number}` } }));
    const answers = await Promise.all(
      // Each delivery reaches both instances at the same moment.
      numbers.flatMap((number) => instances.map(({ pipeline }) => pipeline.accept(birth(number)))),
    );
    expect(new Set(answers.map(({ id }) => id)).size).toBe(200);
    await until(async () => (await count(one, `state = 'settled'`)) === 200, 'all are settled', 30_000);
    expect(system.submissions).toHaveLength(200);
    expect(new Set(system.submissions.map(({ event }) => event.registrationNumber)).size).toBe(200);
    await one.stop();
    await other.pipeline.accept(birth('I-after'));
    await other.reaches('I-after', 'submitted');
    await other.stop();
    await folder.remove();
  }, 60_000);

  test('a worker that was frozen until its job was taken over changes nothing when it wakes', async () => {
    const folder = temporaryFolder();
    const system = new FakeNationalIdSystem();
    const harness = await startHarness({ dataDir: folder.path, store, system });
    let wake: () => void = () => undefined;
    system.when(
      'F1',
      () =>
        new Promise((resolve) => {
          wake = () => resolve({ result: 'refused', code: 'LATE', reason: 'Too late to count.' });
        }),
    );
    await harness.pipeline.accept(birth('F1'));
    await system.submitted('F1');
    system.when('F1', async () => ({ result: 'issued', identity: { nationalId: 'N-F1' } }));
    // What the supervisor does when the time of a job is over.
    await harness.sql.query(
      `update pgboss.job set state = 'retry', retry_count = retry_count + 1 where name = 'submit' and state = 'active'`,
    );
    await harness.reaches('F1', 'settled');
    wake();
    await harness.pipeline.accept(birth('F2'));
    await harness.reaches('F2', 'submitted');
    expect((await harness.event('F1'))?.state).toBe('settled');
    expect(system.submissionsOf('F1').map(({ repeated }) => repeated)).toEqual([false, true]);
    await harness.stop();
    await folder.remove();
  }, 60_000);
});

describe('a server that goes away', () => {
  test('refuses deliveries while it is away, loses none that were acknowledged, and goes on by itself', async () => {
    const folder = temporaryFolder();
    const system = new FakeNationalIdSystem();
    const harness = await startHarness({ dataDir: folder.path, store, system });
    const acknowledged: string[] = [];
    const deliver = async (number: string): Promise<void> => {
      await harness.pipeline.accept(birth(number));
      acknowledged.push(number);
    };
    for (let index = 0; index < 50; index += 1) await deliver(`G-${index}`);

    // A job in hand at the crash comes back after a minute (`expireInSeconds`): too long for this test.
    await until(async () => (await count(harness, `state = 'submitted'`)) === 50, 'all are submitted');
    await server.stop('immediate');
    await expect(deliver('G-down')).rejects.toMatchObject({ code: 'store_unavailable', retryAfterMs: 5_000 });
    harness.clock.jump(WATCH_MS);
    await until(() => harness.health.readiness().status === 'not-ready', 'readiness says so');
    await server.start();

    await until(
      async () => {
        try {
          await deliver('G-again');
          return true;
        } catch (thrown) {
          if (thrown instanceof MediatorError && thrown.code === 'store_unavailable') return false;
          throw thrown;
        }
      },
      'deliveries are taken again',
      30_000,
    );
    harness.clock.jump(WATCH_MS);
    await until(() => harness.health.readiness().status === 'ready', 'readiness says so', 30_000);
    for (const number of acknowledged) {
      const { outwardKey } = await system.submitted(number);
      await harness.pipeline.acceptCallback('mosip', `delivery-${number}`, credential(outwardKey, `V-${number}`));
    }
    await until(
      async () => (await count(harness, `state = 'settled'`)) === acknowledged.length,
      'all are settled',
      60_000,
    );
    expect(new Set(system.submissions.map(({ outwardKey }) => outwardKey)).size).toBe(acknowledged.length);
    await harness.stop();
    await folder.remove();
  }, 120_000);
});

test('the role of the service needs no superuser rights', async () => {
  const folder = temporaryFolder();
  const own: TestStore = {
    async open(deps) {
      const root = openPostgres(deps, server.url);
      await root.query('create role plain login');
      await root.query('create database plain owner plain');
      await root.close();
      return openPostgres(deps, server.url.replace('postgres@', 'plain@').replace(/postgres$/, 'plain'));
    },
    stop: async () => undefined,
  };
  const harness = await startHarness({ dataDir: folder.path, store: own });
  await harness.pipeline.accept(birth('R1'));
  await harness.reaches('R1', 'submitted');
  await harness.stop();
  await folder.remove();
}, 60_000);
