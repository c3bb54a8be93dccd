import { describe, expect, test } from '@jest/globals';
import { isoNow, repeat } from '../../../src/runtime/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';

/** A repeated task whose runs the test ends itself. */
function setUp() {
  const clock = new ManualClock();
  const runs: PromiseWithResolvers<number>[] = [];
  const signals: AbortSignal[] = [];
  let running = 0;
  let atMost = 0;
  const repeater = repeat(clock, async (signal) => {
    running += 1;
    atMost = Math.max(atMost, running);
    signals.push(signal);
    const run = Promise.withResolvers<number>();
    runs.push(run);
    const waitMs = await run.promise;
    running -= 1;
    return waitMs;
  });
  return {
    clock,
    repeater,
    signals,
    started: () => runs.length,
    atMost: () => atMost,
    /** Ends the run in hand, which asks to wait so long for the next. */
    async end(waitMs: number): Promise<void> {
      runs.at(-1)?.resolve(waitMs);
      await clock.advance(0);
    },
  };
}

describe('repeat', () => {
  test('runs at once, and again after the wait each run asks for', async () => {
    const { clock, started, end } = setUp();
    expect(started()).toBe(1);
    await end(1_000);
    await clock.advance(999);
    expect(started()).toBe(1);
    await clock.advance(1);
    expect(started()).toBe(2);
    await end(50);
    await clock.advance(50);
    expect(started()).toBe(3);
  });

  test('never runs two at a time, however long a run takes', async () => {
    const { clock, started, atMost, end } = setUp();
    await clock.advance(3_600_000);
    expect(started()).toBe(1);
    await end(0);
    await clock.advance(10_000);
    expect(started()).toBe(2);
    expect(atMost()).toBe(1);
  });

  test('Infinity: never again', async () => {
    const { clock, started, end } = setUp();
    await end(Number.POSITIVE_INFINITY);
    expect(clock.pending).toBe(0);
    await clock.advance(365 * 24 * 3_600_000);
    expect(started()).toBe(1);
  });
});

describe('stop', () => {
  test('tells the run in hand, waits for it, and nothing runs after it', async () => {
    const { clock, repeater, signals, started, end } = setUp();
    let isStopped = false;
    const stopping = repeater.stop().then(() => {
      isStopped = true;
    });
    expect(signals[0]?.aborted).toBe(true);
    await clock.advance(60_000);
    expect(isStopped).toBe(false);
    await end(10);
    await stopping;
    await clock.advance(60_000);
    expect(started()).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test('between two runs: the next does not come', async () => {
    const { clock, repeater, started, end } = setUp();
    await end(1_000);
    await repeater.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(started()).toBe(1);
  });

  test('twice is harmless', async () => {
    const { repeater, end } = setUp();
    await end(1_000);
    await repeater.stop();
    await repeater.stop();
  });
});

test('isoNow is UTC with milliseconds', () => {
  expect(isoNow(new ManualClock(Date.parse('2024-03-01T01:00:00.5+01:00')))).toBe('2024-03-01T00:00:00.500Z');
});
