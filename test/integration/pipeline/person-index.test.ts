import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStores, type Database, openDatabase, type PersonIndex } from '../../../src/pipeline/store/index.js';
import type { PersonIdentifier } from '../../../src/vital-events/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { KEYS, temporaryFolder } from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

const folder = temporaryFolder();
const persons: PersonIndex = createStores(KEYS).persons;
let store: TestStore;
let database: Database;

beforeAll(async () => {
  store = await startTestStore('postgres');
  database = await openDatabase(() => store.open({ log: createMemoryLog().log }, folder.path));
}, 60_000);

afterAll(async () => {
  await database.close();
  await store.stop();
  await folder.remove();
});

const birth = (value: string): PersonIdentifier => ({ kind: 'birth-registration', value });
const death = (value: string): PersonIdentifier => ({ kind: 'death-registration', value });
const identity = (value: string): PersonIdentifier => ({ kind: 'identity', value });

const personOf = async (...identifiers: readonly PersonIdentifier[]): Promise<string | undefined> =>
  (await database.transaction((sql) => persons.resolve(sql, [identifiers])))[0]?.personId;

test.each([
  { name: 'alone', beside: [] },
  { name: 'beside another that shares its identity in one batch', beside: [[death('X-3'), identity('X-N')]] },
])('who is made at the same time by two deliveries is one person, and stays one: $name', async ({ name, beside }) => {
  const [first, second, number] = [`${name}-1`, `${name}-2`, beside.length === 0 ? 'N' : 'X-N'];
  let commit: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    commit = resolve;
  });
  let isHeld = false;
  const one = database.transaction(async (sql) => {
    const [resolved] = await persons.resolve(sql, [[birth(first), identity(number)]]);
    isHeld = true;
    await held;
    return resolved?.personId;
  });
  await until(() => isHeld, 'the first is made and not committed');
  const others = database.transaction((sql) => persons.resolve(sql, [[death(second), identity(number)], ...beside]));
  await until(async () => {
    const [row] = await database.query<{ waits: boolean }>(
      `select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()) as waits`,
    );
    return row?.waits === true;
  }, 'the second waits for it');
  commit();

  const personId = await one;
  expect((await others).map((resolved) => resolved.personId)).toEqual([personId, ...beside.map(() => personId)]);
  // What comes later by the number of either registration alone belongs to the same person.
  expect(await personOf(death(second))).toBe(personId);
  expect(await personOf(birth(first))).toBe(personId);
});
