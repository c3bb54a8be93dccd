import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../../src/config/index.js';
import { createOpenCrvs, createTokenVerifier, type OpenCrvs } from '../../../src/opencrvs/index.js';
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsAuthPeer } from '../../peers/opencrvs-auth-peer.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import type { StoredEvent } from '../../peers/opencrvs-events-store.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { fixture } from '../../support/fixtures.js';

const BIRTH = 'opencrvs/event-document-birth.json';
const CORRECTION = 'opencrvs/event-document-correction.json';
const SCOPES = ['type=record.read', 'type=record.search'];

let system: OpenCrvsSystem;
let auth: OpenCrvsAuthPeer;
let peer: OpenCrvsEventsPeer;
let outbound: OutboundClient;
let clock: ManualClock;
let opencrvs: OpenCrvs;

/** An OpenCRVS 2.x whose gateway passes `/auth` and `/events` on, and our side as the settings make it. */
beforeEach(async () => {
  clock = new ManualClock(Date.parse('2026-03-01T00:00:00Z'));
  system = new OpenCrvsSystem({ tokenMode: 'body', scopes: SCOPES, now: () => clock.now() });
  auth = await new OpenCrvsAuthPeer(system).start();
  peer = await new OpenCrvsEventsPeer(system, auth).start();
  const [health, metrics, { log }] = [createHealth(clock), createMetrics(), createMemoryLog()];
  outbound = createOutboundClient({ clock, metrics });
  const settings = loadSettings({
    NODE_ENV: 'test',
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: 'http://fhir.example/r4',
    OPENHIM_REGISTER: 'false',
    DATA_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
    INDEX_KEY: 'an index key for tests, long enough to pass',
    OPENCRVS_AUTH_URL: auth.url,
    OPENCRVS_GATEWAY_URL: peer.url,
    OPENCRVS_TOKEN_MODE: 'body',
    OPENCRVS_CLIENT_ID: system.clientId,
    OPENCRVS_CLIENT_SECRET: system.clientSecret,
    OPENCRVS_READ_MORE: 'events',
    OPENCRVS_READ_PARTS: 'mother,father,place',
  });
  const mappingsDir = join(import.meta.dirname, '../../../config/mappings');
  opencrvs = createOpenCrvs({ outbound, clock, log, metrics, health }, settings.opencrvs, mappingsDir);
});

afterEach(async () => {
  await opencrvs.stop();
  await outbound.close();
  await Promise.all([auth.stop(), peer.stop()]);
});

/** The request for an answer to a stored event, of which the forwarder passed on these fields only. */
async function open(name: string, kept: (field: string) => boolean) {
  const stored = peer.events.load(fixture(name));
  const actions = stored.actions.map((action) => ({
    ...action,
    declaration: Object.fromEntries(Object.entries(action.declaration).filter(([field]) => kept(field))),
  }));
  const sent = { ...stored, actions };
  const trust = { authUrl: auth.url, issuer: 'opencrvs:auth-service', audience: 'opencrvs:countryconfig-user' };
  const verifier = createTokenVerifier({ outbound, clock, log: createMemoryLog().log }, trust);
  const request = await opencrvs.registrations?.read(sent, await verifier.verify(peer.authorizationFor(stored)));
  if (request?.reading.ok !== true) throw new Error('the event cannot be read');
  return { event: request.reading.event, raw: JSON.stringify(sent), stored };
}

const ofChild = (field: string): boolean => /^(child|deceased|informant)\./.test(field);
const complete = ({ event, raw }: { event: VitalEvent; raw: string }): Promise<VitalEvent> =>
  opencrvs.recordReader.completeEvent(event, raw, new AbortController().signal);
const reads = (): string[] => peer.received.filter(({ method }) => method === 'GET').map(({ path }) => path);
const readingsOf = ({ id }: StoredEvent) => peer.events.get(id).actions.filter(({ type }) => type === 'READ');

describe('an event that was forwarded in part', () => {
  test.each([
    { name: 'a birth', document: BIRTH },
    { name: 'a correction', document: CORRECTION },
  ])('$name gets what it lacks from the event as it is stored, by its own mapping', async ({ document }) => {
    const { event: whole } = await open(document, () => true);
    const sent = await open(document, ofChild);
    expect(sent.event.mother).toBeUndefined();
    expect(await complete(sent)).toEqual({ ...sent.event, mother: whole.mother, father: whole.father });
    expect(reads()).toEqual([`/events/events/${sent.stored.id}`]);
    expect(readingsOf(sent.stored)).toHaveLength(1);
  });

  test('is read once, also when the record has no such part', async () => {
    const sent = await open(BIRTH, (field) => !field.startsWith('father.'));
    const stored = structuredClone(peer.events.get(sent.stored.id));
    for (const action of stored.actions) {
      for (const field of Object.keys(action.declaration))
        if (/^father\./.test(field)) delete action.declaration[field];
    }
    peer.events.load(stored);
    for (const _ of [1, 2]) expect(await complete(sent)).toBe(sent.event);
    expect(readingsOf(sent.stored)).toHaveLength(1);
  });

  test('goes on as it is where the client may not see it, or it is gone', async () => {
    const sent = await open(BIRTH, ofChild);
    peer.events.remove(sent.stored.id);
    expect(await complete(sent)).toBe(sent.event);
  });
});

test.each([
  { name: 'has all that is needed', raw: undefined, kept: () => true },
  { name: 'came in another form', raw: '{"trackingId":"K7Q2ZD"}', kept: ofChild },
  { name: 'came as no JSON', raw: 'x', kept: ofChild },
])('nothing is read for an event that $name', async ({ raw, kept }) => {
  const sent = await open(BIRTH, kept);
  expect(await complete({ ...sent, raw: raw ?? sent.raw })).toBe(sent.event);
  expect(reads()).toEqual([]);
});

test.each([
  { name: 'down', fault: { status: 503 }, code: 'peer_unavailable' },
  { name: 'reset', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { name: 'garbage', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  { name: 'no event', fault: { status: 200, body: '{}' }, code: 'peer_response_invalid' },
  { name: 'at fault', fault: { status: 500 }, code: 'peer_error' },
] as const)('an events service that is $name: $code, to be tried again', async ({ fault, code }) => {
  const sent = await open(BIRTH, ofChild);
  peer.fail(`/${sent.stored.id}`, fault, 1);
  await expect(complete(sent)).rejects.toMatchObject({ code, disposition: 'retry' });
  expect((await complete(sent)).mother).toBeDefined();
});

test('an address that leads elsewhere is for a person', async () => {
  const sent = await open(BIRTH, ofChild);
  peer.fail(`/${sent.stored.id}`, { status: 404, body: '<html>' });
  await expect(complete(sent)).rejects.toMatchObject({ code: 'peer_misconfigured' });
});

test('a client without the scope is told of it by name', async () => {
  const sent = await open(BIRTH, ofChild);
  system.scopes = ['type=record.search'];
  const message = expect.stringContaining('record.read');
  await expect(complete(sent)).rejects.toMatchObject({ code: 'peer_unauthorized', message });
});

describe('listing', () => {
  const list = (since: string, until: string, page = 0) =>
    opencrvs.registrationList?.listRegistrations(new Date(since), new Date(until), page, new AbortController().signal);

  test('gives the registrations of the days, page by page', async () => {
    const correction = peer.events.load(fixture(CORRECTION));
    const waiting = JSON.stringify(fixture(BIRTH)).replaceAll(correction.id, randomUUID());
    peer.events.load(JSON.parse(waiting));
    const registered = correction.actions.find(({ type, status }) => type === 'REGISTER' && status === 'Accepted');
    const day = registered?.createdAt.slice(0, 10) ?? '';
    expect(await list(day, day)).toEqual({
      registrations: [
        {
          recordId: correction.id,
          type: 'birth',
          registrationNumber: registered?.registrationNumber,
          trackingId: correction.trackingId,
        },
      ],
      hasMore: false,
    });
    expect(await list(day, day, 1)).toEqual({ registrations: [], hasMore: false });
    expect(await list('2020-01-01', '2020-12-31')).toEqual({ registrations: [], hasMore: false });
  });

  test('needs a scope of its own', async () => {
    system.scopes = ['type=record.read'];
    const message = expect.stringContaining('record.search');
    await expect(list('2025-01-01', '2026-01-01')).rejects.toMatchObject({ code: 'peer_unauthorized', message });
  });
});
