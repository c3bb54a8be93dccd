import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MediatorError } from '../../src/errors/index.js';
import { birth, type Harness, startHarness, temporaryFolder } from '../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../support/test-store.js';
import { codeBlocks } from './documents.js';

/** The registration number in the statements of the page. */
const NUMBER = '2024BQX7T4N';
const statements = codeBlocks('docs/operations.md', 'sql').flatMap((block) =>
  block
    .split(';\n')
    .map((text) => text.trim())
    .filter((text) => text !== ''),
);
const tryAgain = statements.filter((text) => text.includes('update'));
const folder = temporaryFolder();
let store: TestStore;
let harness: Harness;

beforeAll(async () => {
  store = await startTestStore('postgres');
  harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 200 });
}, 60_000);
afterAll(async () => {
  await harness.stop();
  await store.stop();
  await folder.remove();
});

test('every statement of the operations page runs', async () => {
  expect(statements).toHaveLength(4);
  for (const statement of statements) await harness.sql.query(statement);
});

test('a stuck event is tried again by the documented statement: first its submission, then its delivery', async () => {
  const { pipeline, system, writeBack } = harness;
  system.when(NUMBER, async () => {
    throw new MediatorError('national_id_misconfigured');
  });
  writeBack.when(NUMBER, async () => {
    throw new MediatorError('write_back_refused');
  });
  await pipeline.accept(birth(NUMBER));
  const { id } = await harness.reaches(NUMBER, 'stuck');

  system.when(NUMBER, async () => ({ result: 'issued', identity: { nationalId: 'N-1' } }));
  for (const statement of tryAgain) await harness.sql.query(statement);
  await system.submitted(NUMBER, 2);
  await harness.reaches(NUMBER, 'stuck');

  writeBack.when(NUMBER, async () => ({ result: 'delivered' }));
  for (const statement of tryAgain) await harness.sql.query(statement);
  await harness.reaches(NUMBER, 'settled');

  const submissions = system.submissionsOf(NUMBER);
  expect(submissions).toHaveLength(2);
  expect(new Set(submissions.map(({ outwardKey }) => outwardKey)).size).toBe(1);
  const byHand = (await harness.historyOf(id)).filter(({ step }) => step === 'operator');
  expect(byHand.map(({ outcome }) => outcome)).toEqual(['received', 'issued']);
}, 60_000);
