import { expect, test } from '@jest/globals';
import { allowedActions, nextStepOf } from '../../../src/pipeline/operator/next-step.js';
import type { State } from '../../../src/pipeline/states.js';
import type { EventSummary } from '../../../src/pipeline/store/index.js';
import { eventRow } from '../../support/event-rows.js';

const SOON = new Date('2024-03-01T00:00:00Z');
const LATER = new Date('2024-03-08T00:00:00Z');

const event = (state: State, changes: Partial<EventSummary> = {}): EventSummary => ({
  ...eventRow({ id: 'event-2', seq: '2', state }),
  receivedAt: SOON,
  updatedAt: SOON,
  nextAt: undefined,
  pollAt: undefined,
  holdsData: true,
  ...changes,
});

test.each<{ name: string; given: EventSummary; next: ReturnType<typeof nextStepOf> }>([
  { name: 'received and due', given: event('received', { nextAt: SOON }), next: { step: 'submit', at: SOON } },
  { name: 'received behind another', given: event('received'), next: { step: 'wait', behind: 'event-1' } },
  { name: 'submitted', given: event('submitted', { nextAt: LATER, pollAt: SOON }), next: { step: 'ask', at: SOON } },
  {
    name: 'submitted to a system that cannot be asked',
    given: event('submitted', { nextAt: LATER }),
    next: { step: 'expire', at: LATER },
  },
  {
    name: 'submitted, and at its end before the next question',
    given: event('submitted', { nextAt: SOON, pollAt: LATER }),
    next: { step: 'expire', at: SOON },
  },
  { name: 'issued', given: event('issued', { nextAt: SOON }), next: { step: 'deliver', at: SOON } },
  { name: 'refused and to be told', given: event('refused', { nextAt: SOON }), next: { step: 'deliver', at: SOON } },
  { name: 'refused and told', given: event('refused', { isTold: true }), next: { step: 'none' } },
  { name: 'stuck', given: event('stuck', { code: 'outcome_unknown' }), next: { step: 'none' } },
  {
    name: 'stuck behind another',
    given: event('stuck', { code: 'waits_for_earlier' }),
    next: { step: 'wait', behind: 'event-1' },
  },
  { name: 'settled', given: event('settled'), next: { step: 'none' } },
  { name: 'closed', given: event('closed', { code: 'waits_for_earlier' }), next: { step: 'none' } },
])('what comes next: $name', ({ given, next }) => {
  expect(nextStepOf(given, { ...event('stuck'), id: 'event-1' })).toEqual(next);
});

test.each<{ state: State; holdsData: boolean; allowed: string[] }>([
  { state: 'stuck', holdsData: true, allowed: ['retry', 'close'] },
  { state: 'refused', holdsData: true, allowed: ['retry', 'close'] },
  { state: 'refused', holdsData: false, allowed: ['close'] },
  { state: 'closed', holdsData: true, allowed: ['retry'] },
  { state: 'closed', holdsData: false, allowed: [] },
  { state: 'received', holdsData: true, allowed: [] },
  { state: 'submitted', holdsData: true, allowed: [] },
  { state: 'issued', holdsData: true, allowed: [] },
  { state: 'settled', holdsData: true, allowed: [] },
  { state: 'skipped', holdsData: true, allowed: [] },
])('what may be done: $state, data there: $holdsData', ({ state, holdsData, allowed }) => {
  expect(allowedActions(event(state, { holdsData }))).toEqual(allowed);
});
