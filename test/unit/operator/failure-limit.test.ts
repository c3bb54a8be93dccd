import { expect, test } from '@jest/globals';
import { createFailureLimit } from '../../../src/operator/failure-limit.js';
import { ManualClock } from '../../fakes/manual-clock.js';

const LIMIT = { most: 3, refillMs: 1_000, mostClients: 2 };

function setUp() {
  const clock = new ManualClock();
  const limit = createFailureLimit(clock, LIMIT);
  const fail = (client: string, times = LIMIT.most): void => {
    for (let left = times; left > 0; left -= 1) limit.failed(client);
  };
  return { clock, limit, fail };
}

test('so many failures are free, and each further one has to be waited for', async () => {
  const { clock, limit, fail } = setUp();
  fail('10.0.0.1', 2);
  expect(limit.waitMs('10.0.0.1')).toBe(0);
  fail('10.0.0.1', 1);
  expect(limit.waitMs('10.0.0.1')).toBe(1_000);
  await clock.advance(400);
  expect(limit.waitMs('10.0.0.1')).toBe(600);
  await clock.advance(600);
  expect(limit.waitMs('10.0.0.1')).toBe(0);
  fail('10.0.0.1', 1);
  expect(limit.waitMs('10.0.0.1')).toBe(1_000);
});

test('failures are forgotten in time, and never count for less than none', async () => {
  const { clock, limit, fail } = setUp();
  fail('10.0.0.1');
  await clock.advance(60_000);
  fail('10.0.0.1', 2);
  expect(limit.waitMs('10.0.0.1')).toBe(0);
});

test.each([
  { name: 'another address', failing: '10.0.0.1', other: '10.0.0.2', waits: false },
  { name: 'the same one, mapped into IPv6', failing: '10.0.0.1', other: '::ffff:10.0.0.1', waits: true },
  {
    name: 'another one of the same IPv6 network',
    failing: '2001:db8:0:7::1',
    other: '2001:db8::7:9:0:0:1',
    waits: true,
  },
  { name: 'another IPv6 network', failing: '2001:db8:0:7::1', other: '2001:db8:0:8::1', waits: false },
])('$name: waits $waits', ({ failing, other, waits }) => {
  const { limit, fail } = setUp();
  fail(failing);
  expect(limit.waitMs(other) > 0).toBe(waits);
});

test('addresses beyond the most that are kept share one count, until others are forgotten', async () => {
  const { clock, limit, fail } = setUp();
  for (const client of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) fail(client, 2);
  expect(limit.waitMs('10.0.0.4')).toBe(0);
  fail('10.0.0.4', 1);
  expect(['10.0.0.1', '10.0.0.3', '10.0.0.5'].map((client) => limit.waitMs(client))).toEqual([0, 1_000, 1_000]);
  await clock.advance(3_000);
  fail('10.0.0.5');
  expect(['10.0.0.5', '10.0.0.6'].map((client) => limit.waitMs(client))).toEqual([1_000, 0]);
});
