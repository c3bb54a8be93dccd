import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { IDA_PATH } from '../../peers/mosip-ida.js';
import { CANARY, QUOTED } from '../../support/canary.js';
import { firstFound, firstOffer, issueCode, numberOf } from '../../support/fhir-answers.js';
import { LeakWatch, leaksIn } from '../../support/leak-watch.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { startWorld, type World } from '../../support/world.js';
import { BRN, byIdentifier, FORM, fhirClient, matchOf, NID } from './client.js';

const NUMBER = '2024BFHIR01';
const CHILD = {
  resourceType: 'Patient',
  identifier: [{ system: BRN, value: NUMBER }],
  name: [{ use: 'official', family: CANARY.family, given: [CANARY.given] }],
  gender: 'female',
  birthDate: CANARY.birthDate,
  address: [{ line: ['Canarystreet'], city: 'Canarycity' }],
};

const folder = mkdtempSync(join(tmpdir(), 'mediator-facade-'));
let world: World;
let running: RunningService;
let watch: LeakWatch;
let client: ReturnType<typeof fhirClient>;

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

beforeAll(async () => {
  world = await startWorld();
  const ida = world.mosip.ida.settings(world.mosip.url);
  const environment = {
    OPENCRVS_WRITE_BACK: 'none',
    OPENHIM_REPORT_OUTCOME: 'true',
    MOSIP_ID_REPOSITORY_URL: `${world.mosip.url}/idrepository/v1`,
    MOSIP_MISP_LICENCE_KEY: ida.licenceKey,
    MOSIP_PARTNER_API_KEY: ida.partnerApiKey,
    MOSIP_IDA_CERT_FILE: file('ida.pem', ida.certificate),
    MOSIP_SIGNING_KEY_FILE: file('signing.pem', ida.signingKey),
    MOSIP_SIGNING_CERT_FILE: file('signing-cert.pem', ida.signingCertificate),
    MOSIP_IDA_DOMAIN_URI: ida.domainUri,
  };
  running = await startSettledService(world, environment);
  watch = new LeakWatch({ world, running, environment: { ...world.environment, ...environment } });
  client = fhirClient(world, (base, path, init) => watch.call(base, path, init));
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

let uin: string;

test('a birth through OpenHIM is issued once, its transaction ends with it, and its Task tells', async () => {
  const first = await client.through('POST', '/Patient', CHILD);
  expect(first.status).toBe(202);
  const eventId = issueCode(first.body);
  const location = first.headers.get('location') ?? '';
  expect(location).toBe(`${world.router.url}/fhir/Task/${eventId}`);
  const repeat = await client.directly('POST', '/Patient', CHILD);
  expect(repeat.body).toEqual(first.body);

  await running.logged('event.settled', NUMBER);
  expect(world.mosip.identities).toBe(1);
  expect((await client.through('GET', `/Task/${eventId}`)).body).toMatchObject({ id: eventId, status: 'completed' });
  await world.router.until(() => world.router.transactions.some(({ status }) => status === 'Successful'));
});

test('who was born is found by the number of the registration, and read by an id', async () => {
  const { status, body } = await client.directly('POST', '/Patient/_search', byIdentifier(BRN, NUMBER), FORM);
  expect(status).toBe(200);
  const { fullUrl, resource } = firstFound(body);
  uin = numberOf(resource, NID);
  expect(world.mosip.processor.identities.find(uin)).toBeDefined();
  expect(resource).toMatchObject({ active: true, birthDate: CANARY.birthDate, gender: 'female' });
  expect(fullUrl).not.toContain(uin);
  expect((await client.through('GET', new URL(fullUrl).pathname.replace('/fhir', ''))).body).toEqual(resource);
});

test('a claim is compared, not looked up', async () => {
  const claim = { ...CHILD, identifier: [{ system: NID, value: uin }] };
  const { body } = await client.through('POST', '/Patient/$match', matchOf(claim));
  expect(body).toMatchObject({ total: 1, entry: [{ search: { score: 1, extension: [{ valueCode: 'certain' }] } }] });
  const { address: _, name, ...rest } = claim;
  const held = { ...rest, name: [{ family: CANARY.family, given: [CANARY.given] }] };
  expect(body).toHaveProperty('entry.0.resource', held);
  const other = await client.directly('POST', '/Patient/$match', matchOf({ ...claim, birthDate: '2018-01-01' }));
  expect(other).toMatchObject({ status: 200, body: { total: 0 } });
  expect(other.body).not.toHaveProperty('entry');
  expect(await client.directly('POST', '/Patient/$match', matchOf(CHILD))).toMatchObject({ status: 501 });
});

test('an orchestration shows the calls, without the person', async () => {
  const claim = { ...CHILD, identifier: [{ system: NID, value: uin }] };
  const transaction = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };
  const { body } = await client.directly('POST', '/Patient/$match', matchOf(claim), transaction);
  expect(body).toMatchObject({ status: 'Successful', orchestrations: [{ request: { path: IDA_PATH } }] });
  const { orchestrations } = z.looseObject({ orchestrations: z.unknown() }).parse(body);
  expect(leaksIn([{ where: 'orchestrations', text: JSON.stringify(orchestrations) }], watch.canaries())).toEqual([]);
});

test('MOSIP that fails is 503, never an empty set, and what it quotes is not told', async () => {
  const claim = { ...CHILD, identifier: [{ system: NID, value: uin }] };
  world.mosip.fail(({ path }) => path.startsWith(IDA_PATH), { status: 500, body: QUOTED }, 1);
  const answer = await client.through('POST', '/Patient/$match', matchOf(claim));
  expect(answer).toMatchObject({ status: 503, body: { resourceType: 'OperationOutcome' } });
  expect((await client.directly('POST', '/Patient', { ...CHILD, gender: CANARY.family })).status).toBe(422);
  expect((await client.directly('GET', `/Patient?identifier=${CANARY.family}`)).status).toBe(400);
  expect((await client.directly('GET', `/Patient?family=${CANARY.family}`)).status).toBe(501);
});

test('a death of who was found ends the identity', async () => {
  const { body } = await client.directly('POST', '/Patient/_search', byIdentifier(NID, uin), FORM);
  const { resource } = firstFound(body);
  const dead = { ...resource, deceasedDateTime: '2024-03-02' };
  expect(await client.through('PUT', `/Patient/${resource.id}`, dead)).toMatchObject({ status: 202 });
  await running.logged('event.settled', `fhir:${resource.id}`);
  expect((await client.directly('GET', `/Patient/${resource.id}`)).body).toMatchObject({ active: false });
});

test('the statement tells what this MOSIP can do', async () => {
  const { body } = await client.through('GET', '/metadata');
  const { codes, operation } = firstOffer(body);
  expect(codes).toEqual(['read', 'search-type', 'create', 'update']);
  expect(operation).toMatchObject([{ name: 'match', documentation: expect.stringContaining('what was sent') }]);
});

test('after all this, nothing of a person can be seen', async () => {
  const leaks = await watch.leaks();
  // The address of identity authentication holds the keys, by MOSIP's design.
  expect(leaks.filter((leak) => !leak.includes(`MosipPeer: ${IDA_PATH}`))).toEqual([]);
  await running.service.stop();
  expect(watch.leaksInStore()).toEqual([]);
});
