import { expect, test } from '@jest/globals';
import { createDailyQuota } from '../../../src/opencrvs/record-search/daily-quota.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const HOUR_MS = 3_600_000;

/** A quota of two, at ten in the evening. */
function setUp() {
  const clock = new ManualClock(Date.parse('2024-03-01T22:00:00Z'));
  const [health, metrics] = [createHealth(clock), createMetrics()];
  const quota = createDailyQuota({ clock, metrics, check: health.check('search') }, 2);
  const shown = async () => {
    const { text } = await metrics.render();
    const { state, detail } = health.readiness().checks['search'] ?? {};
    return [state, detail, /^mediator_opencrvs_searches_today (\d+)$/m.exec(text)?.[1]];
  };
  return { clock, quota, shown };
}

test('no more searches are taken than there are, and it is said how many are used', async () => {
  const { quota, shown } = setUp();
  quota.take();
  expect(await shown()).toEqual(['ok', '1 of 2 searches are used today.', '1']);
  quota.take();
  expect(await shown()).toEqual(['degraded', '2 of 2 searches are used today.', '2']);
  expect(() => quota.take()).toThrow(
    expect.objectContaining({ code: 'peer_quota_used', disposition: 'retry', retryAfterMs: 2 * HOUR_MS + 1000 }),
  );
  expect(await shown()).toEqual(['degraded', '2 of 2 searches are used today.', '2']);
});

test('a new day begins by itself at midnight, and so does the one after it', async () => {
  const { clock, quota, shown } = setUp();
  for (const _ of [1, 2]) quota.take();
  await clock.advance(2 * HOUR_MS + 1000);
  expect(await shown()).toEqual(['ok', '0 of 2 searches are used today.', '0']);
  quota.take();
  await clock.advance(24 * HOUR_MS);
  expect(await shown()).toEqual(['ok', '0 of 2 searches are used today.', '0']);
});

test('OpenCRVS has the last word on what is left', async () => {
  const { clock, quota, shown } = setUp();
  expect(quota.exhaust()).toMatchObject({ code: 'peer_quota_used', retryAfterMs: 2 * HOUR_MS + 1000 });
  expect(await shown()).toEqual(['degraded', '2 of 2 searches are used today.', '2']);
  expect(() => quota.take()).toThrow();
  await clock.advance(2 * HOUR_MS + 1000);
  expect(() => quota.take()).not.toThrow();
});

test('what was stopped waits for no midnight', () => {
  const { clock, quota } = setUp();
  quota.take();
  quota.stop();
  expect(clock.pending).toBe(0);
});
