import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OsiaPeer } from '../../peers/osia-peer.js';
import { RestRegistryPeer } from '../../peers/rest-registry-peer.js';
import { firstFound, firstOffer, numberOf } from '../../support/fhir-answers.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { startWorld, type World } from '../../support/world.js';
import { CLIENT } from '../osia/set-up.js';
import { SECRETS } from '../rest/set-up.js';
import { BRN, byIdentifier, FORM, fhirClient, matchOf, NID } from './client.js';

const NUMBER = '2024BFHIR02';
const CHILD = {
  resourceType: 'Patient',
  identifier: [{ system: BRN, value: NUMBER }],
  name: [{ use: 'official', family: 'Phiri', given: ['Thandiwe'] }],
  gender: 'female',
  birthDate: '2004-01-28',
};
const REST_FILE = join(import.meta.dirname, '..', '..', '..', 'config', 'rest', 'registry.yaml');

let world: World;
let running: RunningService;
let client: ReturnType<typeof fhirClient>;

beforeEach(async () => {
  world = await startWorld();
  client = fhirClient(world);
});
afterEach(async () => {
  await running.service.stop();
  await world.stop();
});

async function start(environment: Readonly<Record<string, string>>): Promise<void> {
  running = await startSettledService(world, { OPENCRVS_WRITE_BACK: 'none', ...environment });
}

/** The only person who is found by the number of the registration: its id, and its number. */
async function found(registration: string): Promise<{ id: string; number: string }> {
  const { body } = await client.through('POST', '/Patient/_search', byIdentifier(BRN, registration), FORM);
  const { resource } = firstFound(body);
  return { id: resource.id, number: numberOf(resource, NID) };
}

describe('OSIA', () => {
  let osia: OsiaPeer;
  beforeEach(async () => {
    osia = await new OsiaPeer(CLIENT).start();
    await start({
      NATIONAL_ID_SYSTEM: 'osia',
      OSIA_BASE_URL: osia.baseUrl,
      OSIA_TOKEN_URL: osia.tokenUrl,
      OSIA_CLIENT_ID: CLIENT.clientId,
      OSIA_CLIENT_SECRET: CLIENT.clientSecret,
    });
  }, 60_000);
  afterEach(() => osia.stop());

  test('a birth by transaction, found, matched, and its death by batch', async () => {
    const entry = [{ resource: CHILD, request: { method: 'POST', url: 'Patient' } }];
    const submitted = await client.through('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect(submitted.body).toMatchObject({
      type: 'transaction-response',
      entry: [{ response: { status: '202 Accepted' } }],
    });
    await running.logged('event.settled', NUMBER);

    const { id, number: uin } = await found(NUMBER);
    expect(uin).toBe(osia.uins[0]);
    const matched = await client.through('POST', '/Patient/$match', matchOf(CHILD));
    expect(matched.body).toMatchObject({ total: 1, entry: [{ search: { score: 1 } }] });

    osia.fail('/v1/persons', { status: 503 });
    const away = await client.directly('POST', '/Patient/$match', matchOf(CHILD));
    expect(away).toMatchObject({ status: 503, body: { resourceType: 'OperationOutcome' } });
    osia.heal();

    const dead = { resourceType: 'Patient', deceasedDateTime: '2024-03-02' };
    const death = [{ resource: dead, request: { method: 'PUT', url: `Patient?identifier=${NID}|${uin}` } }];
    const ended = await client.through('POST', '', { resourceType: 'Bundle', type: 'batch', entry: death });
    expect(ended.body).toMatchObject({ type: 'batch-response', entry: [{ response: { status: '202 Accepted' } }] });
    await running.logged('event.settled', `fhir:${id}`);
  }, 60_000);
});

describe('a registry of its own (REST)', () => {
  let peer: RestRegistryPeer;
  beforeEach(async () => {
    peer = await new RestRegistryPeer({
      clientId: SECRETS['REGISTRY_CLIENT_ID'] ?? '',
      clientSecret: SECRETS['REGISTRY_CLIENT_SECRET'] ?? '',
      callbackKey: SECRETS['REGISTRY_CALLBACK_KEY'] ?? '',
      decides: true,
    }).start();
    peer.callbackUrl = `http://127.0.0.1:${world.port}/national-id/callback`;
    await start({ NATIONAL_ID_SYSTEM: 'rest', REST_CONFIG_FILE: REST_FILE, REST_BASE_URL: peer.baseUrl, ...SECRETS });
  }, 60_000);
  afterEach(() => peer.stop());

  test('a birth, and what is asked about persons as far as the file describes it', async () => {
    expect((await client.through('POST', '/Patient', CHILD)).status).toBe(202);
    await running.logged('event.settled', NUMBER);
    const { codes, operation } = firstOffer((await client.directly('GET', '/metadata')).body);
    const number = peer.persons[0]?.number ?? '';

    const claim = { ...CHILD, identifier: [{ system: NID, value: number }] };
    const matched = await client.through('POST', '/Patient/$match', matchOf(claim));
    expect(matched).toMatchObject(operation === undefined ? { status: 501 } : { status: 200, body: { total: 1 } });
    const found = await client.directly('POST', '/Patient/_search', byIdentifier(NID, number), FORM);
    expect(found).toMatchObject(codes.includes('read') ? { status: 200, body: { total: 1 } } : { status: 501 });
  }, 60_000);
});
