import { afterEach, expect, test } from '@jest/globals';
import { type ClientSide, startClientSide, TOPICS } from './client-side.js';

let side: ClientSide | undefined;
afterEach(() => side?.stop());

/** One look at subscriptions that are in a disorder. */
async function mended(disorder: (client: ClientSide) => void): Promise<ClientSide> {
  const client = await startClientSide();
  side = client;
  disorder(client);
  const report = client.subscriptionRound();
  client.subscription.start();
  await client.clock.advance(0);
  expect(await report).toMatchObject({ state: 'ok' });
  return client;
}

const held = ({ opencrvs }: ClientSide) =>
  opencrvs.webhooks.subscriptions.map(({ topic, callback }) => [topic, callback]);

test.each<{ name: string; disorder: (client: ClientSide) => void }>([
  { name: 'missing', disorder: () => undefined },
  {
    name: 'doubled',
    disorder: ({ opencrvs, door }) => {
      for (const topic of [...TOPICS, ...TOPICS, ...TOPICS]) opencrvs.webhooks.hold(topic, door.callbackUrl);
    },
  },
  {
    name: 'at an old address',
    disorder: ({ opencrvs }) => {
      for (const topic of TOPICS) opencrvs.webhooks.hold(topic, 'http://old.example/opencrvs/webhooks');
    },
  },
])('$name: one subscription a topic is left, at our address', async ({ disorder }) => {
  const client = await mended(disorder);
  expect(held(client).sort()).toEqual(TOPICS.map((topic) => [topic, client.door.callbackUrl]));
});

test('two instances that start at once end up with one subscription a topic', async () => {
  const client = await mended(() => undefined);
  for (const topic of TOPICS) client.opencrvs.webhooks.hold(topic, client.door.callbackUrl);
  const report = client.subscriptionRound();
  await client.clock.advance(60_000);
  await report;
  expect(held(client).sort()).toEqual(TOPICS.map((topic) => [topic, client.door.callbackUrl]));
});
