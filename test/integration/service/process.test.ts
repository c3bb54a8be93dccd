import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Birth, birthNumber, postWebhook } from '../../support/births.js';
import { tells } from '../../support/running-service.js';
import { type ServiceProcess, startProcess } from '../../support/service-process.js';
import { until } from '../../support/until.js';
import { directEnvironment, startWorld, type World } from '../../support/world.js';

const WORKFLOW = '/workflowinstance';

let world: World;
let environment: Readonly<Record<string, string>>;
let mediator: ServiceProcess;

/** Every process so far: an event may settle in the last moments of an earlier one. */
const started: ServiceProcess[] = [];

function start(): ServiceProcess {
  const process = startProcess(environment);
  started.push(process);
  return process;
}

/** Delivers a birth whose workflow MOSIP starts without ever answering, and waits until MOSIP was asked. */
async function deliverUnanswered(birth: Birth): Promise<void> {
  const before = world.mosip.requestsTo(WORKFLOW).length;
  world.mosip.fail(WORKFLOW, { kind: 'hang-after' }, 1);
  world.opencrvs.records.load(birth.body);
  const response = await postWebhook(world.port, birth.body, world.opencrvs.system.shaSecret);
  expect(response.status).toBe(200);
  await world.mosip.until(() => world.mosip.requestsTo(WORKFLOW).length > before);
}

async function expectOneIdentity({ registrationNumber }: Birth): Promise<void> {
  await until(
    () => started.some(({ lines }) => lines.some((line) => tells(line, 'event.settled', registrationNumber))),
    `${registrationNumber} is settled`,
  );
  const own = [...world.mosip.issued.values()].filter((one) => one.birthCertificateNumber === registrationNumber);
  expect(own).toEqual([expect.objectContaining({ count: 1 })]);
  const written = world.opencrvs.countryConfig.identities.get(registrationNumber);
  expect(written?.MOSIP_PSUT_TOKEN_ID).toBe(own[0]?.vid);
}

beforeAll(async () => {
  world = await startWorld();
  // A submission in hand ends by its time limit: that of the stop is 25 s.
  environment = { ...world.environment, ...directEnvironment(world), CALL_TIMEOUT_MS: '3000' };
  mediator = start();
  await mediator.answers('/health/ready');
  await world.mosip.until(() => world.mosip.hub.subscribers === 1);
}, 60_000);

afterAll(async () => {
  await mediator.end('SIGKILL');
  await world.stop();
});

test('a second start on the same data ends with code 78 and says why', async () => {
  const second = startProcess({ ...environment, PORT: '0' });
  expect(await second.exited).toEqual({ code: 78, signal: null });
  expect(second.errors).toEqual(['DATA_DIR is in use by another process.']);
});

test('SIGTERM with a submission in hand: exit code 0 in time, and the next start goes on', async () => {
  world.mosip.hold();
  await deliverUnanswered(birthNumber(1));
  const signalledAt = Date.now();
  expect(await mediator.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(Date.now() - signalledAt).toBeLessThan(25_000);
  // The credential comes while nobody is there to take it.
  world.mosip.release();
  await world.mosip.until(() => world.mosip.hub.undelivered === 1);

  mediator = start();
  await mediator.answers('/health/live');
  expect(mediator.processorMs() ?? 0).toBeLessThan(2_000);
  await expectOneIdentity(birthNumber(1));
}, 40_000);

test('a second SIGTERM ends at once, and nothing is lost either', async () => {
  await deliverUnanswered(birthNumber(2));
  const ended = mediator.end('SIGTERM');
  await until(() => mediator.lines.some((line) => tells(line, 'service.stopping')), 'the mediator is stopping');
  // Code 1, not 0: it did not wait for the submission in hand.
  await mediator.end('SIGTERM');
  expect(await ended).toEqual({ code: 1, signal: null });

  mediator = start();
  // It may have settled in the last moments of the former one.
  await mediator.answers('/health/live');
  await expectOneIdentity(birthNumber(2));
  expect(await mediator.end('SIGTERM')).toEqual({ code: 0, signal: null });
}, 40_000);
