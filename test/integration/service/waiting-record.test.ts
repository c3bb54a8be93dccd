import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OpenCrvsGatewayPeer } from '../../peers/opencrvs-gateway-peer.js';
import { waitingRecord } from '../../support/opencrvs-shapes.js';
import { type RunningService, startService } from '../../support/running-service.js';
import { directEnvironment, installChannels, startWorld, untilReady, type World } from '../../support/world.js';

/** The numbers that the shipped mapping makes of the fixtures' tracking ids, in the year of their registration. */
const NUMBERS = { birth: '2024BQX7T4N', death: '2024DKM3W9C' } as const;

let world: World;
let gateway: OpenCrvsGatewayPeer;
let running: RunningService;

/** An OpenCRVS 1.7 or 1.8: a country configuration forwards its records, and the gateway waits for the answer. */
beforeAll(async () => {
  world = await startWorld({ opencrvs: { tokenMode: 'query' } });
  gateway = await new OpenCrvsGatewayPeer(world.opencrvs.system).start();
  running = await startService(world, {
    ...directEnvironment(world),
    OPENCRVS_WEBHOOKS_URL: '',
    OPENCRVS_CLIENT_ID: '',
    OPENCRVS_CLIENT_SECRET: '',
    OPENCRVS_SHA_SECRET: '',
    OPENCRVS_GATEWAY_URL: gateway.url,
    OPENCRVS_WRITE_BACK: 'gateway-graphql',
  });
  await installChannels(world.core);
  await untilReady(world.port);
  await world.mosip.until(() => world.mosip.hub.subscribers === 1);
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await Promise.all([gateway.stop(), world.stop()]);
});

/** Sends a record on as a country configuration does, with the token for this one record. */
async function forward(kind: 'birth' | 'death') {
  const bundle = waitingRecord(kind);
  const recordId = bundle.entry.find(({ resource }) => resource.resourceType === 'Composition')?.resource.id ?? '';
  const record =
    gateway.records.get(recordId) ?? gateway.addRecord(recordId, { event: kind === 'birth' ? 'BIRTH' : 'DEATH' });
  const token = world.opencrvs.system.issueReplyToken({ recordId });
  const response = await fetch(`http://127.0.0.1:${world.port}/opencrvs/registrations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(bundle),
  });
  return { record, status: response.status, answer: await response.text() };
}

test('a birth that waits becomes an identity at MOSIP, and is registered with its number', async () => {
  const { record, status } = await forward('birth');
  expect(status).toBe(202);
  await gateway.until(() => record.status === 'REGISTERED');
  await running.logged('event.settled', NUMBERS.birth);
  const [issued] = [...world.mosip.issued.values()];
  expect(issued).toMatchObject({ birthCertificateNumber: NUMBERS.birth, count: 1 });
  expect(record).toMatchObject({
    registrationNumbers: [NUMBERS.birth],
    identifiers: [{ type: 'NATIONAL_ID', value: issued?.vid }],
  });
});

test('the same record again has the same answer, and starts nothing', async () => {
  const [first, second] = [await forward('birth'), await forward('birth')];
  expect([second.status, second.answer]).toEqual([first.status, first.answer]);
  expect(first.record.registrationNumbers).toEqual([NUMBERS.birth]);
  expect(world.mosip.issued.size).toBe(1);
});

test('a death that waits is registered once MOSIP has confirmed it', async () => {
  const { record, status } = await forward('death');
  expect(status).toBe(202);
  await gateway.until(() => record.status === 'REGISTERED');
  expect(record).toMatchObject({ registrationNumbers: [NUMBERS.death], identifiers: [] });
  await running.logged('event.settled', NUMBERS.death);
});
