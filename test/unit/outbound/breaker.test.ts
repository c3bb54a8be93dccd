import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type ErrorCode, MediatorError } from '../../../src/errors/index.js';
import { createBreakers } from '../../../src/outbound/breaker.js';
import type { OutboundResponse, Peer } from '../../../src/outbound/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';

const OPTIONS = { failures: 3, firstPauseMs: 5_000, longestPauseMs: 20_000 };

/** The breaker's library reads the time itself. */
let now = 0;
beforeEach(() => {
  now = Date.parse('2024-03-01T00:00:00Z');
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

const answers = (status: number) => async (): Promise<OutboundResponse> => ({
  status,
  headers: {},
  body: new Uint8Array(),
});
const fails = (code: ErrorCode, unanswered: boolean) => async (): Promise<OutboundResponse> => {
  throw new MediatorError(code, { unanswered });
};
const unreachable = fails('peer_unreachable', true);
const cancelled = fails('call_cancelled', true);

type Call = () => Promise<OutboundResponse>;

function setUp() {
  const metrics = createMetrics();
  const breakers = createBreakers(metrics, OPTIONS);
  /** What became of one call: a status or a code. */
  const run = (call: Call, peer: Peer = 'mosip'): Promise<number | string> =>
    breakers.run(peer, call).then(
      ({ status }) => status,
      (thrown: unknown) => (thrown instanceof MediatorError ? thrown.code : `no MediatorError: ${String(thrown)}`),
    );
  return {
    breakers,
    run,
    async repeat(call: Call, times: number): Promise<void> {
      for (let time = 0; time < times; time += 1) await run(call);
    },
    async gauge(): Promise<number | undefined> {
      const { values } = await metrics.circuitOpen.get();
      return values.find(({ labels }) => labels.peer === 'mosip')?.value;
    },
  };
}

describe('opens', () => {
  test.each([
    { name: 'calls without an answer', call: unreachable },
    { name: 'calls beyond their deadline', call: fails('peer_timeout', true) },
    { name: 'cut answers', call: fails('peer_response_invalid', true) },
    { name: 'HTTP 502', call: answers(502) },
    { name: 'HTTP 503', call: answers(503) },
    { name: 'HTTP 504', call: answers(504) },
  ])('after as many $name in a row as are allowed', async ({ call }) => {
    const { run, repeat, gauge } = setUp();
    await repeat(call, OPTIONS.failures - 1);
    expect(await run(answers(200))).toBe(200);
    await repeat(call, OPTIONS.failures - 1);
    expect(await gauge()).toBeUndefined();
    await repeat(call, 1);
    expect(await gauge()).toBe(1);
    expect(await run(answers(200))).toBe('peer_circuit_open');
  });

  test('the error tells to come again, and is unanswered', async () => {
    const { breakers, repeat } = setUp();
    await repeat(unreachable, OPTIONS.failures);
    await expect(breakers.run('mosip', answers(200))).rejects.toMatchObject({
      code: 'peer_circuit_open',
      unanswered: true,
      retryAfterMs: OPTIONS.firstPauseMs,
    });
  });

  test('for its own peer only', async () => {
    const { run, repeat } = setUp();
    await repeat(unreachable, OPTIONS.failures);
    expect(await run(answers(200), 'mosip-auth')).toBe(200);
  });
});

test.each([
  { name: 'HTTP 500', call: answers(500) },
  { name: 'HTTP 429', call: answers(429) },
  { name: 'HTTP 401', call: answers(401) },
  { name: 'answers that are too large', call: fails('peer_response_too_large', false) },
  { name: 'calls ended by their callers', call: cancelled },
])('stays closed whatever number of: $name', async ({ call }) => {
  const { run, repeat, gauge } = setUp();
  await repeat(call, 50);
  expect(await run(answers(200))).toBe(200);
  expect(await gauge()).toBeUndefined();
});

test('a cancelled call between failures does not make them forgotten', async () => {
  const { run, repeat } = setUp();
  await repeat(unreachable, OPTIONS.failures - 1);
  await run(cancelled);
  await run(unreachable);
  expect(await run(answers(200))).toBe('peer_circuit_open');
});

describe('half-opens', () => {
  async function opened() {
    const breaker = setUp();
    await breaker.repeat(unreachable, OPTIONS.failures);
    return breaker;
  }

  test('after the first pause, not before', async () => {
    const { run, gauge } = await opened();
    now += OPTIONS.firstPauseMs - 1;
    expect(await run(answers(200))).toBe('peer_circuit_open');
    now += 1;
    expect(await run(answers(200))).toBe(200);
    expect(await gauge()).toBe(0);
  });

  test('an answered error closes it too: the peer lives', async () => {
    const { run, gauge } = await opened();
    now += OPTIONS.firstPauseMs;
    expect(await run(answers(500))).toBe(500);
    expect(await gauge()).toBe(0);
  });

  test('one failed trial opens it again, for pauses that double to the longest', async () => {
    const { run, gauge } = await opened();
    for (const pauseMs of [5_000, 10_000, 20_000, 20_000]) {
      now += pauseMs - 1;
      expect(await run(unreachable)).toBe('peer_circuit_open');
      now += 1;
      expect(await run(unreachable)).toBe('peer_unreachable');
      expect(await gauge()).toBe(1);
    }
  });

  test('a cancelled trial shows nothing: it stays open', async () => {
    const { run, gauge } = await opened();
    now += OPTIONS.firstPauseMs;
    expect(await run(cancelled)).toBe('call_cancelled');
    expect(await gauge()).toBe(1);
    expect(await run(answers(200))).toBe('peer_circuit_open');
  });

  test('lets one call try, and makes no other wait for it', async () => {
    const { run, gauge } = await opened();
    now += OPTIONS.firstPauseMs;
    const trial = Promise.withResolvers<OutboundResponse>();
    const tried = run(() => trial.promise);
    expect(await gauge()).toBe(1);
    expect(await run(answers(200))).toBe('peer_circuit_open');
    trial.resolve(await answers(200)());
    expect(await tried).toBe(200);
    expect(await run(answers(200))).toBe(200);
  });
});
