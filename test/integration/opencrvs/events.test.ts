import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import superjson from 'superjson';
import {
  createRegistrations,
  createSystemToken,
  createTokenVerifier,
  createWriteBack,
  type Delivery,
  type WriteBack,
} from '../../../src/opencrvs/index.js';
import { createOutboundClient, type OutboundClient, recordingCalls } from '../../../src/outbound/index.js';
import { createHealth, createMetrics, type Health } from '../../../src/telemetry/index.js';
import type { Outcome } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog, type MemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsAuthPeer } from '../../peers/opencrvs-auth-peer.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { fixture } from '../../support/fixtures.js';

const mappingsDir = join(import.meta.dirname, '../../../config/mappings');
const BIRTH = 'opencrvs/event-document-birth.json';
const CORRECTION = 'opencrvs/event-document-correction.json';
const DEATH = 'opencrvs/event-document-death.json';
const NID = '9912345678901234';
const ISSUED: Outcome = { result: 'issued', identity: { virtualId: NID, nationalId: 'uin-1' } };
const CONFIRMED: Outcome = { result: 'confirmed' };
const REFUSED: Outcome = { result: 'refused', code: 'national_id_refused', reason: 'no' };

let clock: ManualClock;
let system: OpenCrvsSystem;
let auth: OpenCrvsAuthPeer;
let peer: OpenCrvsEventsPeer;
let outbound: OutboundClient;
let health: Health;
let writeBack: WriteBack;
let memory: MemoryLog;

beforeEach(async () => {
  clock = new ManualClock(Date.parse('2026-03-01T00:00:00Z'));
  system = new OpenCrvsSystem({ tokenMode: 'body', scopes: ['type=record.read'], now: () => clock.now() });
  auth = await new OpenCrvsAuthPeer(system).start();
  peer = await new OpenCrvsEventsPeer(system).start();
  outbound = createOutboundClient({ clock, metrics: createMetrics() });
  health = createHealth(clock);
  memory = createMemoryLog();
  const deps = { outbound, clock, tokens: undefined, health };
  writeBack = createWriteBack(deps, { kind: 'events', url: peer.url }, { mappingsDir });
});

afterEach(async () => {
  await outbound.close();
  await Promise.all([auth.stop(), peer.stop()]);
});

type OpenDelivery = Delivery & { readonly eventId: string; readonly actionId: string };

/** Takes the request of a fixture in, as the door does, and gives what would be delivered in the end. */
async function open(document: string | object, outcome: Outcome): Promise<OpenDelivery> {
  const { log } = memory;
  const trust = { authUrl: auth.url, issuer: 'opencrvs:auth-service', audience: 'opencrvs:countryconfig-user' };
  const event = peer.events.load(typeof document === 'string' ? fixture(document) : document);
  const { id: actionId } = peer.events.pendingAction(event.id);
  const verifier = createTokenVerifier({ outbound, clock, log }, trust);
  const token = await verifier.verify(peer.authorizationFor(event));
  const { reading, reply } = await createRegistrations({ mappingsDir }).read(structuredClone(event), token);
  if (!reading.ok) throw new Error(reading.reason);
  const signal = new AbortController().signal;
  const common = { event: reading.event, outcome, outwardKey: 'aid-1', signal };
  return { ...common, replyTo: reply.to, eventId: event.id, actionId };
}

describe('an answer', () => {
  test('a birth is accepted with its number and the number that was issued', async () => {
    const delivery = await open(BIRTH, ISSUED);
    expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
    expect(peer.events.verdictsOn(delivery.eventId, delivery.actionId)).toMatchObject([
      { type: 'REGISTER', status: 'Accepted', registrationNumber: '2025K7Q2ZD', declaration: { 'child.nid': NID } },
    ]);
    expect(peer.received.map(({ path, rawQuery }) => `${path}?${rawQuery}`)).toEqual([
      '/events/event.actions.register.accept?batch=1',
    ]);
    expect(health.readiness().checks['opencrvs-write-back']?.state).toBe('ok');
  });

  test('a death is accepted with its number alone', async () => {
    const delivery = await open(DEATH, CONFIRMED);
    expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
    expect(peer.events.verdictsOn(delivery.eventId, delivery.actionId)).toMatchObject([
      { status: 'Accepted', registrationNumber: '2026D9XW4M', declaration: {} },
    ]);
  });

  test('a correction is approved for its request', async () => {
    const delivery = await open(CORRECTION, CONFIRMED);
    expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
    expect(peer.events.verdictsOn(delivery.eventId, delivery.actionId)).toMatchObject([
      { type: 'APPROVE_CORRECTION', status: 'Accepted' },
    ]);
    expect(peer.requestsTo('/event.actions.correction.approve.accept')).toHaveLength(1);
  });

  test.each([
    { type: 'REVOKE_REGISTRATION', path: '/event.actions.revocation.revoke.accept' },
    { type: 'REINSTATE_REGISTRATION', path: '/event.actions.revocation.reinstate.accept' },
  ])('$type is accepted', async ({ type, path }) => {
    const document = structuredClone(fixture<{ actions: { type: string }[] }>(CORRECTION));
    for (const action of document.actions.slice(-1)) action.type = type;
    const delivery = await open(document, CONFIRMED);
    expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
    expect(peer.events.verdictsOn(delivery.eventId, delivery.actionId)).toMatchObject([{ type, status: 'Accepted' }]);
    expect(peer.requestsTo(path)).toHaveLength(1);
  });

  test.each([
    { name: BIRTH, path: '/event.actions.register.reject' },
    { name: CORRECTION, path: '/event.actions.correction.approve.reject' },
  ])('a refusal of $name rejects the action', async ({ name, path }) => {
    const delivery = await open(name, REFUSED);
    expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
    expect(peer.events.verdictsOn(delivery.eventId, delivery.actionId)).toMatchObject([{ status: 'Rejected' }]);
    expect(peer.requestsTo(path)).toHaveLength(1);
  });
});

describe('a repetition', () => {
  test.each([
    { name: 'accepted', outcome: ISSUED },
    { name: 'rejected', outcome: REFUSED },
  ])('$name once, also when the first answer was lost', async ({ outcome }) => {
    const delivery = await open(BIRTH, outcome);
    peer.fail(() => true, { kind: 'cut' }, 1);
    await expect(writeBack.deliver(delivery)).rejects.toMatchObject({ unanswered: true, disposition: 'retry' });
    for (const _ of [1, 2]) expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
    expect(peer.events.verdictsOn(delivery.eventId, delivery.actionId)).toHaveLength(1);
    expect(new Set(peer.received.map(({ body }) => body.toString('utf8'))).size).toBe(1);
  });
});

describe('refused for good', () => {
  const refused = (says: RegExp) => ({ code: 'write_back_refused', message: expect.stringMatching(says) });

  test('the token has expired', async () => {
    const delivery = await open(BIRTH, ISSUED);
    await clock.advance(7 * 24 * 3_600_000 + 60_000);
    await expect(writeBack.deliver(delivery)).rejects.toMatchObject(refused(/token .* any more/));
    expect(health.readiness().checks['opencrvs-write-back']?.state).toBe('ok');
  });

  test.each([
    {
      name: 'a token for another action',
      change: { token: () => system.issueReplyToken({ eventId: 'a', actionId: 'b' }) },
    },
    { name: 'a token of the system client', change: { token: () => system.issueToken() } },
  ])('$name', async ({ change }) => {
    const delivery = await open(BIRTH, ISSUED);
    const replyTo = { ...(delivery.replyTo as object), token: change.token() };
    await expect(writeBack.deliver({ ...delivery, replyTo })).rejects.toMatchObject(refused(/does not allow/));
  });

  test('a token with one of the two scopes alone', async () => {
    const delivery = await open(BIRTH, ISSUED);
    const { eventId, actionId } = delivery;
    const token = system.issueReplyToken({ eventId, actionId }, ['record.confirm-registration']);
    const replyTo = { ...(delivery.replyTo as object), token };
    await expect(writeBack.deliver({ ...delivery, replyTo })).rejects.toMatchObject(refused(/does not allow/));
  });

  test('an action that is not there', async () => {
    const delivery = await open(BIRTH, ISSUED);
    const { eventId } = delivery;
    const actionId = '00000000-0000-4000-8000-000000000000';
    const token = system.issueReplyToken({ eventId, actionId });
    const replyTo = { ...(delivery.replyTo as object), actionId, token };
    await expect(writeBack.deliver({ ...delivery, replyTo })).rejects.toMatchObject(refused(/no such action/));
  });

  test('an action that was rejected meanwhile', async () => {
    const delivery = await open(BIRTH, ISSUED);
    await writeBack.deliver({ ...delivery, outcome: REFUSED });
    await expect(writeBack.deliver(delivery)).rejects.toMatchObject(refused(/rejected meanwhile/));
  });

  test('a field that the form does not have, and its answer is not quoted', async () => {
    const delivery = await open(BIRTH, ISSUED);
    peer.events.formFields = new Set();
    const thrown = await writeBack.deliver(delivery).catch((error: unknown) => error);
    expect(thrown).toMatchObject(refused(/does not fit the form/));
    expect(String(thrown)).not.toContain('child.nid');
  });

  test('a request that waits at an unknown place', async () => {
    const delivery = await open(BIRTH, ISSUED);
    const replyTo = { via: 'letter', token: 't' };
    await expect(writeBack.deliver({ ...delivery, replyTo })).rejects.toMatchObject(refused(/OPENCRVS_WRITE_BACK/));
  });
});

test('an event that no action waits for is not offered, and nothing is called', async () => {
  const delivery = await open(BIRTH, ISSUED);
  expect(await writeBack.deliver({ ...delivery, replyTo: undefined })).toMatchObject({ result: 'not-offered' });
  expect(peer.received).toEqual([]);
});

test.each([
  { name: 'not there', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { name: 'gateway away', fault: { status: 503 }, code: 'peer_unavailable' },
  {
    name: 'own fault',
    fault: { status: 500, body: '[{"error":{"json":{"data":{"code":"FORBIDDEN"}}}}]' },
    code: 'peer_error',
  },
  { name: 'too many calls', fault: { status: 429 }, code: 'peer_unavailable' },
  { name: 'no JSON', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  { name: 'no result', fault: { status: 200, body: '[{}]' }, code: 'peer_response_invalid' },
] as const)('$name: tried again, and then it is delivered', async ({ fault, code }) => {
  const delivery = await open(BIRTH, ISSUED);
  peer.fail(() => true, fault, 1);
  await expect(writeBack.deliver(delivery)).rejects.toMatchObject({ code, disposition: 'retry' });
  expect(await writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
});

test('an address without an events service is told to an operator', async () => {
  const delivery = await open(BIRTH, ISSUED);
  peer.fail(() => true, { status: 404, body: '{"statusCode":404}' });
  await expect(writeBack.deliver(delivery)).rejects.toMatchObject({ code: 'peer_misconfigured' });
});

test('no token, number or name in logs, call records or addresses', async () => {
  const delivery = await open(BIRTH, ISSUED);
  const { calls } = await recordingCalls(() => writeBack.deliver(delivery));
  const { token } = delivery.replyTo as { token: string };
  const all = `${JSON.stringify(calls)}${memory.lines.join('')}${peer.received.map(({ path, rawQuery }) => path + rawQuery)}`;
  expect(calls).toHaveLength(1);
  for (const hidden of [token, NID, 'uin-1', 'Nomvula', '2025K7Q2ZD']) expect(all).not.toContain(hidden);
});

describe('the peer keeps to the rules', () => {
  const post = (procedure: string, input: unknown, authorization?: string) =>
    fetch(`${peer.url}/events/${procedure}?batch=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify({ 0: superjson.serialize(input) }),
    });

  test.each([
    { name: 'no token', input: { registrationNumber: 'n' }, authorized: false, status: 401 },
    { name: 'no number', input: {}, authorized: true, status: 400 },
    {
      name: 'no such procedure',
      procedure: 'event.actions.register.approve',
      input: {},
      authorized: true,
      status: 404,
    },
    {
      name: 'another action',
      procedure: 'event.actions.revocation.revoke.accept',
      input: {},
      authorized: true,
      status: 400,
    },
    { name: 'as it should be', input: { registrationNumber: 'n' }, authorized: true, status: 200 },
  ])('$name: $status', async ({ procedure = 'event.actions.register.accept', input, authorized, status }) => {
    const event = peer.events.load(fixture(BIRTH));
    const { id: actionId } = peer.events.pendingAction(event.id);
    const reference = { eventId: event.id, actionId, transactionId: 't' };
    const response = await post(
      procedure,
      { ...reference, ...input },
      authorized ? peer.authorizationFor(event) : undefined,
    );
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject([status === 200 ? { result: {} } : { error: { json: {} } }]);
  });

  test('a rejection after an acceptance is a fault of its own', async () => {
    const delivery = await open(BIRTH, ISSUED);
    await writeBack.deliver(delivery);
    await expect(writeBack.deliver({ ...delivery, outcome: REFUSED })).rejects.toMatchObject({ code: 'peer_error' });
  });
});

describe('the system token of 2.x', () => {
  const tokensAt = (authUrl: string, clientSecret: string = system.clientSecret) => {
    const { log } = createMemoryLog();
    const credentials = { clientId: system.clientId, clientSecret, scope: 'record.read' };
    const deps = { outbound, clock, log, metrics: createMetrics(), health };
    return createSystemToken(deps, { authUrl, tokenMode: 'body', ...credentials });
  };

  test('comes from the gateway, asked for in the body; its scopes are encoded', async () => {
    const tokens = tokensAt(`${auth.url}/auth`);
    await expect(tokens.get()).resolves.toMatch(/^ey/);
    expect(auth.received.map(({ method, path, rawQuery }) => [method, path, rawQuery])).toEqual([
      ['POST', '/auth/token', ''],
    ]);
    expect(health.readiness().checks['opencrvs-token']).toMatchObject({ state: 'ok' });
    tokens.stop();
  });

  test('is refused to a wrong secret', async () => {
    await expect(tokensAt(`${auth.url}/auth`, 'wrong').get()).rejects.toMatchObject({ code: 'peer_unauthorized' });
  });
});
