import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { OsiaPeer } from '../../peers/osia-peer.js';
import { birthNumber } from '../../support/births.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { startWorld, type World } from '../../support/world.js';
import { CLIENT } from './set-up.js';

let world: World;
let osia: OsiaPeer;
let running: RunningService;

beforeAll(async () => {
  world = await startWorld();
  osia = await new OsiaPeer(CLIENT).start();
  running = await startSettledService(world, {
    NATIONAL_ID_SYSTEM: 'osia',
    OSIA_BASE_URL: osia.baseUrl,
    OSIA_TOKEN_URL: osia.tokenUrl,
    OSIA_CLIENT_ID: CLIENT.clientId,
    OSIA_CLIENT_SECRET: CLIENT.clientSecret,
    OSIA_NOTIFY: 'true',
  });
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await osia.stop();
  await world.stop();
});

test('a birth that OpenCRVS tells is a person at the OSIA system, and settled', async () => {
  const { registrationNumber, body } = birthNumber(1);
  await world.opencrvs.deliver(body);
  await running.logged('event.settled', registrationNumber);

  const [person] = osia.population.all;
  expect(person && osia.population.attributesOf(person)).toMatchObject({ birthRegistrationNumber: registrationNumber });
  expect(osia.notification.published).toMatchObject([{ topic: 'liveBirth', message: { uin: person?.personId } }]);
});

test.each([
  { name: 'the UIN service is away', at: '/v1/uin', fault: { status: 503 } },
  { name: 'the registry is away after the number was given', at: '/reference', fault: { kind: 'reset' } },
] as const)('$name for a while: everything settles by itself, with one number each', async ({ at, fault }) => {
  const births = [1, 2, 3].map((serial) => birthNumber(at.length * 100 + serial));
  const before = osia.uins.length;
  osia.fail(at, fault);
  for (const { body } of births) await world.opencrvs.deliver(body);
  for (const { registrationNumber } of births) await running.logged('submit.retried', registrationNumber);
  osia.heal();
  for (const { registrationNumber } of births) await running.logged('event.settled', registrationNumber);
  expect(osia.uins).toHaveLength(before + births.length);
});

test('a number whose answer was lost is asked for by nobody any more', async () => {
  const { registrationNumber, body } = birthNumber(9000);
  const before = osia.uins.length;
  osia.fail('/v1/uin', { kind: 'cut' }, 1);
  await world.opencrvs.deliver(body);
  await running.logged('event.stuck', registrationNumber);
  expect(running.lines.find((line) => line.includes(registrationNumber) && line.includes('event.stuck'))).toContain(
    'outcome_unknown',
  );
  expect(osia.uins).toHaveLength(before + 1);
});
