import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../../src/config/index.js';
import { createService } from '../../../src/service.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { type Birth, birthNumber, postWebhook } from '../../support/births.js';
import { copyTemplate } from '../../support/embedded-template.js';
import { type RunningService, startSettledService, tells } from '../../support/running-service.js';
import { until } from '../../support/until.js';
import { directEnvironment, INBOUND, startWorld, type World } from '../../support/world.js';

let world: World;
let running: RunningService;
let urn: string;
let shipped: Readonly<Record<string, unknown>>;
let environment: Readonly<Record<string, string>>;
let serial = 0;

beforeAll(async () => {
  world = await startWorld();
  const { NATIONAL_ID_SYSTEM: _, ...fhir } = world.fhirEnvironment;
  environment = { ...fhir, ...directEnvironment(world), OPENHIM_HEARTBEAT_MS: '100' };
  running = await startSettledService(world, environment);
  [urn = ''] = world.core.mediators.keys();
  shipped = world.core.mediators.get(urn)?.doc.config ?? {};
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await world.stop();
});

let linesBefore: number;
beforeEach(() => {
  linesBefore = running.lines.length;
});

/** What the log has told since the test began. */
const told = (event: string): Record<string, unknown>[] =>
  running.lines
    .slice(linesBefore)
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter((line) => line['event'] === event);

/** An operator saves these values in the console, and the mediator takes them. */
async function set(values: Record<string, unknown>): Promise<void> {
  world.core.setConfig(urn, { ...shipped, ...values });
  const beats = world.core.requestsTo('/heartbeat').length;
  // The first beat may have been under way.
  await world.core.until(() => world.core.requestsTo('/heartbeat').length >= beats + 3);
}

afterEach(async () => {
  world.core.mediators.get(urn) !== undefined && (await set({}));
});

async function deliver(): Promise<Birth> {
  serial += 1;
  const birth = birthNumber(serial);
  world.opencrvs.records.load(birth.body);
  const response = await postWebhook(world.port, birth.body, world.opencrvs.system.shaSecret);
  expect(response.status).toBe(200);
  return birth;
}

const atMosip = ({ registrationNumber }: Birth) =>
  [...world.mosip.issued.values()].filter((one) => one.birthCertificateNumber === registrationNumber);
const atFhir = ({ registrationNumber }: Birth) =>
  world.fhir.patients.filter(({ identifier }) => identifier?.some(({ value }) => value === registrationNumber));

async function system(): Promise<string> {
  const credentials = Buffer.from(`${INBOUND.username}:${INBOUND.password}`).toString('base64');
  const response = await fetch(`http://127.0.0.1:${world.port}/fhir/metadata`, {
    headers: { authorization: `Basic ${credentials}` },
  });
  const statement = (await response.json()) as { implementation: { description: string } };
  return /\((\w+)\)/.exec(statement.implementation.description)?.[1] ?? '';
}

describe('another national ID system', () => {
  test('takes new events, while one that waits for its callback still settles where it was sent', async () => {
    world.mosip.hold();
    const waiting = await deliver();
    await running.logged('event.submitted', waiting.registrationNumber);

    await set({ nationalIdSystem: 'fhir' });
    expect(await system()).toBe('fhir');
    const later = await deliver();
    await running.logged('event.settled', later.registrationNumber);
    expect([atMosip(later), atFhir(later)]).toEqual([[], [expect.anything()]]);

    world.mosip.release();
    await running.logged('event.settled', waiting.registrationNumber);
    expect([atMosip(waiting), atFhir(waiting)]).toEqual([[expect.objectContaining({ count: 1 })], []]);
    const written = world.opencrvs.countryConfig.identities.get(waiting.registrationNumber);
    expect(written?.MOSIP_PSUT_TOKEN_ID).toBe(atMosip(waiting)[0]?.vid);
  });

  test('takes them no more when the console takes it back', async () => {
    await set({ nationalIdSystem: 'fhir' });
    await set({});
    expect(await system()).toBe('mosip');
    const birth = await deliver();
    await running.logged('event.settled', birth.registrationNumber);
    expect([atMosip(birth).length, atFhir(birth).length]).toEqual([1, 0]);
  });

  test('an address whose host is not allowed leads nowhere', async () => {
    await set({ nationalIdSystem: 'fhir', fhirBaseUrl: 'http://elsewhere.example/fhir' });
    // The one of the deployment stays.
    const birth = await deliver();
    await running.logged('event.settled', birth.registrationNumber);
    expect(atFhir(birth)).toHaveLength(1);
    const { detail } = (await running.readiness()).checks['console-settings'] ?? {};
    expect(detail).toContain('fhirBaseUrl');
    expect(detail).not.toContain('elsewhere');
  });

  test('a new address of the same system counts for the next call', async () => {
    await set({ mosipBaseUrl: world.mosip.url.replace('127.0.0.1', 'localhost') });
    // Only the host of the environment is allowed.
    expect((await running.readiness()).checks['console-settings']).toMatchObject({ state: 'degraded' });
    await set({ mosipBaseUrl: `${world.mosip.url}/` });
    expect(told('settings.changed')).toEqual([expect.objectContaining({ setting: 'MOSIP_BASE_URL' })]);
    const birth = await deliver();
    await running.logged('event.settled', birth.registrationNumber);
    expect(atMosip(birth)).toEqual([expect.objectContaining({ count: 1 })]);
  });
});

test('a pause holds new events back and shows in the readiness; its end lets them go', async () => {
  await set({ pauseSubmissions: true });
  await running.checked('submissions', 'degraded');
  const birth = await deliver();
  const packets = world.mosip.requestsTo('/createPacket').length;
  await set({ pauseSubmissions: true, logLevel: 'debug' });
  expect(world.mosip.requestsTo('/createPacket')).toHaveLength(packets);
  await set({});
  await running.checked('submissions', 'ok');
  await running.logged('event.settled', birth.registrationNumber);
});

test('a shorter time limit counts for the next call', async () => {
  await set({ callTimeoutMs: 1_000 });
  world.mosip.fail('/createPacket', { kind: 'hang' }, 1);
  const birth = await deliver();
  await running.logged('submit.retried', birth.registrationNumber);
  const [retried] = told('submit.retried');
  expect(retried).toMatchObject({ reason: 'peer_timeout' });
  expect(Number(retried?.['durationMs'])).toBeLessThan(5_000);
  await running.logged('event.settled', birth.registrationNumber);
});

test('another log level', async () => {
  await set({ logLevel: 'error' });
  const { length } = running.lines;
  const birth = await deliver();
  await until(() => atMosip(birth).length === 1, 'it was issued');
  expect(running.lines.slice(length)).toEqual([]);
  // Back at what the environment says.
  await set({});
  await deliver();
  await running.logged('intake.accepted');
});

test('a bad value is told once and leaves the service as it is', async () => {
  await set({ callTimeoutMs: 5, retryGiveUpDays: 3 });
  await set({ callTimeoutMs: 5, retryGiveUpDays: 3 });
  expect(told('settings.refused')).toEqual([
    expect.objectContaining({ setting: 'CALL_TIMEOUT_MS', reason: 'whole number, 1000 to 15000' }),
  ]);
  expect(told('settings.changed')).toEqual([expect.objectContaining({ setting: 'RETRY_GIVE_UP_DAYS' })]);
  const { status, checks } = await running.readiness();
  expect([status, checks['console-settings']?.detail]).toEqual(['degraded', expect.stringContaining('callTimeoutMs')]);
  await set({});
  await running.checked('console-settings', 'ok');
});

test('what was lost with the answer of a heartbeat is taken from the next', async () => {
  world.core.fail('/heartbeat', { kind: 'cut' }, 2);
  await set({ logLevel: 'warn' });
  await until(() => told('settings.changed').length > 0 || running.lines.length > 0, 'it goes on');
  const { length } = running.lines;
  await deliver();
  expect(running.lines.slice(length).filter((line) => tells(line, 'intake.accepted'))).toEqual([]);
});

describe('a second instance', () => {
  const second = (changes: Readonly<Record<string, string>> = {}) => {
    const { log, lines } = createMemoryLog('debug');
    const own = { PORT: '0', DATA_DIR: join(world.dataDir, '..', 'second'), ...changes };
    copyTemplate(own.DATA_DIR);
    const settings = loadSettings({ ...world.environment, LOG_LEVEL: 'debug', ...environment, ...own });
    return { lines, service: createService(settings, { log }) };
  };
  const changed = (lines: readonly string[]) => lines.filter((line) => tells(line, 'settings.changed')).length;

  test('sees each change too', async () => {
    const { service, lines } = second();
    await service.start();
    try {
      await until(() => lines.some((line) => tells(line, 'openhim.registered')), 'it is registered');
      await set({ callTimeoutMs: 2_000 });
      await until(() => changed(lines) === 1 && told('settings.changed').length === 1, 'both have changed');
    } finally {
      await service.stop();
    }
  });

  test('starts with what the console said last when core is away', async () => {
    const first = second();
    await first.service.start();
    await set({ nationalIdSystem: 'fhir' });
    await until(
      () => changed(first.lines) === 1 && first.lines.some((line) => tells(line, 'store.opened')),
      'it knows',
    );
    await first.service.stop();

    const again = second({ OPENHIM_API_URL: 'http://127.0.0.1:1' });
    await again.service.start();
    try {
      await until(() => changed(again.lines) === 1, 'it remembers');
      const order = again.lines.map((line) => JSON.parse(line).event);
      expect(order.indexOf('settings.changed')).toBeLessThan(order.indexOf('store.opened'));
    } finally {
      await again.service.stop();
    }
  });

  test('leaves the console out when told so', async () => {
    await set({ callTimeoutMs: 2_000 });
    const { service, lines } = second({ OPENHIM_CONSOLE_SETTINGS: 'false' });
    await service.start();
    const beats = world.core.requestsTo('/heartbeat').length;
    await until(() => lines.some((line) => tells(line, 'openhim.registered')), 'it is registered');
    await world.core.until(() => world.core.requestsTo('/heartbeat').length > beats + 4);
    await service.stop();
    expect(changed(lines)).toBe(0);
  });
});
