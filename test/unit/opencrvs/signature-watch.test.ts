import { expect, test } from '@jest/globals';
import { createSignatureWatch } from '../../../src/opencrvs/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

function setUp() {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const health = createHealth(clock);
  const watch = createSignatureWatch({ clock, log, health });
  const tell = (outcomes: string) => {
    for (const outcome of outcomes) outcome === '+' ? watch.passed() : watch.failed();
  };
  return { clock, lines, tell, check: () => health.readiness().checks['opencrvs-signature'] };
}

test.each([
  { name: 'before the first webhook', outcomes: '', state: 'unknown' },
  { name: 'a right one', outcomes: '+', state: 'ok' },
  { name: 'two wrong ones at first', outcomes: '--', state: 'unknown' },
  { name: 'two wrong ones, then a right one', outcomes: '+--+', state: 'ok' },
  { name: 'wrong ones with right ones between', outcomes: '--+--+--', state: 'ok' },
  { name: 'three wrong ones in a row', outcomes: '+---', state: 'degraded' },
  { name: 'three wrong ones at first', outcomes: '---', state: 'degraded' },
  { name: 'right again after that', outcomes: '+----+', state: 'ok' },
])('$name: $state', ({ outcomes, state }) => {
  const { tell, check } = setUp();
  tell(outcomes);
  expect(check()).toMatchObject({ state });
});

test('says since when and what to do, and warns once', async () => {
  const { clock, lines, tell, check } = setUp();
  tell('+');
  await clock.advance(60_000);
  tell('-');
  await clock.advance(60_000);
  tell('-----');
  expect(check()?.detail).toMatch(/since 2024-03-01T00:01:00\.000Z .*OPENCRVS_SHA_SECRET.*new sha_secret.*comma/);
  expect(lines.filter((line) => line.includes('signature.failing'))).toHaveLength(1);
  tell('+');
  expect(lines.filter((line) => line.includes('signature.restored'))).toHaveLength(1);
});
