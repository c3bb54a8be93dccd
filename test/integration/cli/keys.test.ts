import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { birth, KEYS, startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';

const folder = temporaryFolder();
const [old] = KEYS.encryption;
const NEW = Buffer.alloc(32, 9).toString('base64');
const OLD = old.key.toString('base64');
let store: TestStore;

/** What the command finds: two events of a service that knew the old key only. */
beforeAll(async () => {
  store = await startTestStore('embedded');
  const harness = await startHarness({ dataDir: folder.path, store });
  harness.system.when('K1', async () => ({ result: 'issued', identity: { nationalId: 'N-1' } }));
  for (const number of ['K1', 'K2']) await harness.pipeline.accept(birth(number));
  await harness.reaches('K1', 'settled');
  await harness.reaches('K2', 'submitted');
  await harness.stop();
}, 60_000);

afterAll(async () => {
  await store.stop();
  await folder.remove();
});

const keys = (command: 'list' | 'rotate', encryption: string, ...more: readonly string[]) =>
  run(['keys', command, ...more], {
    environment: {
      OPENHIM_REGISTER: 'false',
      NATIONAL_ID_SYSTEM: 'fhir',
      FHIR_BASE_URL: 'http://127.0.0.1:9/fhir',
      DATA_DIR: folder.path,
      DATA_ENCRYPTION_KEY: encryption,
      INDEX_KEY: KEYS.index,
    },
  });

/** The lines of the table, with single blanks. */
const table = (out: string): string[] =>
  out
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '));

test('the list tells each key, what it is for, and how much needs it', async () => {
  const { code, out } = await keys('list', `new:${NEW},test:${OLD}`);
  expect(code).toBe(0);
  expect(table(out)).toEqual(['new 0 writes', 'test 3 reads']);
  expect(out).not.toContain(NEW);
}, 60_000);

test('a key that is missing is told, and nothing is changed without it', async () => {
  const listed = await keys('list', `new:${NEW}`);
  expect(table(listed.out)).toEqual(['new 0 writes', 'test 3 MISSING from DATA_ENCRYPTION_KEY']);
  const { code, said } = await keys('rotate', `new:${NEW}`);
  expect(code).toBe(1);
  expect(said).toContain('Encrypted anew: 0. Changed meanwhile: 0. Unreadable: 3.');
}, 60_000);

test('the rotation encrypts everything with the first key, and then has nothing left to do', async () => {
  const first = await keys('rotate', `new:${NEW},test:${OLD}`);
  expect(first.code).toBe(0);
  expect(first.said).toContain('Encrypted anew: 3.');
  expect(table(first.out)).toEqual(['new 3 writes', 'test 0 reads']);
  expect((await keys('rotate', `new:${NEW}`)).said).toContain('Encrypted anew: 0.');
}, 60_000);

test.each([
  { name: 'an argument', given: () => keys('rotate', `new:${NEW}`, 'now'), code: 64 },
  { name: 'settings that are wrong', given: () => keys('list', 'no key'), code: 78 },
])('$name ends with $code', async ({ given, code }) => {
  expect((await given()).code).toBe(code);
});
