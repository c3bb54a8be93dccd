import { expect, test } from '@jest/globals';
import { createSubscription } from '../../../src/opencrvs/subscription.js';
import type { OutboundRequest, OutboundResponse } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const OURS = 'https://mediator.example/opencrvs/webhooks';
const OLD = 'https://old.example/opencrvs/webhooks';

interface Entry {
  readonly id: string;
  readonly topic: string;
  readonly callback: string;
}

const birth = (id: string, callback = OURS): Entry => ({ id, topic: 'BIRTH_REGISTERED', callback });

function setUp(entries: readonly Entry[], answers: { subscribe?: OutboundResponse; remove?: OutboundResponse } = {}) {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const health = createHealth(clock);
  const state = { entries };
  const answer = ({ method }: OutboundRequest): OutboundResponse => {
    if (method === 'GET') return response(200, { entries: state.entries });
    return method === 'POST' ? (answers.subscribe ?? response(202)) : (answers.remove ?? response(204));
  };
  const outbound = new ScriptedOutbound(answer);
  const tokens = { get: async () => 'a-token', drop: () => undefined, stop: () => undefined };
  const subscription = createSubscription(
    { outbound, clock, log, health, tokens },
    { webhooksUrl: 'http://webhooks:2525', callbackUrl: OURS, secret: 'sha', topics: ['BIRTH_REGISTERED'] },
  );
  subscription.start();
  return {
    clock,
    lines,
    state,
    calls: () => outbound.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
    check: () => health.readiness().checks['opencrvs-subscription'],
  };
}

const LIST = 'GET /webhooks';
const SUBSCRIBE = 'POST /webhooks';

test.each<{ name: string; entries: readonly Entry[]; calls: readonly string[] }>([
  { name: 'missing', entries: [], calls: [LIST, SUBSCRIBE] },
  { name: 'as it should be', entries: [birth('a')], calls: [LIST] },
  {
    name: 'doubled: the same one stays, whatever the order',
    entries: [birth('c'), birth('a'), birth('b')],
    calls: [LIST, 'DELETE /webhooks/b', 'DELETE /webhooks/c'],
  },
  {
    name: 'at an old address only: the new one first',
    entries: [birth('a', OLD)],
    calls: [LIST, SUBSCRIBE, 'DELETE /webhooks/a'],
  },
  { name: 'at both', entries: [birth('a', OLD), birth('b')], calls: [LIST, 'DELETE /webhooks/a'] },
  {
    name: 'of a topic that is not ours',
    entries: [birth('b'), { id: 'x', topic: 'BIRTH_CERTIFIED', callback: OLD }],
    calls: [LIST],
  },
])('$name', async ({ entries, calls }) => {
  const care = setUp(entries);
  await care.clock.advance(0);
  expect(care.calls()).toEqual(calls);
  expect(care.check()).toMatchObject({ state: 'ok' });
});

test('an old address stays as long as the new one is not confirmed', async () => {
  const { clock, calls, check } = setUp([birth('a', OLD)], {
    subscribe: response(400, 'Subscription callback check failed'),
  });
  await clock.advance(0);
  expect(calls()).toEqual([LIST, SUBSCRIBE]);
  expect(check()).toMatchObject({ state: 'degraded' });
});

test('each deletion leaves a line, without the address', async () => {
  const { clock, lines } = setUp([birth('a', OLD), birth('b'), birth('c')]);
  await clock.advance(0);
  const removed = lines.filter((line) => line.includes('subscription.removed'));
  expect(removed).toHaveLength(2);
  expect(removed.join('\n')).not.toContain('old.example');
});

test('a deletion that fails is told and tried again', async () => {
  const { clock, calls, check } = setUp([birth('a'), birth('b')], { remove: response(500) });
  await clock.advance(1_000);
  expect(calls()).toEqual([LIST, 'DELETE /webhooks/b', LIST, 'DELETE /webhooks/b']);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringMatching(/HTTP 500/) });
});

test('an address that comes back belongs to somebody, and is left alone from then on', async () => {
  const { clock, calls, check } = setUp([birth('a', OLD), birth('b')]);
  await clock.advance(180_000);
  expect(calls().filter((call) => call.startsWith('DELETE'))).toEqual(['DELETE /webhooks/a']);
  expect(check()).toMatchObject({ state: 'ok', detail: expect.stringMatching(/Another service/) });
});

test('an id is taken as one segment of the address', async () => {
  const { clock, calls } = setUp([birth('a'), birth('b/../c')]);
  await clock.advance(0);
  expect(calls()).toEqual([LIST, 'DELETE /webhooks/b%2F..%2Fc']);
});
