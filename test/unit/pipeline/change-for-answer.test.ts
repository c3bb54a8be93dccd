import { describe, expect, test } from '@jest/globals';
import { changeFor, waitOn } from '../../../src/pipeline/change-for-answer.js';
import type { EventRow } from '../../../src/pipeline/store/index.js';
import { eventRow } from '../../support/event-rows.js';

const HOUR_MS = 3_600_000;
const WAITS = { deadlineMs: 168 * HOUR_MS, pollMs: 6 * HOUR_MS };

const submitted = (hours: number | undefined): EventRow =>
  eventRow({ submittedForMs: hours === undefined ? undefined : hours * HOUR_MS });

/** Without jitter. */
const wait = (hours: number | undefined, canAsk = true) =>
  waitOn(submitted(hours), WAITS, { canAsk, random: () => 0.5 });

describe('an event whose answer is to come', () => {
  test.each([
    { name: 'just handed over', hours: undefined, pollHours: 6, leftHours: 168 },
    { name: 'after less than the first wait', hours: 1, pollHours: 6, leftHours: 167 },
    { name: 'after the first wait', hours: 6, pollHours: 6, leftHours: 162 },
    { name: 'after the second', hours: 12, pollHours: 12, leftHours: 156 },
    { name: 'after days', hours: 90, pollHours: 24, leftHours: 78 },
    { name: 'after its deadline', hours: 200, pollHours: 24, leftHours: 0 },
  ])('$name: asked about in $pollHours h, given up in $leftHours h', ({ hours, pollHours, leftHours }) => {
    const { state, pollInMs, nextInMs } = wait(hours);
    expect(state).toBe('submitted');
    expect(pollInMs).toBeCloseTo(pollHours * HOUR_MS, 3);
    expect(nextInMs).toBe(leftHours * HOUR_MS);
  });

  test('is not asked about where the system cannot be asked', () => {
    expect(wait(6, false)).toEqual({ state: 'submitted', nextInMs: 162 * HOUR_MS, pollInMs: undefined });
  });

  test('is asked about up to a fifth sooner or later than others', () => {
    const [least, most] = [0, 1].map(
      (random) => waitOn(submitted(6), WAITS, { canAsk: true, random: () => random }).pollInMs,
    );
    expect(least).toBeCloseTo(4.8 * HOUR_MS, 3);
    expect(most).toBeCloseTo(7.2 * HOUR_MS, 3);
  });
});

test.each([
  { answer: { result: 'confirmed' }, state: 'issued', nextInMs: 0 },
  { answer: { result: 'issued', identity: { nationalId: '1' } }, state: 'issued', nextInMs: 0 },
  { answer: { result: 'refused', code: 'BAD', reason: 'Wrong.' }, state: 'refused', nextInMs: 0 },
  { answer: { result: 'not-supported' }, state: 'stuck', nextInMs: undefined },
] as const)('the answer $answer.result makes an event $state', ({ answer, state, nextInMs }) => {
  expect(changeFor(answer)).toMatchObject({ state, nextInMs });
});
