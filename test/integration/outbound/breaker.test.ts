import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { recordingCalls } from '../../../src/outbound/index.js';
import { until } from '../../support/until.js';
import { type Caller, createCaller, EchoPeer } from './set-up.js';

const FAILURES = 3;

let peer: EchoPeer;
let caller: Caller;

beforeEach(async () => {
  peer = await new EchoPeer().start();
});

afterEach(async () => {
  await caller.client.close();
  await peer.stop();
});

const codeOf = (call: Promise<{ status: number }>): Promise<unknown> =>
  call.then(
    ({ status }) => status,
    (thrown: { code?: unknown }) => thrown.code,
  );

async function gauge(): Promise<number | undefined> {
  return (await caller.metrics.circuitOpen.get()).values[0]?.value;
}

test('a peer that goes away is left alone, and found again by itself', async () => {
  caller = createCaller(peer, { breaker: { failures: FAILURES, firstPauseMs: 20, longestPauseMs: 20 } });
  peer.fail('/x', { kind: 'reset' });
  for (let call = 0; call < FAILURES; call += 1) expect(await codeOf(caller.send('/x'))).toBe('peer_unreachable');
  expect(await gauge()).toBe(1);

  peer.heal();
  await until(async () => (await codeOf(caller.send('/x'))) === 200, 'a call goes through again');
  expect(await gauge()).toBe(0);
});

test('while it is open nothing is sent, and records and metrics say why', async () => {
  caller = createCaller(peer, { breaker: { failures: FAILURES, firstPauseMs: 60_000, longestPauseMs: 60_000 } });
  peer.fail('/x', { status: 503 });
  for (let call = 0; call < FAILURES; call += 1) expect(await codeOf(caller.send('/x'))).toBe(503);

  const { calls } = await recordingCalls(() => codeOf(caller.send('/x')));
  expect(calls).toMatchObject([{ error: { code: 'peer_circuit_open' } }]);
  expect(peer.received).toHaveLength(FAILURES);
  const { values } = await caller.metrics.outboundCall.get();
  expect(values.map(({ labels }) => labels.outcome)).toContain('peer_circuit_open');
});

test('HTTP 500 shows that the peer lives', async () => {
  caller = createCaller(peer, { breaker: { failures: FAILURES, firstPauseMs: 60_000, longestPauseMs: 60_000 } });
  peer.fail('/x', { status: 500 }, 20);
  for (let call = 0; call < 20; call += 1) expect(await codeOf(caller.send('/x'))).toBe(500);
  expect(await codeOf(caller.send('/x'))).toBe(200);
});

test('callers that go away are not held against the peer', async () => {
  caller = createCaller(peer, { breaker: { failures: FAILURES, firstPauseMs: 60_000, longestPauseMs: 60_000 } });
  peer.fail('/x', { kind: 'hang' }, 10);
  for (let call = 1; call <= 10; call += 1) {
    const gone = new AbortController();
    const sent = caller.send('/x', { signal: gone.signal });
    await peer.until(() => peer.received.length === call);
    gone.abort();
    expect(await codeOf(sent)).toBe('call_cancelled');
  }
  expect(await codeOf(caller.send('/x'))).toBe(200);
  expect(await gauge()).toBeUndefined();
});
