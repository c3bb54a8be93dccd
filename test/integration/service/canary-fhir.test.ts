import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { birthNumber } from '../../support/births.js';
import { CANARY, canaryBirth, QUOTED } from '../../support/canary.js';
import { createCertifiedKey, toPkcs12 } from '../../support/certificates.js';
import { LeakWatch } from '../../support/leak-watch.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { selfSigned } from '../../support/self-signed.js';
import { FHIR_CLIENT, startWorld, type World } from '../../support/world.js';

/** A server that fails and quotes what it was sent. */
const FAULT = { status: 500, body: QUOTED } as const;
const REFUSAL = {
  status: 422,
  body: JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'invalid', diagnostics: QUOTED }],
  }),
} as const;

const KEY_PASSWORD = 'the password of the client key of the tests';
const folder = mkdtempSync(join(tmpdir(), 'canary-fhir-'));
const authorities = getCACertificates();

let world: World;
let running: RunningService;
let watch: LeakWatch;

/** A call of a FHIR client, through OpenHIM. */
function fhir(path: string, init: { method?: string; body?: string; type?: string } = {}): Promise<Response> {
  const { type = 'application/fhir+json', ...rest } = init;
  const credentials = Buffer.from(`${FHIR_CLIENT.id}:${FHIR_CLIENT.password}`).toString('base64');
  const headers = { authorization: `Basic ${credentials}`, 'content-type': type };
  return watch.call(world.router.url, `/fhir${path}`, { ...rest, headers });
}

/** A child as OpenCRVS holds it, every personal value a canary. */
function canaryPatient(serial: number): string {
  world.opencrvs.records.load(canaryBirth(serial));
  return JSON.stringify(world.opencrvs.records.get(birthNumber(serial).childId));
}

const numberOf = (serial: number): string => birthNumber(serial).registrationNumber;

/** A FHIR server that lets in who has both a certificate and a token. */
beforeAll(async () => {
  const [server, client] = [selfSigned(), createCertifiedKey()];
  setDefaultCACertificates([...authorities, server.cert]);
  world = await startWorld({
    opencrvs: { tokenMode: 'query' },
    fhir: {
      tls: { ...server, clientCa: client.certificate },
      auth: {
        kind: 'client-credentials',
        clientId: 'mediator',
        clientSecret: 'the secret of the FHIR client of the tests',
        scope: 'system/Patient.read system/Patient.write',
        sendIn: 'body',
      },
    },
  });
  const keyFile = join(folder, 'client.p12');
  writeFileSync(keyFile, toPkcs12(client, KEY_PASSWORD), { mode: 0o600 });
  const changes = {
    ...world.fhirEnvironment,
    OPENCRVS_WRITE_BACK: 'openhim-fhir',
    NATIONAL_ID_CLIENT_KEY_FILE: keyFile,
    NATIONAL_ID_CLIENT_KEY_PASSWORD: KEY_PASSWORD,
  };
  running = await startSettledService(world, changes);
  watch = new LeakWatch({ world, running, environment: { ...world.environment, ...changes } });
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await world.stop();
  setDefaultCACertificates(authorities);
  rmSync(folder, { recursive: true });
});

test('a birth on the straight way', async () => {
  await world.opencrvs.deliver(canaryBirth(1));
  await running.logged('event.settled', numberOf(1));
  expect((await running.readiness()).checks['client-certificate']).toMatchObject({ state: 'ok' });
});

test('the server fails, and then refuses', async () => {
  world.fhir.fail('/Patient', FAULT, 1);
  world.fhir.fail('/Patient', REFUSAL, 1);
  await world.opencrvs.deliver(canaryBirth(2));
  await running.logged('event.refused', numberOf(2));
});

test('the way back fails', async () => {
  world.opencrvs.fhir.fail(({ method }) => method === 'PUT', FAULT, 1);
  await world.opencrvs.deliver(canaryBirth(3));
  await running.logged('deliver.retried', numberOf(3));
  await running.logged('event.settled', numberOf(3));
});

test('a Patient is made, read and searched through the proxy', async () => {
  const created = await fhir('/Patient', { method: 'POST', body: canaryPatient(4) });
  expect(created.status).toBe(201);
  const { id } = z.object({ id: z.string() }).parse(await created.json());
  expect(await (await fhir(`/Patient/${id}`)).text()).toContain(CANARY.given);
  const type = 'application/x-www-form-urlencoded';
  const body = `identifier=${CANARY.nationalId}`;
  expect((await fhir('/Patient/_search', { method: 'POST', type, body })).status).toBe(200);
  expect((await fhir(`/Patient?identifier=${CANARY.nationalId}`)).status).toBe(200);
});

test.each([
  { name: 'an error', fault: FAULT, times: 1, status: 502 },
  { name: 'a refusal of our token', fault: { status: 401, body: QUOTED }, times: 1, status: 201 },
  { name: 'a refusal of every token', fault: { status: 401, body: QUOTED }, times: 2, status: 502 },
  { name: 'a refusal that is no FHIR', fault: { status: 403, body: QUOTED }, times: 1, status: 502 },
  { name: 'a lost connection', fault: { kind: 'reset' }, times: 1, status: 502 },
] as const)('the proxy meets $name', async ({ fault, times, status }) => {
  world.fhir.fail('/Patient', fault, times);
  expect((await fhir('/Patient', { method: 'POST', body: canaryPatient(5) })).status).toBe(status);
});

test.each([
  { name: 'no JSON', path: '/Patient', body: `{"${CANARY.family}": ${QUOTED}`, status: 400 },
  { name: 'an address that leads out', path: `/${CANARY.family}%2F..?name=${CANARY.given}`, body: '{}', status: 400 },
])('a client sends $name', async ({ path, body, status }) => {
  expect((await fhir(path, { method: 'POST', body })).status).toBe(status);
});

test('OpenHIM could store every answer, with the call behind it', () => {
  const { transactions } = world.router;
  expect(transactions.flatMap(({ faults }) => faults)).toEqual([]);
  const proxied = transactions.filter(({ request }) => request.path.startsWith('/fhir/Patient'));
  const names = proxied.map(({ orchestrations }) =>
    orchestrations.slice(0, -1).map((one) => z.looseObject({ name: z.string() }).parse(one).name),
  );
  const [get, post, again] = [['proxy-get'], ['proxy-post'], ['proxy-post', 'token', 'proxy-post']];
  expect(names).toEqual([['token', 'proxy-post'], get, post, get, post, again, again, post, post, []]);
});

test('after all this, nothing of a person and no secret can be seen anywhere', async () => {
  // The token endpoint takes its secret in the query, and a search by GET has the address that the client chose.
  expect(await watch.leaks((path) => path === '/token' || path === '/fhir/Patient')).toEqual([]);
  await running.service.stop();
  expect(watch.leaksInStore()).toEqual([]);
});
