import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openEmbedded } from '../../../src/pipeline/store/embedded.js';
import { type Birth, birthNumber, postWebhook } from '../../support/births.js';
import { seededRandom } from '../../support/seeded-random.js';
import { type ServiceProcess, startProcess } from '../../support/service-process.js';
import { until } from '../../support/until.js';
import { directEnvironment, startWorld, type World } from '../../support/world.js';

const BIRTHS = 30;
const EVERY_MS = 100;
const RESEND_MS = 150;
/** Within how many milliseconds each process is killed, after its start or after it is ready. */
const KILLS = [
  { from: 'start', withinMs: 1_500 },
  { from: 'ready', withinMs: 800 },
  { from: 'ready', withinMs: 800 },
  { from: 'start', withinMs: 1_500 },
  { from: 'ready', withinMs: 800 },
] as const;

/** Shown in the name of the test; set it to have the same moments again. */
const seed = Number(process.env['KILL_SEED'] ?? randomInt(2 ** 31));

let world: World;
let mediator: ServiceProcess;

beforeAll(async () => {
  world = await startWorld();
}, 30_000);

afterAll(async () => {
  await mediator.end('SIGKILL');
  await world.stop();
});

/** Sends a birth again and again, as OpenHIM would, until the mediator acknowledges it. */
async function deliver(birth: Birth): Promise<void> {
  world.opencrvs.records.load(birth.body);
  for (;;) {
    const response = await postWebhook(world.port, birth.body, world.opencrvs.system.shaSecret).catch(() => undefined);
    if (response?.status === 200) return;
    expect([undefined, 503]).toContain(response?.status);
    await delay(RESEND_MS);
  }
}

/** The state of each event in the folder of a mediator that has ended. */
async function statesIn(dataDir: string): Promise<ReadonlyMap<string, string>> {
  const database = await openEmbedded(dataDir);
  const rows = await database.query<{ number: string; state: string }>(
    'select registration_number as number, state from mediator.event',
  );
  await database.close();
  return new Map(rows.map(({ number, state }) => [number, state]));
}

test(`killed again and again (KILL_SEED=${seed}): nothing is lost, nobody gets two identities`, async () => {
  const random = seededRandom(seed);
  const environment = { ...world.environment, ...directEnvironment(world) };
  const births = Array.from({ length: BIRTHS }, (_, index) => birthNumber(index + 1));
  const deliveries: Promise<void>[] = [];
  /** One more birth at a time while a process takes events. */
  const feed = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= EVERY_MS) {
      const next = births[deliveries.length];
      if (next !== undefined) deliveries.push(deliver(next));
      await delay(Math.min(left, EVERY_MS));
    }
  };

  mediator = startProcess(environment);
  await mediator.answers('/health/ready');
  for (const { from, withinMs } of KILLS) {
    if (from === 'ready') await mediator.answers('/health/ready');
    await feed(random() * withinMs);
    expect(await mediator.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    mediator = startProcess(environment);
  }
  await feed(BIRTHS * EVERY_MS);
  await Promise.all(deliveries);
  const { countryConfig } = world.opencrvs;
  await until(() => countryConfig.identities.size === BIRTHS, 'OpenCRVS has every identity', 30_000);
  expect(await mediator.end('SIGTERM')).toEqual({ code: 0, signal: null });

  const numbers = births.map(({ registrationNumber }) => registrationNumber);
  expect(await statesIn(world.dataDir)).toEqual(new Map(numbers.map((number) => [number, 'settled'])));
  const issued = [...world.mosip.issued].map(([id, { birthCertificateNumber: number, vid, count }]) => {
    return { number, count, written: countryConfig.identities.get(number ?? ''), id, vid };
  });
  expect(issued.map(({ number }) => number).sort()).toEqual(numbers);
  for (const { number, count, written, id, vid } of issued) {
    expect(count).toBe(1);
    expect(written).toEqual({ BRN: number, MOSIP_PSUT_TOKEN_ID: vid, MOSIP_AID: id });
  }
}, 90_000);
