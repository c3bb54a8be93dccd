import { expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { createOsiaClient } from '../../../src/national-id/osia/osia-client.js';
import { createSubscriptions } from '../../../src/national-id/osia/subscriptions.js';
import type { OutboundResponse } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { reply, scriptedOutbound } from '../mosip/scripted-outbound.js';

const ADDRESS = 'https://us.test/national-id/callback/secret-part';
const TOKENS = { get: async () => 'token', drop: () => undefined, stop: () => undefined };
const DOWN = new MediatorError('peer_unreachable', { unanswered: true });

const listed = (...active: readonly string[]) => reply([{}, ...active.map((uuid) => ({ uuid, active: true }))]);
const made = (uuid: string, active: boolean) => reply({ uuid, topic: `id of ${uuid}`, active });
const REFUSED = reply({ code: 10, message: `no topic for ${ADDRESS}` }, 400);

function setUp(topics: readonly string[], ...script: (OutboundResponse | Error)[]) {
  const clock = new ManualClock();
  const outbound = scriptedOutbound(...script);
  const health = createHealth(clock);
  const { log, lines } = createMemoryLog();
  const base = 'https://osia.test';
  const client = createOsiaClient(
    { outbound, tokens: TOKENS, check: { report: () => undefined } },
    { addresses: { uin: base, registry: base, 'data-access': base, notification: base } },
  );
  const check = health.check('osia-notification');
  const subscriptions = createSubscriptions({ client, clock, log, check }, { topics, address: ADDRESS });
  subscriptions.start();
  return {
    subscriptions,
    clock,
    lines,
    calls: () =>
      outbound.sent.map(({ method, url }) => `${method} ${new URL(url).searchParams.get('topic') ?? 'list'}`),
    sent: outbound.sent,
    check: () => health.readiness().checks['osia-notification'],
  };
}

test('subscribes by topic and address, and only looks while all is there', async () => {
  const { clock, calls, sent, check, subscriptions } = setUp(['a'], listed(), made('1', true), listed('other', '1'));
  await clock.advance(5 * 60_000 - 1);
  expect(calls()).toEqual(['GET list', 'POST a']);
  expect(Object.fromEntries(new URL(sent[1]?.url ?? '').searchParams)).toEqual({
    topic: 'a',
    protocol: 'http',
    address: ADDRESS,
  });
  await clock.advance(1);
  expect(calls()).toEqual(['GET list', 'POST a', 'GET list']);
  expect(check()?.state).toBe('ok');
  await subscriptions.stop();
  expect(clock.pending).toBe(0);
});

test('is healthy once confirmed, and alarms when the engine never reaches us', async () => {
  const pending = [listed(), made('1', false)];
  const { clock, calls, check, subscriptions } = setUp(['a'], ...pending, ...pending, listed('1'));
  await clock.advance(0);
  expect(check()?.state).toBe('unknown');
  await clock.advance(5_000);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('does not reach our callback') });
  await clock.advance(10_000);
  expect(calls()).toEqual(['GET list', 'POST a', 'GET list', 'POST a', 'GET list']);
  expect(check()?.state).toBe('ok');
  await subscriptions.stop();
});

test('an engine that is down is asked again, at most each minute', async () => {
  const { clock, calls, check, lines, subscriptions } = setUp(['a'], DOWN);
  await clock.advance((5 + 10 + 20 + 40 + 60 + 60) * 1_000);
  expect(calls()).toHaveLength(7);
  expect(check()?.state).toBe('degraded');
  expect(lines.join('')).not.toContain('secret-part');
  await subscriptions.stop();
});

test('a topic that is refused is told, and keeps nobody from the others', async () => {
  const { clock, calls, check, lines, subscriptions } = setUp(['a', 'b'], listed(), REFUSED, made('2', true));
  await clock.advance(0);
  expect(calls()).toEqual(['GET list', 'POST a', 'POST b']);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('HTTP 400') });
  expect(lines.join('')).not.toContain('secret-part');
  await subscriptions.stop();
});

test.each([{ body: 'no list' }, { body: { code: 1, message: 'x' } }, { body: [{ uuid: 1 }] }])(
  'an answer that is no list is told: $body',
  async ({ body }) => {
    const { clock, check, subscriptions } = setUp(['a'], reply(body));
    await clock.advance(0);
    expect(check()?.state).toBe('degraded');
    await subscriptions.stop();
  },
);
