import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { fixture } from '../../support/fixtures.js';
import { type RunningService, startService } from '../../support/running-service.js';
import { installChannels, startWorld, untilReady, type World } from '../../support/world.js';

const BIRTH = 'opencrvs/event-document-birth.json';
const NUMBER = '2025K7Q2ZD';

let world: World;
let events: OpenCrvsEventsPeer;
let running: RunningService;

/** An OpenCRVS 2.x: no webhooks and no system client, only actions that wait for an answer. */
beforeAll(async () => {
  world = await startWorld();
  events = await new OpenCrvsEventsPeer(world.opencrvs.system).start();
  running = await startService(world, {
    ...world.fhirEnvironment,
    OPENCRVS_WEBHOOKS_URL: '',
    OPENCRVS_CLIENT_ID: '',
    OPENCRVS_CLIENT_SECRET: '',
    OPENCRVS_SHA_SECRET: '',
    OPENCRVS_GATEWAY_URL: events.url,
    OPENCRVS_WRITE_BACK: 'events',
  });
  await installChannels(world.core);
  await untilReady(world.port);
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await Promise.all([events.stop(), world.stop()]);
});

test.each([
  { name: 'straight', address: () => `http://127.0.0.1:${world.port}`, serial: 'A' },
  { name: 'through OpenHIM', address: () => world.router.url, serial: 'B' },
])(
  'a registration that waits is taken, and in the end accepted with its number: $name',
  async ({ address, serial }) => {
    const text = JSON.stringify(fixture(BIRTH)).replaceAll('K7Q2ZD', `K7Q2Z${serial}`);
    const document = JSON.parse(text.replaceAll('9d8b71', `9d8b7${serial === 'A' ? 1 : 2}`)) as { readonly id: string };
    const { outcome, body } = await events.trigger(`${address()}/opencrvs/registrations`, document);
    expect({ outcome, body }).toEqual({ outcome: 'waits', body: { id: expect.any(String) } });
    await events.until(() =>
      events.events.get(document.id).actions.some(({ status, type }) => type === 'REGISTER' && status === 'Accepted'),
    );
    expect(events.events.get(document.id).actions.at(-1)).toMatchObject({
      type: 'REGISTER',
      status: 'Accepted',
      registrationNumber: `${NUMBER.slice(0, -1)}${serial}`,
      declaration: { 'child.nid': expect.stringMatching(/\S/) },
    });
  },
);

test('the same action again starts nothing and has the same answer', async () => {
  const again = JSON.parse(JSON.stringify(fixture(BIRTH)).replaceAll('K7Q2ZD', 'K7Q2ZC')) as { readonly id: string };
  const address = `http://127.0.0.1:${world.port}/opencrvs/registrations`;
  const first = await events.trigger(address, again);
  const second = await events.trigger(address, again);
  expect([second.outcome, second.body]).toEqual([first.outcome, first.body]);
  expect(running.lines.filter((line) => line.includes('intake.accepted') && line.includes('2025K7Q2ZC'))).toHaveLength(
    1,
  );
});

test('a stranger is turned away', async () => {
  const response = await fetch(`http://127.0.0.1:${world.port}/opencrvs/registrations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${world.opencrvs.system.issueToken()}` },
    body: JSON.stringify(fixture(BIRTH)),
  });
  expect(response.status).toBe(401);
});
