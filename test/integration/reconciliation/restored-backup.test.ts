import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { OsiaPeer } from '../../peers/osia-peer.js';
import { type Birth, birthNumber, postWebhook } from '../../support/births.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';
import { execute } from '../../support/postgres-server.js';
import { type RunningService, startService } from '../../support/running-service.js';
import { sharedPostgres, TEMPLATE } from '../../support/shared-postgres.js';
import { directEnvironment, startWorld, untilReady, type World } from '../../support/world.js';
import { CLIENT } from '../osia/set-up.js';

const folder = temporaryFolder();
let world: World;
let osia: OsiaPeer;
let environment: Readonly<Record<string, string>>;

afterAll(() => folder.remove());

beforeEach(async () => {
  world = await startWorld();
  osia = await new OsiaPeer(CLIENT).start();
  await execute(sharedPostgres(), `create database drill template ${TEMPLATE}`);
}, 60_000);

afterEach(async () => {
  await Promise.all([world.stop(), osia.stop()]);
  await execute(sharedPostgres(), 'drop database if exists drill with (force)', 'drop database if exists drill_backup');
});

async function start(): Promise<RunningService> {
  const running = await startService(world, environment);
  await untilReady(world.port);
  await world.mosip.until(() => environment['NATIONAL_ID_SYSTEM'] !== 'mosip' || world.mosip.hub.subscribers === 1);
  return running;
}

async function deliver({ body }: Birth): Promise<void> {
  world.opencrvs.records.load(body);
  const response = await postWebhook(world.port, body, world.opencrvs.system.shaSecret);
  expect(response.status).toBe(200);
}

interface Side {
  readonly name: string;
  readonly environment: () => Readonly<Record<string, string>>;
  /** How many identities were made. */
  readonly identities: () => number;
  /** What the people of the national ID system do, where an answer that is lost comes by itself no more. */
  readonly sendAgain?: () => void;
}

const SIDES: readonly Side[] = [
  {
    name: 'MOSIP',
    environment: () => ({ NATIONAL_ID_SYSTEM: 'mosip' }),
    identities: () => [...world.mosip.issued.values()].reduce((sum, { count }) => sum + count, 0),
    sendAgain: () => {
      for (const registrationId of world.mosip.issued.keys()) world.mosip.resend(registrationId);
    },
  },
  {
    name: 'a FHIR server',
    environment: () => world.fhirEnvironment,
    identities: () => world.fhir.patients.length,
  },
  {
    name: 'an OSIA system',
    environment: () => ({
      NATIONAL_ID_SYSTEM: 'osia',
      OSIA_BASE_URL: osia.baseUrl,
      OSIA_TOKEN_URL: osia.tokenUrl,
      OSIA_CLIENT_ID: CLIENT.clientId,
      OSIA_CLIENT_SECRET: CLIENT.clientSecret,
    }),
    identities: () => osia.uins.length,
  },
];

test.each(SIDES)(
  'a store from an older backup makes no second identity at $name',
  async (side) => {
    const url = new URL(sharedPostgres());
    url.pathname = '/drill';
    environment = {
      ...world.environment,
      ...directEnvironment(world),
      ...side.environment(),
      OPENHIM_REGISTER: 'false',
      OPENCRVS_WEBHOOKS_URL: '',
      DATABASE_URL: url.toString(),
    };
    const [before, after] = [birthNumber(1), birthNumber(2)];

    let running = await start();
    await deliver(before);
    await running.logged('event.settled', before.registrationNumber);
    await running.service.stop();
    await execute(sharedPostgres(), 'create database drill_backup template drill');

    running = await start();
    await deliver(after);
    await running.logged('event.settled', after.registrationNumber);
    await running.service.stop();
    expect(side.identities()).toBe(2);

    // The disaster, and what `pg_restore` would do: the second birth is not here any more.
    await execute(sharedPostgres(), 'drop database drill', 'create database drill template drill_backup');
    running = await start();
    const file = join(folder.path, 'export.ndjson');
    writeFileSync(file, [before, after].map(({ body }) => JSON.stringify(body)).join('\n'));
    const reconciled = await run(['reconcile', '--from', file, '--json'], { environment });
    expect(reconciled).toMatchObject({ code: 0, said: '' });
    expect(JSON.parse(reconciled.out)).toMatchObject({
      listed: 2,
      here: 1,
      taken: 1,
      found: [{ type: 'birth', registrationNumber: after.registrationNumber, result: 'taken' }],
    });
    if (side.sendAgain !== undefined) {
      await running.logged('event.submitted', after.registrationNumber);
      side.sendAgain();
    }
    await running.logged('event.settled', after.registrationNumber);
    await running.service.stop();
    expect(side.identities()).toBe(2);
    const written = world.opencrvs.countryConfig.identities.get(after.registrationNumber);
    expect(written?.MOSIP_PSUT_TOKEN_ID ?? written?.MOSIP_AID).toBeDefined();
  },
  120_000,
);
