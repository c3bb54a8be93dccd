import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpPeer } from '../../peers/http-peer.js';
import { errorReply } from '../../peers/mosip-auth.js';
import { type Birth, birthNumber, postWebhook } from '../../support/births.js';
import { type RunningService, startService, tells } from '../../support/running-service.js';
import { directEnvironment, installChannels, startWorld, untilReady, type World } from '../../support/world.js';

const WORKFLOW = '/workflowinstance';
const COUNTRY_CONFIG = '/mosip-openhim-mediator';
/** Beyond every wait of the upkeep: registration, subscriptions, and the life of OpenCRVS's token. */
const LONG_MS = 15 * 60_000;

let world: World;
let running: RunningService;
let serial = 0;

/** The systems that can be away, the checks that must tell, and how a mediator is made to notice. */
const OUTAGES: readonly {
  readonly name: string;
  readonly peer: () => HttpPeer;
  readonly checks: readonly string[];
}[] = [
  { name: 'MOSIP', peer: () => world.mosip, checks: ['mosip', 'mosip-websub'] },
  { name: "OpenCRVS's token endpoint", peer: () => world.opencrvs.auth, checks: ['opencrvs-token'] },
  { name: 'the country configuration', peer: () => world.opencrvs.countryConfig, checks: ['opencrvs-write-back'] },
  { name: 'OpenHIM core', peer: () => world.core, checks: ['openhim'] },
];

/** Delivers a new birth straight to the mediator, as the router may be away. */
async function deliver(): Promise<Birth> {
  serial += 1;
  const birth = birthNumber(serial);
  world.opencrvs.records.load(birth.body);
  const response = await postWebhook(world.port, birth.body, world.opencrvs.system.shaSecret);
  expect(response.status).toBe(200);
  return birth;
}

/** Waits until the birth is settled, and holds that it became one identity which OpenCRVS knows. */
async function expectOneIdentity({ registrationNumber }: Birth): Promise<void> {
  await running.logged('event.settled', registrationNumber);
  const { issued } = world.mosip;
  const own = [...issued.values()].filter((one) => one.birthCertificateNumber === registrationNumber);
  expect(own).toEqual([expect.objectContaining({ count: 1 })]);
  const written = world.opencrvs.countryConfig.identities.get(registrationNumber);
  expect(written?.MOSIP_PSUT_TOKEN_ID).toBe(own[0]?.vid);
}

async function live(): Promise<number> {
  return (await fetch(`http://127.0.0.1:${world.port}/health/live`)).status;
}

beforeAll(async () => {
  world = await startWorld();
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await world.stop();
});

test('every system is away at the start: the service is alive, takes events, and catches up', async () => {
  for (const { peer } of OUTAGES) await peer().stop();
  const environment = { ...directEnvironment(world), OPENHIM_HEARTBEAT_MS: '100' };
  running = await startService(world, environment, { callTimeoutMs: 1_000 });
  expect(await live()).toBe(200);
  // The store is not open yet: whoever sends now is told to come again.
  const early = await postWebhook(world.port, birthNumber(1).body, world.opencrvs.system.shaSecret);
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await running.readiness()).toMatchObject({ status: 'not-ready', checks: { store: { state: 'down' } } });
  await untilReady(world.port);
  const birth = await deliver();
  await running.logged('submit.retried', birth.registrationNumber);
  const { status, checks } = await running.readiness();
  expect(status).toBe('degraded');
  for (const name of ['mosip', 'mosip-websub', 'opencrvs-token', 'opencrvs-subscription', 'openhim']) {
    expect([name, checks[name]]).toEqual([name, expect.objectContaining({ state: 'degraded' })]);
  }

  for (const { peer } of OUTAGES) await peer().start();
  running.clock.jump(LONG_MS);
  await expectOneIdentity(birth);
  await installChannels(world.core);
  await world.opencrvs.webhooks.until(() => world.opencrvs.webhooks.subscriptions.length === 2);
  running.clock.jump(LONG_MS);
  for (const name of Object.keys(checks)) await running.checked(name, 'ok');
  expect(await running.readiness()).toMatchObject({ status: 'ready' });
}, 30_000);

describe('while the service runs', () => {
  test.each(OUTAGES)('$name goes away and comes back', async ({ peer, checks }) => {
    await peer().stop();
    running.clock.jump(LONG_MS);
    const birth = await deliver();
    for (const name of checks) await running.checked(name, 'degraded');
    expect(await live()).toBe(200);
    expect(await running.readiness()).toMatchObject({ status: 'degraded' });

    await peer().start();
    running.clock.jump(LONG_MS);
    await expectOneIdentity(birth);
    running.clock.jump(LONG_MS);
    for (const name of checks) await running.checked(name, 'ok');
  });

  test('MOSIP answers 200 with an error that passes', async () => {
    world.mosip.failWithError('workflow', 'RPR-WIN-002', 2);
    const birth = await deliver();
    await expectOneIdentity(birth);
    expect(running.lines.filter((line) => tells(line, 'submit.retried', birth.registrationNumber))).toHaveLength(2);
  });

  test('MOSIP forgets its tokens', async () => {
    world.mosip.auth.revokeTokens();
    const birth = await deliver();
    await expectOneIdentity(birth);
    expect(running.lines.some((line) => tells(line, 'submit.retried', birth.registrationNumber))).toBe(false);
  });

  test('OpenCRVS no longer takes the token', async () => {
    const before = world.opencrvs.auth.tokenRequests;
    world.opencrvs.countryConfig.fail(COUNTRY_CONFIG, { status: 401 }, 1);
    const birth = await deliver();
    await expectOneIdentity(birth);
    expect(world.opencrvs.auth.tokenRequests).toBe(before + 1);
  });

  test.each([
    { name: 'the time runs out', fault: { kind: 'hang-after' } },
    { name: 'the answer is cut', fault: { kind: 'cut' } },
  ] as const)('MOSIP has started the workflow, but $name', async ({ fault }) => {
    const before = world.mosip.requestsTo(WORKFLOW).length;
    world.mosip.hold();
    world.mosip.fail(WORKFLOW, fault, 1);
    const birth = await deliver();
    // The second answer is RPR-WIS-001: there is such a workflow already.
    await running.logged('event.submitted', birth.registrationNumber);
    world.mosip.release();
    await expectOneIdentity(birth);
    expect(world.mosip.requestsTo(WORKFLOW)).toHaveLength(before + 2);
  });

  test('MOSIP refuses the data: the event is refused, and OpenCRVS gets no number', async () => {
    world.mosip.fail('/createPacket', errorReply('KER-PUT-999', 'unknown'), 1);
    world.mosip.fail(WORKFLOW, errorReply('RPR-WIN-001', 'Invalid input parameter'), 1);
    const { registrationNumber } = await deliver();
    await running.logged('event.refused', registrationNumber);
    expect(world.opencrvs.countryConfig.identities.has(registrationNumber)).toBe(false);
  });
});

describe('lost subscriptions', () => {
  test('OpenCRVS has lost ours: they are made again', async () => {
    const { webhooks } = world.opencrvs;
    webhooks.forget();
    running.clock.jump(60_000);
    await webhooks.until(() => webhooks.subscriptions.length === 2);
    expect(webhooks.subscriptions.map(({ topic }) => topic).sort()).toEqual(['BIRTH_REGISTERED', 'DEATH_REGISTERED']);
  });

  test('the hub has forgotten us: renewed, and what it had kept arrives', async () => {
    world.mosip.hub.forgetSubscribers();
    const birth = await deliver();
    await running.logged('event.submitted', birth.registrationNumber);
    await world.mosip.until(() => world.mosip.hub.undelivered === 1);
    running.clock.jump(5 * 60_000);
    await expectOneIdentity(birth);
    expect(world.mosip.hub.subscribers).toBe(1);
  });
});
