import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { MediatorError } from '../../../src/errors/index.js';
import {
  createTokenCache,
  type IssuedToken,
  jwtLifeMs,
  type OutboundResponse,
  type TokenSource,
  withToken,
} from '../../../src/outbound/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

/** An issuer whose tokens live `lifeMs`, and a cache before it. */
function setUp({ lifeMs = 600_000 } = {}) {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const issuer = { lifeMs, asked: 0, fails: false, hangs: false, results: [] as (string | undefined)[] };
  const expiries = new Map<string, number>();
  let release: () => void = () => undefined;
  const request = async (): Promise<IssuedToken> => {
    issuer.asked += 1;
    const issued = { value: `token-${issuer.asked}`, lifeMs: issuer.lifeMs };
    expiries.set(issued.value, clock.now() + issued.lifeMs);
    if (issuer.hangs) await new Promise<void>((resolve) => (release = resolve));
    if (issuer.fails) throw new MediatorError('peer_unreachable', { unanswered: true });
    return issued;
  };
  const tokens = createTokenCache(
    { clock, log, metrics: createMetrics() },
    { peer: 'opencrvs-auth', request, onResult: (error) => void issuer.results.push(error?.code) },
  );
  return { clock, lines, issuer, tokens, expiries, release: () => release() };
}

const answer = (status: number): OutboundResponse => ({ status, headers: {}, body: new Uint8Array() });

test('1,000 callers at once make one request', async () => {
  const { tokens, issuer } = setUp();
  const values = await Promise.all(Array.from({ length: 1000 }, () => tokens.get()));
  expect(new Set(values)).toEqual(new Set(['token-1']));
  expect(issuer.asked).toBe(1);
});

test.each([
  { name: 'ten minutes: the last minute', lifeMs: 600_000, renewedAt: 540_000 },
  { name: 'one minute: the last fifth', lifeMs: 60_000, renewedAt: 48_000 },
  { name: '15 seconds: the last fifth', lifeMs: 15_000, renewedAt: 12_000 },
  { name: '60 days: after a day, as timers reach no further than 24', lifeMs: 5_184_000_000, renewedAt: 86_400_000 },
])('is renewed in the background before it expires: $name', async ({ lifeMs, renewedAt }) => {
  const { tokens, issuer, clock } = setUp({ lifeMs });
  await tokens.get();
  await clock.advance(renewedAt - 1);
  expect(issuer.asked).toBe(1);
  await clock.advance(1);
  expect(issuer.asked).toBe(2);
  expect(await tokens.get()).toBe('token-2');
});

test('no caller waits for a renewal', async () => {
  const { tokens, issuer, clock } = setUp();
  await tokens.get();
  issuer.hangs = true;
  await clock.advance(540_000);
  expect(issuer.asked).toBe(2);
  expect(await tokens.get()).toBe('token-1');
});

test('a caller waits rather than get an expired token', async () => {
  const { tokens, issuer, clock, release } = setUp();
  await tokens.get();
  issuer.hangs = true;
  await clock.advance(600_000);
  const waiting = tokens.get();
  release();
  expect(await waiting).toBe('token-2');
  expect(issuer.asked).toBe(2);
});

test('the old token serves while its renewal fails, which is tried every 5 s', async () => {
  const { tokens, issuer, clock, lines } = setUp();
  await tokens.get();
  issuer.fails = true;
  await clock.advance(550_000);
  expect(await tokens.get()).toBe('token-1');
  expect(issuer.asked).toBe(4);
  expect(issuer.results).toEqual([undefined, 'peer_unreachable', 'peer_unreachable', 'peer_unreachable']);
  expect(lines.filter((line) => line.includes('token.refresh_failed'))).toHaveLength(3);
  issuer.fails = false;
  await clock.advance(5_000);
  expect(await tokens.get()).toBe('token-5');
});

test('the error reaches every caller once the old token has expired', async () => {
  const { tokens, issuer, clock } = setUp();
  await tokens.get();
  issuer.fails = true;
  await clock.advance(600_000);
  const failed = await Promise.allSettled([tokens.get(), tokens.get()]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(tokens.get()).rejects.toMatchObject({ code: 'peer_unreachable' });
});

test('no token is given out after its end, whatever fails when', async () => {
  const step = fc.record({ waitMs: fc.integer({ min: 0, max: 20_000 }), fails: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const { tokens, issuer, clock, expiries } = setUp({ lifeMs: 15_000 });
      for (const { waitMs, fails } of steps) {
        issuer.fails = fails;
        await clock.advance(waitMs);
        const value = await tokens.get().catch(() => undefined);
        if (value !== undefined) expect(expiries.get(value)).toBeGreaterThan(clock.now());
      }
      tokens.stop();
    }),
    { numRuns: 50 },
  );
});

test.each([0, -5_000, Number.NaN])(
  'refuses a token that has no life (%d ms) and does not ask in a loop',
  async (lifeMs) => {
    const { tokens, issuer, clock } = setUp({ lifeMs });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'peer_response_invalid' });
    await clock.advance(60_000);
    expect(issuer.asked).toBe(1);
  },
);

test('drop forgets the token in use, and only that', async () => {
  const { tokens, issuer } = setUp();
  tokens.drop(await tokens.get());
  expect(await tokens.get()).toBe('token-2');
  tokens.drop('token-1');
  expect(await tokens.get()).toBe('token-2');
  expect(issuer.asked).toBe(2);
});

test('after stop nothing is renewed, not even by a request that was under way', async () => {
  const { tokens, issuer, clock, release } = setUp();
  issuer.hangs = true;
  const pending = tokens.get();
  tokens.stop();
  release();
  await pending;
  expect(clock.pending).toBe(0);
});

test('no log line holds a token', async () => {
  const { tokens, clock, lines } = setUp();
  await tokens.get();
  await clock.advance(600_000);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join('\n')).not.toMatch(/token-\d/);
});

test.each([
  { name: 'the clock of the issuer is five hours ahead', iat: 18_000, exp: 18_600, lifeMs: 600_000 },
  { name: 'the clock of the issuer is five hours behind', iat: -18_000, exp: -17_400, lifeMs: 600_000 },
  { name: 'no time of issue: our own clock counts', iat: undefined, exp: 900, lifeMs: 900_000 },
])('life of a JWT: $name', ({ iat, exp, lifeMs }) => {
  const now = Math.floor(new ManualClock().now() / 1000);
  const claims = { exp: now + exp, ...(iat === undefined ? {} : { iat: now + iat }) };
  const token = jwt.sign(claims, 'key', { noTimestamp: iat === undefined });
  expect(jwtLifeMs(token, now * 1000)).toBe(lifeMs);
});

test.each([
  { name: 'no JWT', token: 'opaque' },
  { name: 'no expiry', token: jwt.sign({ sub: 'x' }, 'key') },
])('life of a JWT: refuses $name', ({ token }) => {
  expect(() => jwtLifeMs(token, 0)).toThrow(expect.objectContaining({ code: 'peer_response_invalid' }));
});

test.each([
  { name: 'accepted at once', statuses: [200], used: ['token-1'], status: 200 },
  { name: 'refused once: a new token', statuses: [401, 200], used: ['token-1', 'token-2'], status: 200 },
  { name: 'refused twice: told so', statuses: [401, 401, 200], used: ['token-1', 'token-2'], status: 401 },
  { name: 'another failure: not repeated', statuses: [500, 200], used: ['token-1'], status: 500 },
])('withToken: $name', async ({ statuses, used, status }) => {
  const { tokens } = setUp();
  const seen: string[] = [];
  const response = await withToken(tokens, async (token) => {
    seen.push(token);
    return answer(statuses[seen.length - 1] ?? 599);
  });
  expect(response.status).toBe(status);
  expect(seen).toEqual(used);
});

test('withToken: a hundred calls that are refused together share one new token', async () => {
  const { tokens, issuer } = setUp();
  const call = (source: TokenSource) => withToken(source, async (token) => answer(token === 'token-1' ? 401 : 200));
  const responses = await Promise.all(Array.from({ length: 100 }, () => call(tokens)));
  expect(responses.every(({ status }) => status === 200)).toBe(true);
  expect(issuer.asked).toBe(2);
});
