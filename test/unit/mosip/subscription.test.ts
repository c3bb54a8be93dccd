import { expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { createSubscription } from '../../../src/national-id/mosip/subscription.js';
import type { OutboundRequest, OutboundResponse, TokenSource } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { reply, scriptedOutbound } from './scripted-outbound.js';

const TOPIC = 'crvs_partner/CREDENTIAL_ISSUED';
const ACCEPTED = reply('hub.mode=accepted', 202);
const denied = (reason: string) => reply(`hub.mode=denied&hub.reason=${encodeURIComponent(reason)}`);
const REGISTERED = denied('Subscriber has already registered with the Hub');
const DOWN = new MediatorError('peer_unreachable', { unanswered: true });

function setUp(...script: (OutboundResponse | Error)[]) {
  const clock = new ManualClock();
  const outbound = scriptedOutbound(...script);
  const health = createHealth(clock);
  const { log, lines } = createMemoryLog();
  let dropped = 0;
  const tokens: TokenSource = {
    get: async () => 'token',
    drop() {
      dropped += 1;
    },
    stop: () => undefined,
  };
  const subscription = createSubscription(
    { outbound, tokens, clock, log, check: health.check('mosip-websub') },
    {
      hubUrl: 'https://hub.test/hub',
      topic: TOPIC,
      callbackUrl: 'https://us.test/national-id/callback',
      secret: 'hub secret',
      rhythm: { renewMs: 300_000, firstRetryMs: 5_000, longestRetryMs: 60_000 },
    },
  );
  return {
    subscription,
    outbound,
    clock,
    lines,
    dropped: () => dropped,
    check: () => health.readiness().checks['mosip-websub'],
  };
}

test('asks the hub by a form, with the token as the only cookie', async () => {
  const { subscription, outbound, clock } = setUp(ACCEPTED);
  subscription.start();
  await clock.advance(0);
  const [request] = outbound.sent;
  expect(request).toMatchObject({
    peer: 'mosip-websub',
    method: 'POST',
    url: 'https://hub.test/hub',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: 'Authorization=token' },
  });
  expect(Object.fromEntries(new URLSearchParams(String(request?.body)))).toEqual({
    'hub.mode': 'subscribe',
    'hub.topic': TOPIC,
    'hub.callback': 'https://us.test/national-id/callback',
    'hub.secret': 'hub secret',
  });
  await subscription.stop();
});

test('asks again every five minutes while the hub says that it has us', async () => {
  const { subscription, outbound, clock, check } = setUp(REGISTERED);
  subscription.start();
  await clock.advance(299_999);
  expect(outbound.sent).toHaveLength(1);
  expect(check()?.state).toBe('ok');
  await clock.advance(1);
  expect(outbound.sent).toHaveLength(2);
  await subscription.stop();
  expect(clock.pending).toBe(0);
});

const VERIFICATION = { 'hub.mode': 'subscribe', 'hub.topic': TOPIC, 'hub.challenge': 'x' };

test.each([
  { name: 'before it answers', afterMs: 0 },
  { name: 'later', afterMs: 2_000 },
])('asks a hub every five minutes that accepts and verifies each time, $name', async ({ afterMs }) => {
  const { subscription, outbound, clock, check } = setUp(ACCEPTED);
  const verify = (): unknown => subscription.confirmIntent(VERIFICATION);
  const { send } = outbound;
  Object.assign(outbound, {
    send(request: OutboundRequest) {
      if (afterMs === 0) verify();
      else clock.after(afterMs, verify);
      return send(request);
    },
  });
  subscription.start();
  await clock.advance(14 * 60_000);
  expect(outbound.sent).toHaveLength(3);
  expect(check()?.state).toBe('ok');
  await subscription.stop();
});

test('verifications that nobody asked for do not keep it from asking', async () => {
  const { subscription, outbound, clock } = setUp(REGISTERED);
  subscription.start();
  await clock.advance(0);
  for (let minute = 0; minute < 10; minute += 1) {
    subscription.confirmIntent(VERIFICATION);
    await clock.advance(60_000);
  }
  expect(outbound.sent).toHaveLength(3);
  await subscription.stop();
});

test('is healthy only after the hub has verified our intent, and alarms when it never does', async () => {
  const { subscription, clock, check } = setUp(ACCEPTED);
  subscription.start();
  await clock.advance(0);
  expect(check()?.state).toBe('unknown');
  await clock.advance(60_000);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('does not reach our callback') });
  subscription.confirmIntent({ 'hub.mode': 'subscribe', 'hub.topic': TOPIC, 'hub.challenge': 'x' });
  expect(check()?.state).toBe('ok');
  await subscription.stop();
});

test('backs off from 5 to 60 seconds while the hub is down, and recovers', async () => {
  const { subscription, outbound, clock, check } = setUp(DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, REGISTERED);
  subscription.start();
  let expected = 1;
  for (const waitMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    await clock.advance(waitMs - 1);
    expect(outbound.sent).toHaveLength(expected);
    expect(check()?.state).toBe('degraded');
    await clock.advance(1);
    expected += 1;
    expect(outbound.sent).toHaveLength(expected);
  }
  expect(check()?.state).toBe('ok');
  await subscription.stop();
});

test.each([
  { name: 'client', reason: 'User not authorized: Amina Canary', words: 'does not let our client' },
  { name: 'topic', reason: 'Topic x is not registered at the hub', words: 'does not know the topic' },
  { name: 'other', reason: 'Amina Canary', words: 'refuses the subscription' },
])('a denial is told in our words ($name) and tried with a new token', async ({ reason, words }) => {
  const { subscription, outbound, clock, check, lines, dropped } = setUp(denied(reason));
  subscription.start();
  await clock.advance(0);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining(words) });
  expect(dropped()).toBe(1);
  expect(outbound.sent).toHaveLength(2);
  expect(lines.join()).not.toContain('Canary');
  await subscription.stop();
});

test.each([
  { name: 'HTTP 403', answer: reply('', 403) },
  { name: 'HTTP 500', answer: reply('', 500) },
  { name: 'HTTP 404', answer: reply('', 404) },
  { name: 'HTTP 418', answer: reply('', 418) },
  { name: 'a page with status 200', answer: reply('<html>') },
  { name: 'no answer', answer: DOWN },
])('is degraded and goes on: $name', async ({ answer }) => {
  const { subscription, outbound, clock, check } = setUp(answer);
  subscription.start();
  await clock.advance(0);
  expect(check()?.state).toBe('degraded');
  const before = outbound.sent.length;
  await clock.advance(5_000);
  expect(outbound.sent.length).toBeGreaterThan(before);
  await subscription.stop();
});

test('takes a bare 202 for accepted', async () => {
  const { subscription, clock, check } = setUp(reply('', 202));
  subscription.start();
  await clock.advance(0);
  expect(check()?.state).toBe('unknown');
  await subscription.stop();
});

test('answers the challenge for our topic, as it came', () => {
  const { subscription, check } = setUp(ACCEPTED);
  expect(
    subscription.confirmIntent({
      'hub.mode': 'subscribe',
      'hub.topic': TOPIC,
      'hub.challenge': 'c-1',
      'hub.lease_seconds': '864000',
    }),
  ).toEqual({ status: 200, body: 'c-1' });
  expect(check()?.state).toBe('ok');
});

test.each([
  { name: 'no parameters', query: {}, code: 'request_invalid' },
  { name: 'no challenge', query: { 'hub.mode': 'subscribe', 'hub.topic': TOPIC }, code: 'request_invalid' },
  {
    name: 'an empty challenge',
    query: { 'hub.mode': 'subscribe', 'hub.topic': TOPIC, 'hub.challenge': '' },
    code: 'request_invalid',
  },
  {
    name: 'two challenges',
    query: { 'hub.mode': 'subscribe', 'hub.topic': TOPIC, 'hub.challenge': ['a', 'b'] },
    code: 'request_invalid',
  },
  {
    name: 'an unknown mode',
    query: { 'hub.mode': 'echo', 'hub.topic': TOPIC, 'hub.challenge': 'a' },
    code: 'request_invalid',
  },
  {
    name: 'another topic',
    query: { 'hub.mode': 'subscribe', 'hub.topic': 'other/CREDENTIAL_ISSUED', 'hub.challenge': 'a' },
    code: 'subscription_unknown',
  },
  {
    name: 'an end of our subscription',
    query: { 'hub.mode': 'unsubscribe', 'hub.topic': TOPIC, 'hub.challenge': 'a' },
    code: 'subscription_unknown',
  },
  {
    name: 'a denial of another topic',
    query: { 'hub.mode': 'denied', 'hub.topic': 'other/CREDENTIAL_ISSUED' },
    code: 'subscription_unknown',
  },
])('confirms no intent: $name', ({ query, code }) => {
  const { subscription, check } = setUp(ACCEPTED);
  expect(() => subscription.confirmIntent(query)).toThrow(expect.objectContaining({ code }));
  expect(check()?.state).toBe('unknown');
});

test.each([
  { reason: 'Subscriber has already registered with the Hub', state: 'ok' },
  { reason: 'Invalid client', state: 'degraded' },
  { reason: undefined, state: 'degraded' },
])('a denial by GET is answered and reported: $reason', ({ reason, state }) => {
  const { subscription, check } = setUp(ACCEPTED);
  expect(subscription.confirmIntent({ 'hub.mode': 'denied', 'hub.reason': reason })).toEqual({ status: 200, body: '' });
  expect(check()?.state).toBe(state);
});
