import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signWebhook } from '../../../src/opencrvs/signature.js';
import { errorReply } from '../../peers/mosip-auth.js';
import { signDelivery } from '../../peers/mosip-credential.js';
import { HUB_SECRET } from '../../peers/mosip-settings.js';
import { birthNumber } from '../../support/births.js';
import { CANARY, canaryBirth, canaryDeath, PERSONAL_CANARIES, QUOTED } from '../../support/canary.js';
import { LeakWatch, leaksIn } from '../../support/leak-watch.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { INBOUND, startWorld, type World } from '../../support/world.js';
import { MAPPINGS_DIR } from '../mosip/set-up.js';

const WORKFLOW = '/workflowinstance';
const COUNTRY_CONFIG = '/mosip-openhim-mediator';
/** A system that fails and quotes what it was sent. */
const FAULT = { status: 500, body: QUOTED } as const;

const folder = temporaryFolder();

/** The shipped mappings, but that a birth's packet carries the content of its document. */
function passingMappings(): string {
  cpSync(MAPPINGS_DIR, folder.path, { recursive: true });
  const file = join(folder.path, 'mosip', 'birth.jsonata');
  const proof = '"proofOfIdentity": event.documents[0].{ "type": kind, "format": "png", "document": content }';
  writeFileSync(file, readFileSync(file, 'utf8').replace('"birthCertificateNumber":', `${proof}, $&`));
  return folder.path;
}

let world: World;
let running: RunningService;
let watch: LeakWatch;

const numberOf = (serial: number): string => birthNumber(serial).registrationNumber;

beforeAll(async () => {
  world = await startWorld();
  running = await startSettledService(world, {
    MAPPINGS_DIR: passingMappings(),
    NATIONAL_ID_DOCUMENTS: 'passed-on',
  });
  watch = new LeakWatch({ world, running, environment: world.environment });
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await world.stop();
  await folder.remove();
});

test('the search finds what it is to find', () => {
  const outputs = [canaryBirth(1), canaryDeath()].map((body) => ({ where: 'a body', text: JSON.stringify(body) }));
  const found = leaksIn(outputs, PERSONAL_CANARIES).map((leak) => leak.split(' in ')[0]);
  // Dates stand twice among the canaries, and in a body as OpenCRVS writes them.
  const expected = PERSONAL_CANARIES.filter((canary) => !canary.includes('/')).map((canary) => canary.toLowerCase());
  expect(new Set(found)).toEqual(new Set(expected));
});

test('births and a death on the straight way', async () => {
  await world.opencrvs.deliver(canaryBirth(1), { times: 2 });
  await running.logged('event.settled', numberOf(1));
  await world.opencrvs.deliver(canaryDeath());
  await running.logged('event.settled', '2024DKM3W9C');
});

test('the document in a birth went to MOSIP, as is declared', async () => {
  const [packet] = world.mosip.requestsTo('createPacket');
  expect(JSON.parse(String(packet?.body))).toMatchObject({
    request: { documents: { proofOfIdentity: { type: 'NATIONAL_ID', format: 'png', document: CANARY.document } } },
  });
  expect((await running.readiness()).checks['biometrics']).toMatchObject({ state: 'ok', detail: 'passed-on' });
  const credentials = Buffer.from(`${INBOUND.username}:${INBOUND.password}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}` };
  const statement = await watch.call(`http://127.0.0.1:${world.port}`, '/fhir/metadata', { headers });
  expect(await statement.text()).toContain('Biometrics: passed-on.');
});

test('MOSIP fails, and then refuses', async () => {
  world.mosip.fail('/createPacket', FAULT, 1);
  world.mosip.fail('/createPacket', { kind: 'garbage' }, 1);
  world.mosip.fail(WORKFLOW, errorReply('RPR-WIN-002', QUOTED), 1);
  world.mosip.fail(WORKFLOW, errorReply('RPR-WIN-001', QUOTED), 1);
  await world.opencrvs.deliver(canaryBirth(2));
  await running.logged('event.refused', numberOf(2));
});

test('the way back fails, and then refuses', async () => {
  const { countryConfig, auth } = world.opencrvs;
  countryConfig.fail(COUNTRY_CONFIG, FAULT, 1);
  countryConfig.fail(COUNTRY_CONFIG, { status: 401, body: QUOTED }, 2);
  auth.fail('/authenticateSystemClient', { status: 500, body: world.opencrvs.system.clientSecret }, 1);
  countryConfig.fail(COUNTRY_CONFIG, { status: 400, body: QUOTED }, 1);
  await world.opencrvs.deliver(canaryBirth(3));
  await running.logged('event.stuck', numberOf(3));
});

test('a record that cannot be read', async () => {
  const text = JSON.stringify(canaryBirth(4)).replace(CANARY.birthDate, CANARY.family);
  await world.opencrvs.deliver(JSON.parse(text));
  await running.logged('intake.parked', numberOf(4));
});

test('a webhook with a wrong signature', async () => {
  const [report] = await world.opencrvs.deliver(canaryBirth(5), { secret: 'another secret' });
  watch.note('the answer to a wrong signature', String(report?.body));
  expect(report?.status).toBe(401);
});

test.each([
  { name: 'no JSON', body: `{"${CANARY.family}": ${QUOTED}`, status: 400 },
  { name: 'another object', body: JSON.stringify({ [CANARY.family]: QUOTED }), status: 422 },
  { name: 'a text', body: JSON.stringify(QUOTED), status: 422 },
])('a signed webhook whose body is $name', async ({ body, status }) => {
  const signature = signWebhook(Buffer.from(body), world.opencrvs.system.shaSecret);
  const headers = { 'content-type': 'application/json', 'x-hub-signature': signature };
  const response = await watch.call(world.router.url, '/opencrvs/webhooks', { method: 'POST', headers, body });
  expect(response.status).toBe(status);
});

test('callbacks that cannot be opened, or have a wrong signature', async () => {
  const data = { credential: Buffer.from(QUOTED).toString('base64') };
  const body = JSON.stringify({ topic: 'any', event: { id: 'delivery-1', data } });
  const statuses: number[] = [];
  for (const secret of [HUB_SECRET, 'another secret']) {
    const headers = { 'content-type': 'application/json', 'x-hub-signature': signDelivery(Buffer.from(body), secret) };
    const init = { method: 'POST', headers, body };
    statuses.push((await watch.call(world.router.url, '/national-id/callback/', init)).status);
  }
  expect(statuses).toEqual([200, 401]);
  await running.logged('callback.unreadable');
});

test.each([
  { path: `/${CANARY.family}?name=${CANARY.given}`, status: 404 },
  { path: `/fhir/Patient/${CANARY.family}?identifier=${CANARY.nationalId}`, status: 401 },
  { path: `/fhir/%E0%A4%A/${CANARY.family}`, status: 400 },
  { path: `/opencrvs/webhooks?mode=subscribe&challenge=${CANARY.given}&topic=${CANARY.family}`, status: 404 },
  { path: `/national-id/callback?hub.mode=${CANARY.given}&hub.topic=${CANARY.family}`, status: 400 },
])('a stranger asks for $path', async ({ path, status }) => {
  const credentials = Buffer.from(`stranger:${CANARY.given}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}`, cookie: `name=${CANARY.family}` };
  expect((await watch.call(`http://127.0.0.1:${world.port}`, path, { headers })).status).toBe(status);
});

test('OpenHIM core fails, and quotes our password', async () => {
  world.core.fail('/heartbeat', { status: 500, body: world.core.password }, 1);
  running.clock.jump(10_000);
  await running.logged('openhim.failed');
});

test('after all this, nothing of a person and no secret can be seen anywhere', async () => {
  const { headers } = world.opencrvs.countryConfig.received[0] ?? {};
  expect(watch.canaries()).toContain(String(headers?.['authorization']).replace('Bearer ', ''));
  expect(await watch.leaks()).toEqual([]);
  await running.service.stop();
  expect(watch.leaksInStore()).toEqual([]);
});
