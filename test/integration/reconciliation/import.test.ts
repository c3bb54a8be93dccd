import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { importFile } from '../../../src/cli/import/import-file.js';
import { createExportedRecords } from '../../../src/opencrvs/index.js';
import { type Backfill, openBackfill } from '../../../src/pipeline/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { birthNumber } from '../../support/births.js';
import { fixture } from '../../support/fixtures.js';
import { fullBundle } from '../../support/opencrvs-shapes.js';
import {
  birth,
  type Harness,
  KEYS,
  onlySystem,
  PIPELINE_SETTINGS,
  startHarness,
  temporaryFolder,
} from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';

const { log } = createMemoryLog();
const records = createExportedRecords(PIPELINE_SETTINGS.mappingsDir);
let folder: ReturnType<typeof temporaryFolder>;
let store: TestStore;
let backfill: Backfill & { close(): Promise<void> };

/** Opens the store as the command does, beside a service or before it. */
const open = () =>
  openBackfill(
    { clock: systemClock, log, metrics: createMetrics(), systems: onlySystem(new FakeNationalIdSystem()) },
    { store: { kind: 'embedded', dataDir: folder.path }, keys: KEYS },
    { note: 'Imported in a test.', open: () => store.open({ log }, folder.path) },
  );

beforeAll(async () => {
  store = await startTestStore('postgres');
}, 60_000);

beforeEach(async () => {
  folder = temporaryFolder();
  backfill = await open();
}, 30_000);

afterEach(async () => {
  await backfill.close();
  await folder.remove();
});

afterAll(() => store.stop());

function fileOf(lines: readonly unknown[]): string {
  const file = join(folder.path, 'export.ndjson');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
}

const run = (file: string, deps: Partial<Parameters<typeof importFile>[0]> = {}, perSecond?: number) =>
  importFile({ backfill, records, clock: systemClock, ...deps }, { file, perSecond });

/** The registrations of the numbers from 1 on. */
const births = (count: number) => Array.from({ length: count }, (_, index) => birthNumber(index + 1).body);

async function started(): Promise<Harness> {
  return startHarness({ dataDir: folder.path, store });
}

test('every form of a record is taken in, once, and worked on by the service', async () => {
  const corrected = fixture<{ trackingId: string }>('opencrvs/event-document-correction.json');
  const { reading } = birth('CANONICAL-1');
  const forms = [birthNumber(1).body, fullBundle('death'), corrected, reading.ok ? reading.event : undefined];
  const file = fileOf([...forms, '', birthNumber(1).body]);
  expect(await run(file)).toMatchObject({ lines: 6, taken: 4, known: 1, rejected: 0 });
  const harness = await started();
  try {
    await harness.system.submitted('CANONICAL-1');
    const { id } = await harness.reaches(birthNumber(1).registrationNumber, 'submitted');
    const [first] = await harness.historyOf(id);
    expect(first).toMatchObject({ step: 'accept', outcome: 'received', note: 'Imported in a test.' });
    const rows = await harness.sql.query<{ tracking_id: string; priority: number }>(
      'select tracking_id, priority from mediator.event order by seq',
    );
    expect(rows.map(({ priority }) => priority)).toEqual([-1, -1, -1, -1]);
    expect(rows.map((row) => row.tracking_id)).toContain(corrected.trackingId);
    // Delivered all the same, it starts nothing.
    const late = await harness.pipeline.accept(birth('CANONICAL-1'));
    expect(late.isRepeat).toBe(true);
  } finally {
    await harness.stop();
  }
});

test('what cannot be taken is told by its line, and never by its content', async () => {
  const secret = 'Canary-Name';
  const lines = ['{"name": "Canary-Name"', { resourceType: 'Bundle', entry: [], note: secret }, { name: secret }, null];
  const pending = fixture('opencrvs/event-document-birth.json');
  const report = await run(fileOf([birthNumber(1).body, ...lines, pending]));
  expect(report).toMatchObject({ lines: 6, taken: 1, rejected: 5 });
  expect(report.rejectedLines.map(({ line, code }) => [line, code])).toEqual([
    [2, 'json_invalid'],
    [3, 'event_unreadable'],
    [4, 'payload_invalid'],
    [5, 'payload_invalid'],
    [6, 'payload_invalid'],
  ]);
  expect(JSON.stringify(report)).not.toContain(secret);
});

test('a number that the store cannot hold is kept as unreadable, and holds nothing up', async () => {
  const { reading } = birth('1');
  const event = reading.ok ? reading.event : undefined;
  const about = { kind: 'correction', of: 'birth', revision: 'revision' };
  const long = randomBytes(4_000).toString('base64');
  const lines = [
    { ...event, registrationNumber: 'NUL\0' },
    { ...event, ...about, revision: 'NUL\0' },
    // Half of a character, as JSON can spell it.
    { ...event, trackingId: '\ud83d' },
    { ...event, registrationNumber: long },
    { ...event, ...about, revision: long },
    { ...event, recordId: long },
    event,
  ];
  expect(await run(fileOf(lines))).toMatchObject({ lines: lines.length, taken: lines.length, rejected: 0 });
  const harness = await started();
  try {
    const stuck = await harness.pipeline.operator().list({ codes: ['event_unreadable'] }, { limit: 10 });
    expect(stuck).toHaveLength(lines.length - 1);
  } finally {
    await harness.stop();
  }
});

test('a run that was killed goes on where it was', async () => {
  const file = fileOf(births(1_000));
  let accepted = 0;
  const killed = {
    ...backfill,
    accept: async (...given: Parameters<Backfill['accept']>) => {
      accepted += 1;
      if (accepted > 600) throw new Error('killed');
      return backfill.accept(...given);
    },
  };
  await expect(run(file, { backfill: killed })).rejects.toMatchObject({ code: 'store_unavailable' });
  const report = await run(file);
  // Of the step that was broken off, some were stored: they are here, and no second time.
  expect(report).toMatchObject({ resumedAfter: 400, lines: 1_000, rejected: 0 });
  expect(report.taken + report.known).toBe(1_000);
  // One that came to its end is gone through again, as records may have been lost since.
  expect(await run(file)).toMatchObject({ resumedAfter: 0, lines: 1_000, taken: 0, known: 1_000 });
  // Another file is begun from its start.
  expect(await run(fileOf(births(1_001)))).toMatchObject({ resumedAfter: 0, lines: 1_001, taken: 1, known: 1_000 });
}, 60_000);

test('a rate is kept to', async () => {
  const begun = Date.now();
  await run(fileOf(births(30)), {}, 20);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1_450);
});

test('a delivery overtakes a backlog of 2,000 imported registrations', async () => {
  await run(fileOf(births(2_000)));
  const harness = await started();
  try {
    await harness.system.submitted(birthNumber(1).registrationNumber);
    await harness.pipeline.accept(birth('LIVE-1'));
    await harness.system.submitted('LIVE-1');
    const at = harness.system.submissions.length;
    expect(at).toBeLessThan(1_000);
    await harness.reaches('LIVE-1', 'submitted');
    const [waiting] = await harness.sql.query<{ count: number }>(
      `select count(*)::integer as count from mediator.event where state = 'received'`,
    );
    expect(waiting?.count).toBeGreaterThan(500);
  } finally {
    await harness.stop();
  }
}, 120_000);
