import { expect, test } from '@jest/globals';
import { createSubscription } from '../../../src/opencrvs/subscription.js';
import type { OutboundRequest, OutboundResponse } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const CALLBACK = 'https://mediator.example/opencrvs/webhooks';
const TOPICS = ['BIRTH_REGISTERED', 'DEATH_REGISTERED'];
const SECRET = '5f0e-sha-secret';

const entry = (topic: string, callback = CALLBACK) => ({
  id: 'x',
  callback,
  topic,
  createdAt: '+058869-01-01T00:00:00Z',
});
const topicOf = (request: OutboundRequest): string => JSON.parse(String(request.body)).hub.topic;

function setUp(answer: (request: OutboundRequest) => OutboundResponse) {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const health = createHealth(clock);
  const outbound = new ScriptedOutbound(answer);
  const tokens = { get: async () => 'a-token', drop: () => undefined, stop: () => undefined };
  const subscription = createSubscription(
    { outbound, clock, log, health, tokens },
    { webhooksUrl: 'http://webhooks:2525', callbackUrl: CALLBACK, secret: SECRET, topics: TOPICS },
  );
  const subscribed = () => outbound.requests.filter(({ method }) => method === 'POST').map(topicOf);
  return {
    clock,
    lines,
    outbound,
    subscription,
    subscribed,
    check: () => health.readiness().checks['opencrvs-subscription'],
  };
}

/** A service that lists these entries and takes, or answers otherwise, each subscription. */
const service =
  (entries: unknown[], subscribe: OutboundResponse = response(202)) =>
  ({ method }: OutboundRequest): OutboundResponse =>
    method === 'GET' ? response(200, { entries }) : subscribe;

test('subscribes to each topic that is missing, in the nested form, with the token', async () => {
  const { subscription, outbound, clock, check } = setUp(service([entry('DEATH_REGISTERED', 'https://other.example')]));
  subscription.start();
  await clock.advance(0);
  const [list, ...calls] = outbound.requests;
  const posts = calls.filter(({ method }) => method === 'POST');
  expect(list).toMatchObject({ method: 'GET', url: 'http://webhooks:2525/webhooks', peer: 'opencrvs-webhooks' });
  expect(posts.map(({ body }) => JSON.parse(String(body)))).toEqual(
    TOPICS.map((topic) => ({ hub: { callback: CALLBACK, mode: 'subscribe', topic, secret: SECRET } })),
  );
  expect(posts[0]?.headers).toMatchObject({ authorization: 'Bearer a-token', 'content-type': 'application/json' });
  expect(check()).toMatchObject({ state: 'ok' });
});

test('a topic that has our callback already is left alone', async () => {
  const { subscription, subscribed, clock } = setUp(service([entry('BIRTH_REGISTERED'), entry('BIRTH_REGISTERED')]));
  subscription.start();
  await clock.advance(0);
  expect(subscribed()).toEqual(['DEATH_REGISTERED']);
});

test('it is looked again every minute and one that vanished is made anew', async () => {
  let entries = TOPICS.map((topic) => entry(topic));
  const { subscription, subscribed, outbound, clock } = setUp((request) => service(entries)(request));
  subscription.start();
  await clock.advance(59_999);
  expect(outbound.requests).toHaveLength(1);
  entries = [];
  await clock.advance(1);
  expect(subscribed()).toEqual(TOPICS);
});

test('failures are tried again after 1 s, 2 s, 4 s and so on up to a minute', async () => {
  const { subscription, outbound, clock } = setUp(() => response(500));
  const times: number[] = [];
  const begin = clock.now();
  outbound.answer = () => {
    times.push((clock.now() - begin) / 1000);
    return response(500);
  };
  subscription.start();
  await clock.advance(250_000);
  expect(times).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
});

test('after a success the next failure starts again at 1 s', async () => {
  const lists = [500, 500, 200, 500, 200];
  const { subscription, outbound, clock } = setUp(() => {
    const status = lists.shift() ?? 200;
    return status === 200 ? response(200, { entries: TOPICS.map((topic) => entry(topic)) }) : response(status);
  });
  subscription.start();
  await clock.advance(3_000 + 60_000 + 1_000);
  expect(outbound.requests).toHaveLength(5);
});

test('a topic that is denied does not keep the others from being subscribed', async () => {
  const { subscription, subscribed, clock, check } = setUp((request) => {
    if (request.method === 'GET') return response(200, { entries: [] });
    const topic = topicOf(request);
    return topic === 'BIRTH_REGISTERED' ? denied(`Unsupported topic: ${topic}`) : response(202);
  });
  subscription.start();
  await clock.advance(0);
  expect(subscribed()).toEqual(TOPICS);
  expect(check()?.detail).toMatch(/BIRTH_REGISTERED.*does not offer/);
  expect(check()?.detail).not.toMatch(/DEATH_REGISTERED/);
});

const denied = (reason: string): OutboundResponse => response(400, { hub: { mode: 'denied', topic: 'T', reason } });

test.each([
  { name: 'topic', reply: denied('Unsupported topic: BIRTH_REGISTERED'), says: /denies.*does not offer this topic/ },
  { name: 'system', reply: denied('No active system was found'), says: /denies.*not active/ },
  { name: 'secret', reply: denied('hub.secret is incorrect'), says: /denies.*OPENCRVS_SHA_SECRET/ },
  { name: 'mode', reply: denied('hub.mode is wrong'), says: /denies.*subscribe/ },
  { name: 'new reason', reply: denied('Rejected for Thandiwe'), says: /denies.*not known/ },
  {
    name: 'handshake (1.2)',
    reply: response(400, 'Subscription callback check failed'),
    says: /OPENCRVS_CALLBACK_URL.*reach us there\./,
  },
  { name: 'handshake (1.0), or no user service', reply: response(400), says: /OPENCRVS_CALLBACK_URL.*user service/ },
  { name: 'fault', reply: response(500, 'Thandiwe'), says: /HTTP 500/ },
  { name: 'credentials', reply: response(401), says: /HTTP 401/ },
  { name: 'forbidden', reply: response(403), says: /HTTP 403/ },
])('says in plain words why there is no subscription: $name', async ({ reply, says }) => {
  const { subscription, clock, check, lines } = setUp(service([], reply));
  subscription.start();
  await clock.advance(0);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringMatching(says) });
  const all = `${lines.join('\n')}${check()?.detail}`;
  expect(all).not.toContain('Thandiwe');
  expect(all).not.toContain(SECRET);
});

test.each([
  { name: 'no list', reply: response(200, { entries: 'none' }), says: /cannot be understood/ },
  { name: 'no JSON', reply: response(200, '<html>'), says: /cannot be understood/ },
  { name: 'forbidden', reply: response(403), says: /HTTP 403/ },
  { name: 'redirect', reply: response(302), says: /HTTP 302/ },
  { name: 'inactive client', reply: response(400, 'no longer authorized'), says: /may not be active/ },
])('does not subscribe when it cannot tell what is there: $name', async ({ reply, says }) => {
  const { subscription, subscribed, clock, check } = setUp(() => reply);
  subscription.start();
  await clock.advance(0);
  expect(subscribed()).toEqual([]);
  expect(check()?.detail).toMatch(says);
});

test('after stop nothing is asked any more; start and stop twice are harmless', async () => {
  const { subscription, outbound, clock } = setUp(service([]));
  subscription.start();
  subscription.start();
  await clock.advance(0);
  const asked = outbound.requests.length;
  await subscription.stop();
  await subscription.stop();
  await clock.advance(600_000);
  expect(outbound.requests).toHaveLength(asked);
  expect(asked).toBe(3);
});

test('stop without start is harmless', async () => {
  await expect(setUp(service([])).subscription.stop()).resolves.toBeUndefined();
});

test('the challenge is given back as it is', () => {
  const { subscription } = setUp(service([]));
  const challenge = 'a+b/c%2Bd==';
  expect(subscription.confirmIntent({ mode: 'subscribe', challenge, topic: 'BIRTH_REGISTERED' })).toEqual({
    challenge,
  });
});

test.each([
  { name: 'no challenge', query: { mode: 'subscribe', topic: 'BIRTH_REGISTERED' }, code: 'request_invalid' },
  {
    name: 'empty challenge',
    query: { mode: 'subscribe', topic: 'BIRTH_REGISTERED', challenge: '' },
    code: 'request_invalid',
  },
  {
    name: 'two challenges',
    query: { mode: 'subscribe', topic: 'BIRTH_REGISTERED', challenge: ['a', 'b'] },
    code: 'request_invalid',
  },
  {
    name: 'two topics',
    query: { mode: 'subscribe', topic: ['BIRTH_REGISTERED'], challenge: 'a' },
    code: 'request_invalid',
  },
  {
    name: 'names of WebSub',
    query: { 'hub.mode': 'subscribe', 'hub.topic': 'BIRTH_REGISTERED', 'hub.challenge': 'a' },
    code: 'request_invalid',
  },
  {
    name: 'another mode',
    query: { mode: 'unsubscribe', topic: 'BIRTH_REGISTERED', challenge: 'a' },
    code: 'subscription_unknown',
  },
  {
    name: 'a topic that is not ours',
    query: { mode: 'subscribe', topic: 'BIRTH_CORRECTED', challenge: 'a' },
    code: 'subscription_unknown',
  },
])('does not confirm: $name', ({ query, code }) => {
  const { subscription } = setUp(service([]));
  expect(() => subscription.confirmIntent(query)).toThrow(expect.objectContaining({ code }));
});
