import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type describeSystems, OFFERED } from '../../../src/national-id/describe-systems.js';
import { run } from '../../fakes/memory-terminal.js';
import { fixture } from '../../support/fixtures.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { startWorld, type World } from '../../support/world.js';
import { OPERATORS } from './set-up.js';

const NUMBER = '2024BQX7T4N';
let world: World;
let running: RunningService;

beforeAll(async () => {
  world = await startWorld();
  running = await startSettledService(world, {
    OPERATOR_USERNAME: OPERATORS.username,
    OPERATOR_PASSWORD: OPERATORS.password,
  });
}, 60_000);
afterAll(async () => {
  await running.service.stop();
  await world.stop();
});

test('an operator follows a birth through the whole service', async () => {
  await world.opencrvs.deliver(fixture('opencrvs/birth-registered.webhook.json'));
  await running.logged('event.settled', NUMBER);
  const environment = {
    PORT: String(world.port),
    OPERATOR_USERNAME: OPERATORS.username,
    OPERATOR_PASSWORD: OPERATORS.password,
  };
  const { code, out } = await run(['events', 'show', NUMBER], { environment });
  expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('Where      It is finished') });
  // It came through OpenHIM, so the history names the transaction.
  expect(out).toMatch(/arrived from OpenCRVS: waits to be sent, OpenHIM [0-9a-f]{24}/);
  expect(running.lines.filter((line) => line.includes(OPERATORS.password))).toEqual([]);
}, 30_000);

test('the settings report tells where the values of this service come from', async () => {
  const authorization = `Basic ${Buffer.from(`${OPERATORS.username}:${OPERATORS.password}`).toString('base64')}`;
  const response = await fetch(`http://127.0.0.1:${world.port}/operator/settings`, { headers: { authorization } });
  expect(await response.json()).toMatchObject({
    settings: expect.arrayContaining([{ name: 'LOG_LEVEL', consoleName: 'logLevel', source: 'environment' }]),
  });
});

test('what each configured system can do is among what the table of systems offers', async () => {
  const environment = { ...world.environment, FHIR_BASE_URL: world.fhir.baseUrl, FHIR_AUTH: 'none' };
  const { code, out, said } = await run(['systems', '--json'], { environment });
  expect({ code, said }).toEqual({ code: 0, said: '' });
  const { systems } = JSON.parse(out) as { systems: Awaited<ReturnType<typeof describeSystems>> };
  expect(systems.map(({ name, configured, current }) => [name, configured, current])).toEqual([
    ['mosip', true, true],
    ['osia', false, false],
    ['fhir', true, false],
    ['rest', false, false],
  ]);
  for (const { name, capabilities } of systems)
    expect(OFFERED[name]).toEqual(expect.arrayContaining([...capabilities]));
});
