import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { birth, startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

const HOUR = 3_600_000;
const folder = temporaryFolder();
let store: TestStore;

beforeAll(async () => {
  store = await startTestStore('postgres');
});

afterAll(async () => {
  await store.stop();
  await folder.remove();
});

test('an answer that is due soon is told in readiness, one that comes too late makes the event stuck', async () => {
  const first = await startHarness({ dataDir: folder.path, store });
  const before = (hours: number) => ({ to: {}, revision: 'action-1', before: Date.now() + hours * HOUR });
  await first.pipeline.accept({ ...birth('W-late'), reply: before(150) });
  await first.pipeline.accept({ ...birth('W-soon'), reply: before(40) });
  await first.pipeline.accept({ ...birth('W-fresh'), reply: before(150) });
  for (const number of ['W-late', 'W-soon', 'W-fresh']) await first.reaches(number, 'submitted');
  // Only now: the first look of the watch may come after the deliveries, and would take it off its way at once.
  await first.sql.query(
    `update mediator.event set reply_before = now() + interval '30 minutes' where registration_number = 'W-late'`,
  );
  await first.stop();

  // The watch looks at its start, and then each minute.
  const second = await startHarness({ dataDir: folder.path, store });
  expect(await second.reaches('W-late', 'stuck')).toMatchObject({ code: 'reply_expired' });
  await until(() => second.health.readiness().checks['replies']?.state === 'degraded', 'readiness warns');
  expect(second.health.readiness().checks['replies']?.detail).toMatch(/: 1\.$/);
  expect((await second.event('W-soon'))?.state).toBe('submitted');
  await second.stop();
}, 60_000);
