import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLeases } from '../../../src/pipeline/store/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { fixture } from '../../support/fixtures.js';
import { startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { startService } from '../../support/running-service.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';
import { directEnvironment, startWorld, untilReady, type World } from '../../support/world.js';

const folder = temporaryFolder();
let world: World;
let events: OpenCrvsEventsPeer;
let store: TestStore;

beforeAll(async () => {
  world = await startWorld({
    opencrvs: { tokenMode: 'body', scopes: ['nationalId', 'type=record.read', 'type=record.search'] },
  });
  events = await new OpenCrvsEventsPeer(world.opencrvs.system, world.opencrvs.auth).start();
  store = await startTestStore('postgres');
}, 60_000);

afterAll(async () => {
  await Promise.all([events.stop(), world.stop(), store.stop()]);
  await folder.remove();
});

const start = async (changes: Readonly<Record<string, string>>) => {
  const running = await startService(world, {
    ...directEnvironment(world),
    ...world.fhirEnvironment,
    OPENHIM_REGISTER: 'false',
    OPENCRVS_WEBHOOKS_URL: '',
    ...changes,
  });
  await untilReady(world.port);
  return running;
};

test('a service that may list finds by itself what never came, and says so', async () => {
  // Registered a day ago, and sent to nobody.
  const yesterday = new Date(Date.now() - 24 * 3_600_000).toISOString();
  const registered = JSON.stringify(fixture('opencrvs/event-document-correction.json'));
  events.events.load(JSON.parse(registered.replaceAll('2025-12-02T09:20:44.008Z', yesterday)));
  const running = await start({
    OPENCRVS_GATEWAY_URL: events.url,
    OPENCRVS_READ_MORE: 'events',
    OPENCRVS_WRITE_BACK: 'events',
  });
  try {
    expect((await running.readiness()).checks['reconcile']?.detail).toBe('No run has ended yet.');
    running.clock.jump(6 * 60_000);
    await running.logged('reconcile.taken');
    await running.logged('event.settled');
    await running.logged('reconcile.ended');
    expect((await running.readiness()).checks['reconcile']).toMatchObject({
      state: 'ok',
      detail: '1 registrations listed, 1 taken in, 0 unreadable.',
    });
    expect(world.fhir.patients).toHaveLength(1);
  } finally {
    await running.service.stop();
  }
}, 60_000);

test('one that may not list says that it cannot', async () => {
  const running = await start({});
  try {
    const { status, checks } = await running.readiness();
    expect(checks['reconcile']).toMatchObject({ state: 'ok', detail: expect.stringMatching(/^not possible: /) });
    expect(status).toBe('ready');
  } finally {
    await running.service.stop();
  }
}, 60_000);

test('a lease has one holder, and is over when its time is', async () => {
  const harness = await startHarness({ dataDir: folder.path, store });
  const database = await store.open({ log: createMemoryLog().log }, folder.path);
  try {
    const leases = createLeases();
    const both = await Promise.all(['a', 'b'].map((holder) => leases.hold(database, 'one', holder, 60_000)));
    expect(both.filter((held) => held)).toHaveLength(1);
    const [holder, other] = both[0] === true ? ['a', 'b'] : ['b', 'a'];
    expect(await leases.hold(database, 'one', holder, 0)).toBe(true);
    expect(await leases.hold(database, 'one', other, 60_000)).toBe(true);
    await leases.release(database, 'one', holder);
    expect(await leases.hold(database, 'one', holder, 60_000)).toBe(false);
    await leases.release(database, 'one', other);
    expect(await leases.hold(database, 'one', holder, 60_000)).toBe(true);
  } finally {
    await database.close();
    await harness.stop();
  }
}, 60_000);
