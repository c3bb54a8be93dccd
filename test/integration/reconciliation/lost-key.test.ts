import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importFile } from '../../../src/cli/import/import-file.js';
import { MediatorError } from '../../../src/errors/index.js';
import { createExportedRecords } from '../../../src/opencrvs/index.js';
import { openBackfill } from '../../../src/pipeline/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { FakeWriteBack } from '../../fakes/fake-write-back.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import {
  birth,
  credential,
  type Harness,
  KEYS,
  onlySystem,
  PIPELINE_SETTINGS,
  startHarness,
  temporaryFolder,
} from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';

const NEW_KEYS = { ...KEYS, encryption: [{ id: 'new', key: Buffer.alloc(32, 9) }] } as const;

const folder = temporaryFolder();
const { log } = createMemoryLog();
const system = new FakeNationalIdSystem();
const writeBack = new FakeWriteBack();
const away = async (): Promise<never> => {
  throw new MediatorError('peer_unreachable', { unanswered: true });
};
let store: TestStore;
let harness: Harness;
/** Of W, which waits for its answer. */
let outwardKey: string;

const start = (keys: typeof KEYS | typeof NEW_KEYS) =>
  startHarness({ dataDir: folder.path, store, system, writeBack, settings: () => ({ keys }) });

/** One registration in each state, and then another key in the place of the one that all was encrypted with. */
beforeAll(async () => {
  store = await startTestStore('postgres');
  harness = await start(KEYS);
  const issued = async () => ({ result: 'issued', identity: { nationalId: 'N-1' } }) as const;
  system.when('SETTLED', issued);
  system.when('UNTOLD', issued);
  system.when('UNSENT', away);
  writeBack.when('UNTOLD', away);
  for (const number of ['SETTLED', 'UNTOLD', 'UNSENT', 'WAITING']) await harness.pipeline.accept(birth(number));
  await harness.reaches('SETTLED', 'settled');
  await harness.reaches('UNTOLD', 'issued');
  await system.submitted('UNSENT');
  ({ outwardKey } = await system.submitted('WAITING'));
  await harness.reaches('WAITING', 'submitted');
  await harness.stop();
  harness = await start(NEW_KEYS);
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await store.stop();
  await folder.remove();
});

test('only what is not over is lost, and an operator is told which', async () => {
  await harness.pipeline.acceptCallback('mosip', 'delivery-1', credential(outwardKey, '4407183925'));
  for (const number of ['UNSENT', 'UNTOLD', 'WAITING']) {
    expect(await harness.reaches(number, 'stuck')).toMatchObject({ code: 'payload_lost' });
  }
  const lost = await harness.pipeline.operator().list({ codes: ['payload_lost'] }, { limit: 10 });
  expect(lost.map((event) => event.registrationNumber).toSorted()).toEqual(['UNSENT', 'UNTOLD', 'WAITING']);
  expect((await harness.event('SETTLED'))?.state).toBe('settled');
});

test('the records come in again and everything ends, with one identity each', async () => {
  system.when('UNSENT', async () => ({ result: 'issued', identity: { nationalId: 'N-2' } }));
  writeBack.when('UNTOLD', async () => ({ result: 'delivered' }));
  const before = system.submissions.length;
  const file = join(folder.path, 'export.ndjson');
  const events = ['SETTLED', 'UNTOLD', 'UNSENT', 'WAITING'].map((number) => birth(number).reading);
  writeFileSync(file, events.map((reading) => JSON.stringify(reading.ok && reading.event)).join('\n'));
  const backfill = await openBackfill(
    { clock: systemClock, log, metrics: createMetrics(), systems: onlySystem(system) },
    { store: { kind: 'embedded', dataDir: folder.path }, keys: NEW_KEYS },
    { note: 'Imported in a test.', open: () => store.open({ log }, folder.path) },
  );
  const keys = ['SETTLED', 'UNTOLD', 'UNSENT', 'WAITING', 'NEVER-CAME'].map((number) => `birth:${number}`);
  const lacking = await backfill.lacking(keys);
  expect([...lacking].toSorted()).toEqual(['birth:NEVER-CAME', 'birth:UNSENT', 'birth:UNTOLD', 'birth:WAITING']);
  const records = createExportedRecords(PIPELINE_SETTINGS.mappingsDir);
  const report = await importFile({ backfill, records, clock: systemClock }, { file, perSecond: undefined });
  expect(report).toMatchObject({ taken: 0, known: 4, rejected: 0 });

  for (const number of ['UNSENT', 'UNTOLD', 'WAITING']) await harness.reaches(number, 'settled');
  expect(await backfill.lacking(keys)).toEqual(new Set(['birth:NEVER-CAME']));
  await backfill.close();
  // The answer for W was there and is told; that for the untold one was lost too, and is asked for under its key.
  const again = system.submissions.slice(before).map(({ event }) => event.registrationNumber);
  expect(again.toSorted()).toEqual(['UNSENT', 'UNTOLD']);
  expect(writeBack.deliveriesOf('WAITING').at(-1)?.outcome).toMatchObject({ identity: { virtualId: '4407183925' } });
  expect(writeBack.deliveriesOf('SETTLED')).toHaveLength(1);
  for (const number of ['UNSENT', 'UNTOLD']) {
    const submissions = system.submissionsOf(number);
    expect(new Set(submissions.map((one) => one.outwardKey)).size).toBe(1);
    expect(submissions.at(-1)?.repeated).toBe(true);
  }
});
