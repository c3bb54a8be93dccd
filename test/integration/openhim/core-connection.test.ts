import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCoreConnection, loadMediatorConfig } from '../../../src/openhim/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';

const CONFIG = loadMediatorConfig(join(import.meta.dirname, '..', '..', '..', 'mediator.json'));
const SECRET = 'correct horse battery';
const BEAT_MS = 10_000;

let core: OpenHimCorePeer;
let stop: () => Promise<void>;

beforeEach(async () => {
  core = await new OpenHimCorePeer({ password: SECRET }).start();
});
afterEach(async () => {
  await stop();
  await core.stop();
});

/** A connection to `core` with all it reports to, and a way to wait for the end of the run in hand. */
function connect(onConfig: (config: unknown) => void = () => undefined, password = SECRET, mediator = CONFIG) {
  const clock = new ManualClock();
  const { log, lines } = createMemoryLog();
  const [metrics, health] = [createMetrics(), createHealth(clock)];
  const settings = {
    apiUrl: core.url,
    username: core.username,
    password,
    trustSelfSigned: false,
    ca: undefined,
    heartbeatMs: BEAT_MS,
  };
  const connection = createCoreConnection(
    { clock, log, metrics, health, random: () => 0 },
    settings,
    mediator,
    onConfig,
  );
  stop = () => connection.stop();
  return {
    connection,
    clock,
    lines,
    events: () => lines.map((line) => JSON.parse(line).event),
    check: (name = 'openhim') => health.readiness().checks[name],
    beats: async () => (await metrics.heartbeat.get()).values.map(({ labels, value }) => [labels.outcome, value]),
    /** Resolves when the run in hand has ended and the next one is due. */
    async idle() {
      const deadline = Date.now() + 5_000;
      while (clock.pending === 0) {
        if (Date.now() > deadline) throw new Error('the run did not end');
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async advance(ms: number) {
      await this.idle();
      await clock.advance(ms);
      await this.idle();
    },
  };
}

const paths = (): string[] => core.received.map(({ path }) => path.split('/').at(-1) ?? '');

test('registers, beats at once and then at every interval, asking for the config each time', async () => {
  const peer = connect();
  peer.connection.start();
  await peer.advance(BEAT_MS);
  await peer.advance(BEAT_MS);
  expect(paths()).toEqual(['mediators', CONFIG.urn, 'heartbeat', 'heartbeat', 'heartbeat']);
  for (const { body } of core.requestsTo('/heartbeat')) {
    expect(JSON.parse(body.toString())).toEqual({ uptime: expect.any(Number), config: true });
  }
  expect(peer.check()).toMatchObject({ state: 'ok' });
  expect(await peer.beats()).toEqual([['ok', 3]]);
});

test('start returns before core is asked, and nothing is said about its state', () => {
  const peer = connect();
  peer.connection.start();
  expect(core.received).toEqual([]);
  expect(peer.check()).toMatchObject({ state: 'unknown' });
});

test('a registration that fails is tried again after 1, 2, 4 … at most 30 seconds, and as much again by chance', async () => {
  core.fail('/mediators', { status: 503 });
  const peer = connect();
  peer.connection.start();
  await peer.idle();
  let tries = 1;
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    await peer.clock.advance(waitMs - 1);
    expect(core.requestsTo('/mediators')).toHaveLength(tries);
    await peer.advance(1);
    tries += 1;
    expect(core.requestsTo('/mediators')).toHaveLength(tries);
  }
});

test('a core that is away at the start degrades only, and is found when it comes', async () => {
  await core.stop();
  const peer = connect();
  peer.connection.start();
  await peer.advance(1_000);
  expect(peer.check()).toMatchObject({ state: 'degraded', detail: 'OpenHIM core cannot be reached (ECONNREFUSED).' });
  await core.start();
  await peer.advance(2_000);
  expect(peer.check()).toMatchObject({ state: 'ok' });
  expect(peer.events()).toEqual(['openhim.failed', 'openhim.registered', 'openhim.recovered']);
});

test('registers again when core has forgotten it', async () => {
  const peer = connect();
  peer.connection.start();
  await peer.idle();
  core.forget();
  await peer.advance(BEAT_MS);
  expect(paths()).toEqual(['mediators', CONFIG.urn, 'heartbeat', 'heartbeat', 'mediators', CONFIG.urn, 'heartbeat']);
  expect(core.mediators.get(CONFIG.urn)?.lastHeartbeat).toBeDefined();
  expect(await peer.beats()).toEqual([
    ['ok', 2],
    ['unknown_mediator', 1],
  ]);
});

test('a core that forgets it at once is not called without end', async () => {
  core.fail('/heartbeat', { status: 404 });
  const peer = connect();
  peer.connection.start();
  await peer.idle();
  expect(paths()).toEqual(['mediators', CONFIG.urn, 'heartbeat', 'mediators', CONFIG.urn, 'heartbeat']);
  expect(peer.check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('just registered') });
});

test('a failed beat degrades and the next good one heals; each change is logged once', async () => {
  const peer = connect();
  peer.connection.start();
  await peer.idle();
  core.fail('/heartbeat', { status: 500 }, 2);
  await peer.advance(BEAT_MS);
  await peer.advance(BEAT_MS);
  expect(peer.check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('HTTP 500') });
  await peer.advance(BEAT_MS);
  expect(peer.check()).toMatchObject({ state: 'ok' });
  expect(peer.events()).toEqual(['openhim.registered', 'openhim.failed', 'openhim.recovered']);
  expect(await peer.beats()).toEqual([
    ['ok', 2],
    ['peer_error', 2],
  ]);
});

test.each([
  { name: 'a wrong password', password: 'wrong', words: /OPENHIM_PASSWORD/ },
  { name: 'a user without the permission', password: SECRET, words: /mediator-manage-all/ },
])('$name shows in the health and never in the log', async ({ password, words }) => {
  core.mayManageMediators = false;
  const peer = connect(undefined, password);
  peer.connection.start();
  await peer.idle();
  expect(peer.check()).toMatchObject({ state: 'degraded', detail: expect.stringMatching(words) });
  const secrets = [password, Buffer.from(`${core.username}:${password}`).toString('base64')];
  expect(peer.lines).toHaveLength(1);
  for (const secret of secrets) expect(peer.lines.join()).not.toContain(secret);
});

test('tells the config after the first beat and then only what changed', async () => {
  const told: unknown[] = [];
  const peer = connect((config) => told.push(config));
  peer.connection.start();
  await peer.advance(BEAT_MS);
  core.setConfig(CONFIG.urn, { logLevel: 'debug' });
  await peer.advance(BEAT_MS);
  await peer.advance(BEAT_MS);
  expect(told).toEqual([CONFIG.config, { logLevel: 'debug' }]);
});

test('an HTML page in the place of core is never taken for a config', async () => {
  const told: unknown[] = [];
  core.fail('/heartbeat', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html></html>' });
  const peer = connect((config) => told.push(config));
  peer.connection.start();
  await peer.idle();
  expect(told).toEqual([]);
  expect(peer.check()).toMatchObject({ state: 'degraded' });
});

test('a config that cannot be applied does not stop the beat', async () => {
  const peer = connect(() => {
    throw new Error(`broken by ${SECRET}`);
  });
  peer.connection.start();
  await peer.advance(BEAT_MS);
  expect(core.requestsTo('/heartbeat')).toHaveLength(2);
  expect(peer.check()).toMatchObject({ state: 'ok' });
  expect(peer.events()).toEqual(['openhim.registered', 'openhim.config_failed']);
  expect(peer.lines.join()).not.toContain(SECRET);
});

test('a hanging core gets one request at a time, and stop ends it', async () => {
  core.fail('/mediators', { kind: 'hang' });
  const peer = connect();
  peer.connection.start();
  await core.until(() => core.received.length === 1);
  await peer.clock.advance(600_000);
  expect(core.received).toHaveLength(1);
  await peer.connection.stop();
  await peer.connection.stop();
  expect(peer.events()).toEqual([]);
  expect(peer.clock.pending).toBe(0);
});

describe('a mediator.json that core ignores', () => {
  const [first, ...others] = CONFIG.configDefs;

  /** Registers one version of the file, then another one, and gives what is said about core's copy. */
  const registerThen = async (second: typeof CONFIG) => {
    const before = connect();
    before.connection.start();
    await before.idle();
    expect(before.check('openhim-copy')).toMatchObject({ state: 'ok' });
    await before.connection.stop();
    const after = connect(undefined, SECRET, second);
    after.connection.start();
    await after.idle();
    return after;
  };

  test.each([
    { name: 'other settings', change: { configDefs: CONFIG.configDefs.toReversed() }, part: 'configDefs' },
    { name: 'another help', change: { configDefs: [{ ...first, displayName: 'New' }, ...others] }, part: 'configDefs' },
    {
      name: 'a channel less',
      change: { defaultChannelConfig: CONFIG.defaultChannelConfig.slice(1) },
      part: 'defaultChannel',
    },
    {
      name: 'another address',
      change: { endpoints: CONFIG.endpoints.map((one) => ({ ...one, port: 1 })) },
      part: 'endpoints',
    },
  ])('is told while its version is the same: $name', async ({ change, part }) => {
    const { check, events } = await registerThen({ ...CONFIG, ...change } as typeof CONFIG);
    expect(check('openhim-copy')).toMatchObject({ state: 'degraded', detail: expect.stringContaining(part) });
    expect(check('openhim-copy')?.detail).toContain('newer version');
    expect(check()).toMatchObject({ state: 'ok' });
    expect(events().filter((event) => event === 'openhim.copy_differs')).toHaveLength(1);
  });

  test('is told where core holds a newer one', async () => {
    const { check } = await registerThen({ ...CONFIG, version: '0.0.1' });
    expect(check('openhim-copy')).toMatchObject({ state: 'degraded', detail: expect.stringContaining('0.0.1') });
  });

  test('is fine with other credentials of its routes', async () => {
    const withPassword = CONFIG.defaultChannelConfig.map((channel) => ({
      ...channel,
      routes: channel.routes.map((route) => ({ ...route, username: 'a', password: 'b' })),
    }));
    const { check } = await registerThen({ ...CONFIG, defaultChannelConfig: withPassword });
    expect(check('openhim-copy')).toMatchObject({ state: 'ok' });
  });

  test('is fine with members that core does not keep (seen with core 8.5.0)', async () => {
    const [route, ...routes] = CONFIG.endpoints;
    const [channel, ...channels] = CONFIG.defaultChannelConfig;
    const { check } = await registerThen({
      ...CONFIG,
      endpoints: [{ ...route, 'x-note': 'a' }, ...routes],
      defaultChannelConfig: [
        { ...channel, 'x-note': 'b', routes: channel?.routes.map((one) => ({ ...one, 'x-note': 'c' })) },
        ...channels,
      ],
      configDefs: [{ ...first, 'x-note': 'd' }, ...others],
    } as typeof CONFIG);
    expect(check('openhim-copy')).toMatchObject({ state: 'ok' });
  });

  test('is taken once the mediator has been deleted in the console', async () => {
    const moved = CONFIG.endpoints.map((one) => ({ ...one, host: 'elsewhere' }));
    const peer = await registerThen({ ...CONFIG, endpoints: moved });
    expect(peer.check('openhim-copy')).toMatchObject({ state: 'degraded' });
    core.mediators.clear();
    await peer.advance(BEAT_MS);
    expect(peer.check('openhim-copy')).toMatchObject({ state: 'ok' });
  });

  test('a newer version is taken and keeps the values of the console, with the defaults of new settings', async () => {
    const { newest, ...known } = { ...CONFIG.config, newest: 'as shipped' };
    await (await registerThen(CONFIG)).connection.stop();
    core.setConfig(CONFIG.urn, { ...known, logLevel: 'debug' });
    const told: unknown[] = [];
    const upgrade = {
      ...CONFIG,
      version: '99.0.0',
      configDefs: [...CONFIG.configDefs, { param: 'newest', type: 'string' as const }],
      config: { ...known, newest },
    };
    const peer = connect((config) => told.push(config), SECRET, upgrade);
    peer.connection.start();
    await peer.idle();
    expect(peer.check('openhim-copy')).toMatchObject({ state: 'ok' });
    expect(told).toEqual([{ ...known, logLevel: 'debug', newest }]);
  });
});
