import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readJson } from '../../../src/outbound/index.js';
import type { Fault } from '../../peers/http-peer.js';
import { selfSigned } from '../../support/self-signed.js';
import { createCaller, EchoPeer, WAYS } from './set-up.js';

const UNANSWERED: readonly { name: string; fault: Fault; code: string }[] = [
  { name: 'a reset', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { name: 'a peer that never answers', fault: { kind: 'hang' }, code: 'peer_timeout' },
  { name: 'a peer that works and never answers', fault: { kind: 'hang-after' }, code: 'peer_timeout' },
  { name: 'an answer cut in its body', fault: { kind: 'cut' }, code: 'peer_response_invalid' },
  { name: 'an answer that drips beyond the deadline', fault: { kind: 'drip', everyMs: 30 }, code: 'peer_timeout' },
];

describe.each(WAYS)('%s', (way) => {
  const peer = new EchoPeer();
  const { client, metrics, send } = createCaller(
    peer,
    {
      breaker: { failures: Number.POSITIVE_INFINITY, firstPauseMs: 1, longestPauseMs: 1 },
    },
    way,
  );

  beforeAll(() => peer.start());
  afterEach(() => peer.heal());
  afterAll(async () => {
    await client.close();
    await peer.stop();
  });

  /** Label values of the metric's outcomes so far. */
  async function outcomes(): Promise<unknown[]> {
    const { values } = await metrics.outboundCall.get();
    return values
      .filter(({ metricName }) => metricName === 'mediator_outbound_call_duration_seconds_count')
      .map(({ labels }) => labels.outcome);
  }

  test.each(UNANSWERED)('$name: $code, as the metric says', async ({ fault, code }) => {
    peer.fail('/fault', fault, 1);
    await expect(send('/fault', { timeoutMs: 200 })).rejects.toMatchObject({ code, unanswered: true });
    expect(await outcomes()).toContain(code);
  });

  test('a deadline ends the call, not a moment of silence', async () => {
    peer.fail('/slow', { kind: 'drip', everyMs: 5 }, 1);
    const response = await send('/slow', { timeoutMs: 5_000 });
    expect(readJson(response)).toEqual({ name: 'Zoë' });
  });

  test('garbage passes as bytes; who reads it finds out', async () => {
    peer.fail('/garbage', { kind: 'garbage' }, 1);
    const response = await send('/garbage');
    expect(response.status).toBe(200);
    expect(Buffer.from(response.body).toString()).toBe('{"garb\u0000age');
    expect(() => readJson(response)).toThrow(expect.objectContaining({ code: 'peer_response_invalid' }));
  });

  test.each([
    { status: 204, outcome: '2xx' },
    { status: 302, outcome: '3xx' },
    { status: 429, outcome: '4xx' },
    { status: 500, outcome: '5xx' },
  ])('HTTP $status is an answer; the metric counts it as $outcome', async ({ status, outcome }) => {
    peer.fail('/status', { status }, 1);
    expect(await send('/status')).toMatchObject({ status });
    expect(await outcomes()).toContain(outcome);
  });

  test('nobody listens: peer_unreachable with the reason of the system', async () => {
    const gone = await new EchoPeer().start();
    await gone.stop();
    await expect(send('/x', { url: `${gone.url}/x` })).rejects.toMatchObject({
      code: 'peer_unreachable',
      unanswered: true,
      message: 'The peer cannot be reached (ECONNREFUSED).',
    });
  });

  describe('the size limit', () => {
    const limit = { maxResponseBytes: 1_000 };
    const large = Buffer.alloc(1_001, 'x');

    test.each([
      { name: 'said in content-length', reply: { status: 200, headers: { 'content-length': '1001' }, body: large } },
      {
        name: 'found out while reading',
        reply: { status: 200, headers: { 'transfer-encoding': 'chunked' }, body: large },
      },
      {
        name: 'hidden by compression',
        reply: { status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(5_000_000)) },
      },
      { name: 'of an error', reply: { status: 500, body: large } },
    ])('an answer beyond it, $name: peer_response_too_large', async ({ reply }) => {
      peer.when('/large', reply);
      await expect(send('/large', limit)).rejects.toMatchObject({ code: 'peer_response_too_large', unanswered: false });
    });

    test('an answer of exactly that size passes', async () => {
      peer.when('/full', { status: 200, body: large.subarray(1) });
      expect((await send('/full', limit)).body).toHaveLength(1_000);
    });
  });

  describe('TLS', () => {
    test('a certificate that nobody vouches for: peer_certificate_invalid, and nothing was sent', async () => {
      const secure = await new EchoPeer(selfSigned()).start();
      await expect(send('/x', { url: `${secure.url}/x` })).rejects.toMatchObject({
        code: 'peer_certificate_invalid',
        unanswered: true,
      });
      expect(secure.received).toEqual([]);
      await secure.stop();
    });

    test('https to a peer without TLS, and http to one with it: peer_unreachable', async () => {
      const secure = await new EchoPeer(selfSigned()).start();
      for (const url of [peer.url.replace('http:', 'https:'), secure.url.replace('https:', 'http:')]) {
        await expect(send('/x', { url })).rejects.toMatchObject({ code: 'peer_unreachable', unanswered: true });
      }
      await secure.stop();
    });
  });

  describe("the caller's signal", () => {
    test.each([
      { name: 'before the answer', fault: { kind: 'hang' } as const },
      { name: 'while the answer comes', fault: { kind: 'drip', everyMs: 20 } as const },
    ])('ends the call $name', async ({ fault }) => {
      const caller = new AbortController();
      const before = peer.requestsTo('/abort').length;
      peer.fail('/abort', fault, 1);
      const call = send('/abort', { signal: caller.signal });
      await peer.until(() => peer.requestsTo('/abort').length > before);
      caller.abort();
      await expect(call).rejects.toMatchObject({ code: 'call_cancelled', unanswered: true });
      expect(await outcomes()).toContain('call_cancelled');
    });

    test('aborted before the call: nothing is sent', async () => {
      await expect(send('/never', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'call_cancelled' });
      expect(peer.requestsTo('/never')).toEqual([]);
    });

    test('does not excuse a peer that was too slow', async () => {
      peer.fail('/late', { kind: 'hang' }, 1);
      const signal = new AbortController().signal;
      await expect(send('/late', { signal, timeoutMs: 50 })).rejects.toMatchObject({ code: 'peer_timeout' });
    });
  });
});
