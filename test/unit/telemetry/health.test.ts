import { expect, test } from '@jest/globals';
import { type CheckState, createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';

test.each([
  { name: 'all well', states: ['ok', 'ok'], status: 'ready' },
  { name: 'a peer not called yet', states: ['ok', 'unknown'], status: 'ready' },
  { name: 'a peer away', states: ['ok', 'degraded'], status: 'degraded' },
  { name: 'the store away', states: ['down', 'degraded'], status: 'not-ready' },
] as const)('$name: $status', ({ states, status }) => {
  const health = createHealth(new ManualClock());
  states.forEach((state: CheckState, index) => {
    health.check(`check-${index}`).report(state);
  });
  expect(health.readiness().status).toBe(status);
});

test('tells since when a state lasts, and how old the last word is', async () => {
  const clock = new ManualClock(Date.parse('2024-03-01T00:00:00Z'));
  const health = createHealth(clock);
  const check = health.check('openhim');
  check.report('degraded', 'OpenHIM core cannot be reached.');
  await clock.advance(60_000);
  check.report('degraded', 'OpenHIM core cannot be reached.');
  await clock.advance(4_000);
  health.warn('embedded store');
  expect(health.readiness()).toEqual({
    status: 'degraded',
    checks: {
      openhim: {
        state: 'degraded',
        detail: 'OpenHIM core cannot be reached.',
        since: '2024-03-01T00:00:00.000Z',
        ageSeconds: 4,
      },
    },
    warnings: ['embedded store'],
  });
});
