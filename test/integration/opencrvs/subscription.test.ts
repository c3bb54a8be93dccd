import { afterEach, expect, test } from '@jest/globals';
import { parseDelivery, readDelivery } from '../../../src/opencrvs/index.js';
import type { CheckReport } from '../../../src/telemetry/index.js';
import { json } from '../../peers/http-peer.js';
import type { OpenCrvsSystemOptions } from '../../peers/opencrvs-system.js';
import { fixture } from '../../support/fixtures.js';
import { type ClientSide, startClientSide, TOPICS } from './client-side.js';

let side: ClientSide | undefined;
afterEach(() => side?.stop());

async function start(options?: OpenCrvsSystemOptions): Promise<ClientSide> {
  side = await startClientSide(options);
  return side;
}

const topicsAt = ({ opencrvs }: ClientSide): string[] => opencrvs.webhooks.subscriptions.map(({ topic }) => topic);

/** Starts, or moves time on to the next look, and gives what health says when it has ended. */
async function round({ clock, subscription, subscriptionRound }: ClientSide, afterMs = 0): Promise<CheckReport> {
  const report = subscriptionRound();
  subscription.start();
  await clock.advance(afterMs);
  return report;
}

test('subscribes both topics; the handshake is answered while the call is under way', async () => {
  const client = await start();
  expect(await round(client)).toEqual({ state: 'ok', detail: 'Subscribed to BIRTH_REGISTERED, DEATH_REGISTERED.' });
  expect(topicsAt(client)).toEqual(TOPICS);
  const handshakes = client.door.received.filter(({ method }) => method === 'GET');
  expect(handshakes.map(({ query }) => [...query.keys()])).toEqual(TOPICS.map(() => ['mode', 'challenge', 'topic']));
});

test('the list that OpenCRVS gives is understood: nothing is subscribed twice', async () => {
  const client = await start();
  await round(client);
  expect(await round(client, 60_000)).toMatchObject({ state: 'ok' });
  expect(client.opencrvs.webhooks.received.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST', 'GET']);
});

test('subscriptions that were lost are made again at the next look', async () => {
  const client = await start();
  await round(client);
  client.opencrvs.webhooks.forget();
  await round(client, 60_000);
  expect(topicsAt(client)).toEqual(TOPICS);
});

test('a service that is down at start is asked until it is there', async () => {
  const client = await start();
  await client.opencrvs.webhooks.stop();
  expect(await round(client)).toMatchObject({ state: 'degraded' });
  await client.opencrvs.webhooks.start();
  expect(await round(client, 1_000)).toMatchObject({ state: 'ok' });
});

test('an answer that got lost does not double a subscription', async () => {
  const client = await start();
  client.opencrvs.webhooks.fail((request) => request.method === 'POST', { kind: 'cut' }, 2);
  expect(await round(client)).toMatchObject({ state: 'degraded' });
  expect(await round(client, 1_000)).toMatchObject({ state: 'ok' });
  expect(topicsAt(client)).toEqual(TOPICS);
});

test('an expired token is replaced on the way', async () => {
  const client = await start();
  await client.tokens.get();
  client.opencrvs.system.clockSkewMs = 3_600_000;
  await round(client);
  expect(client.opencrvs.auth.tokenRequests).toBe(2);
});

test.each([
  {
    name: 'the system client was deactivated',
    breakIt: ({ opencrvs }: ClientSide) => (opencrvs.system.status = 'deactivated'),
    says: /may not be active/,
  },
  {
    name: 'our address cannot be reached',
    breakIt: ({ door }: ClientSide) => door.fail('/opencrvs/webhooks', { kind: 'reset' }),
    says: /could not confirm OPENCRVS_CALLBACK_URL/,
  },
  {
    name: 'our address answers with another challenge',
    breakIt: ({ door }: ClientSide) => door.fail('/opencrvs/webhooks', json({ challenge: 'b+/=' })),
    says: /could not confirm OPENCRVS_CALLBACK_URL/,
  },
  {
    name: 'our address answers a page',
    breakIt: ({ door }: ClientSide) => door.fail('/opencrvs/webhooks', { status: 200, body: '<html>' }),
    says: /could not confirm OPENCRVS_CALLBACK_URL/,
  },
])('degraded and told why: $name', async ({ breakIt, says }) => {
  const client = await start();
  await client.tokens.get();
  breakIt(client);
  expect(await round(client)).toMatchObject({ state: 'degraded', detail: expect.stringMatching(says) });
  expect(topicsAt(client)).toEqual([]);
});

test('an event is delivered signed; any answer counts, and one nobody gives is tried three times', async () => {
  const client = await start();
  await round(client);
  const birth = fixture('opencrvs/birth-registered.webhook.json');

  expect(await client.opencrvs.deliver(birth)).toMatchObject([{ attempts: 1, status: 200 }]);
  const [subscription] = client.opencrvs.webhooks.subscriptions;
  expect(client.door.accepted).toMatchObject([{ id: subscription?.id, event: { hub: { topic: 'BIRTH_REGISTERED' } } }]);

  expect(await client.opencrvs.deliver(birth, { secret: 'another' })).toMatchObject([{ attempts: 1, status: 401 }]);
  expect(await client.opencrvs.deliver(birth, { times: 2 })).toHaveLength(2);
  client.door.fail('/opencrvs/webhooks', { kind: 'reset' }, 2);
  expect(await client.opencrvs.deliver(birth)).toMatchObject([{ attempts: 3, status: 200 }]);
  await client.door.stop();
  const [lost] = await client.opencrvs.deliver(birth);
  expect(lost).toEqual({ subscriptionId: subscription?.id, attempts: 3 });
  expect(client.door.accepted).toHaveLength(4);
});

interface Delivered {
  readonly event: { readonly context: readonly [{ readonly type?: string; readonly entry: readonly unknown[] }] };
}

test.each([
  { name: 'first', topic: 'birth', sent: 6, got: 6 },
  // Filled for the subscription to births before, although this is a death.
  { name: 'second', topic: 'death', sent: 5, got: 9 },
])('the $name subscription gets as many copies as 1.0 to 1.4 send, and they are read as one', async (row) => {
  const client = await start();
  await round(client);
  const body = fixture<Delivered>(`opencrvs/${row.topic}-registered.webhook.json`);
  expect(body.event.context[0].entry).toHaveLength(row.sent);
  await client.opencrvs.deliver(body);
  const [delivered] = client.door.accepted;
  expect((delivered as Delivered).event.context[0].entry).toHaveLength(row.got);
  expect(readDelivery(parseDelivery(delivered))).toEqual(readDelivery(parseDelivery(body)));
});
