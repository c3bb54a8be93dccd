import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MediatorError, type MediatorErrorOptions } from '../../../src/errors/index.js';
import { changeAfter, DEFAULT_RETRY, type RetryPolicy, retryDelayMs } from '../../../src/pipeline/retry.js';
import type { EventRow } from '../../../src/pipeline/store/index.js';
import { eventRow } from '../../support/event-rows.js';

const HOUR = 3_600_000;

const policies = fc
  .record({
    firstMs: fc.integer({ min: 10, max: 60_000 }),
    longestMs: fc.integer({ min: 1, max: HOUR }),
    longestUnansweredMs: fc.integer({ min: 1, max: HOUR }),
    giveUpMs: fc.nat(),
  })
  .filter(({ firstMs, longestMs, longestUnansweredMs }) => firstMs <= Math.min(longestMs, longestUnansweredMs));
const failures = fc.nat({ max: 10_000 });
const random = fc.double({ min: 0, max: 1, noNaN: true });

const failed = (options: MediatorErrorOptions = {}): MediatorError => new MediatorError('peer_error', options);
const longestOf = (policy: RetryPolicy, unanswered: boolean): number =>
  unanswered ? policy.longestUnansweredMs : policy.longestMs;

describe('retryDelayMs', () => {
  test('lies between half and the whole of the doubled wait, and never beyond the longest', () => {
    fc.assert(
      fc.property(policies, failures, fc.boolean(), random, (policy, count, unanswered, chance) => {
        const delay = retryDelayMs(policy, count, failed({ unanswered }), () => chance);
        const whole = Math.min(policy.firstMs * 2 ** count, longestOf(policy, unanswered));
        expect(delay).toBeGreaterThanOrEqual(whole / 2);
        expect(delay).toBeLessThanOrEqual(whole);
      }),
    );
  });

  test('is never shorter than what the other side asked for, up to an hour', () => {
    const requested = fc.integer({ min: 0, max: 100 * HOUR });
    fc.assert(
      fc.property(policies, failures, requested, random, (policy, count, retryAfterMs, chance) => {
        const delay = retryDelayMs(policy, count, failed({ retryAfterMs }), () => chance);
        expect(delay).toBeGreaterThanOrEqual(Math.min(retryAfterMs, HOUR));
        expect(delay).toBeLessThanOrEqual(Math.max(policy.longestMs, Math.min(retryAfterMs, HOUR)));
      }),
    );
  });

  test('grows with each failure until it is the longest', () => {
    fc.assert(
      fc.property(policies, failures, fc.boolean(), random, (policy, count, unanswered, chance) => {
        const at = (after: number): number => retryDelayMs(policy, after, failed({ unanswered }), () => chance);
        const longest = longestOf(policy, unanswered) * (0.5 + chance / 2);
        if (at(count) < longest) expect(at(count + 1)).toBeGreaterThan(at(count));
        else expect(at(count + 1)).toBe(at(count));
      }),
    );
  });

  test('differs by chance, so that what failed together does not return together', () => {
    const delays = [0, 0.25, 0.5, 1].map((chance) => retryDelayMs(DEFAULT_RETRY, 3, failed(), () => chance));
    expect(delays).toEqual([4_000, 5_000, 6_000, 8_000]);
  });

  test('as shipped: from 1 s to 5 min, and soon again after an outage', () => {
    const at = (count: number, options: MediatorErrorOptions = {}): number =>
      retryDelayMs(DEFAULT_RETRY, count, failed(options), () => 1);
    expect([0, 1, 2, 3, 20, 1_000].map((count) => at(count))).toEqual([1_000, 2_000, 4_000, 8_000, 300_000, 300_000]);
    expect(at(1_000, { unanswered: true })).toBe(20_000);
  });
});

describe('changeAfter', () => {
  const WEEK = DEFAULT_RETRY.giveUpMs;
  const event = (state: EventRow['state'], failingForMs: number | undefined): EventRow =>
    eventRow({ state, failingForMs, tries: 3, failures: 2, version: 4 });
  const changed = (error: MediatorError, failingForMs?: number, state: EventRow['state'] = 'received') =>
    changeAfter(error, event(state, failingForMs), DEFAULT_RETRY, () => 1);

  test.each([
    { name: 'answered, for the first time', error: failed(), failingFor: undefined, failure: 'counted' },
    { name: 'answered, for nearly too long', error: failed(), failingFor: WEEK, failure: 'counted' },
    { name: 'unanswered', error: failed({ unanswered: true }), failingFor: undefined, failure: 'unanswered' },
    {
      name: 'unanswered, whatever was before',
      error: failed({ unanswered: true }),
      failingFor: 9 * WEEK,
      failure: 'unanswered',
    },
    {
      name: 'the breaker open',
      error: new MediatorError('peer_circuit_open', { unanswered: true }),
      failingFor: 9 * WEEK,
      failure: 'unanswered',
    },
    {
      name: 'the searches of the day used up, day after day',
      error: new MediatorError('peer_quota_used'),
      failingFor: 9 * WEEK,
      failure: 'excused',
    },
  ])('tries again: $name', ({ error, failingFor, failure }) => {
    expect(changed(error, failingFor)).toEqual({
      state: 'received',
      code: error.code,
      reason: error.message,
      nextInMs: 4_000,
      failure,
    });
  });

  test('stays in its state: a write-back is tried again as a write-back', () => {
    expect(changed(failed(), undefined, 'issued').state).toBe('issued');
  });

  test('obeys Retry-After', () => {
    expect(changed(failed({ retryAfterMs: 60_000 })).nextInMs).toBe(60_000);
  });

  test('gives up after a week of answered failures, naming the last', () => {
    expect(changed(failed(), WEEK + 1)).toEqual({
      state: 'stuck',
      code: 'retries_exhausted',
      reason: 'Answered with failures for too long; the last one was peer_error.',
      nextInMs: undefined,
    });
  });

  test.each([
    { name: 'an operator', code: 'national_id_misconfigured' },
    { name: 'an operator, whose mapping fails', code: 'mapping_failed' },
    { name: 'an operator, as the outcome is unknown', code: 'outcome_unknown' },
    { name: 'a correction', code: 'not_supported' },
  ] as const)('is stuck at once where it needs $name: $code', ({ code }) => {
    const error = new MediatorError(code, { retryAfterMs: 1_000 });
    expect(changed(error)).toEqual({ state: 'stuck', code, reason: error.message, nextInMs: undefined });
  });
});
