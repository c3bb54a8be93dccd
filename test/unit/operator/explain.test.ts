import { expect, test } from '@jest/globals';
import { ERROR_CODES } from '../../../src/errors/index.js';
import { explainEvent, STATE_WORDS } from '../../../src/operator/explain.js';
import { type EventSummary, STATES } from '../../../src/pipeline/index.js';

const AT = new Date('2026-01-02T03:04:05Z');
const EVENT: EventSummary = {
  id: '00000000-0000-4000-8000-000000000001',
  seq: '1',
  eventKey: 'birth:1',
  kind: 'birth',
  registrationNumber: '1',
  trackingId: undefined,
  personId: undefined,
  transactionId: undefined,
  state: 'received',
  code: undefined,
  reason: undefined,
  system: 'mosip',
  outwardKey: 'key',
  tries: 0,
  failures: 0,
  failingForMs: undefined,
  submittedForMs: undefined,
  isTold: false,
  isAnswered: false,
  priority: 0,
  replyRevision: undefined,
  version: 1,
  receivedAt: AT,
  updatedAt: AT,
  nextAt: AT,
  pollAt: undefined,
  holdsData: true,
};

test('every state has its words', () => {
  expect(Object.keys(STATE_WORDS).sort()).toEqual([...STATES].sort());
});

test.each(STATES)('something can be said of %s, whatever its code', (state) => {
  const said = Object.keys(ERROR_CODES).map((code) => explainEvent({ ...EVENT, state, code }));
  expect(said.filter(({ where, why = '', todo }) => [where, why, todo].some((text) => text.length < 10))).toEqual([]);
});

test.each([
  { name: 'on its way', event: {}, where: /about to be sent/, todo: /^Nothing/ },
  { name: 'behind another', event: { nextAt: undefined }, where: /waits for an earlier/, todo: /^Nothing/ },
  { name: 'tried again', event: { code: 'peer_timeout' }, where: /about to be sent/, todo: /tried again by itself/ },
  {
    name: "refused by the other side's code",
    event: { state: 'refused', code: 'IDS-7' },
    where: /refused/,
    todo: /^Correct/,
  },
  { name: 'stuck', event: { state: 'stuck', code: 'outcome_unknown' }, where: /stopped/, todo: /^Look for the person/ },
  {
    name: 'stuck, and its data gone',
    event: { state: 'stuck', code: 'outcome_unknown', holdsData: false },
    where: /stopped/,
    todo: /data has been removed/,
  },
  { name: 'closed after a refusal', event: { state: 'closed', code: 'IDS-7' }, where: /closed/, todo: /^Nothing/ },
] as const)('an event that is $name', ({ event, where, todo }) => {
  const explanation = explainEvent({ ...EVENT, ...event });
  expect(explanation.where).toMatch(where);
  expect(explanation.todo).toMatch(todo);
});
