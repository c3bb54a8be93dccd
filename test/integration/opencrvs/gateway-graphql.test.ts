import { afterEach, expect, test } from '@jest/globals';
import type { Delivery } from '../../../src/opencrvs/index.js';
import type { Outcome, RegistrationKind, VitalEvent } from '../../../src/vital-events/index.js';
import { type GatewayRecord, OpenCrvsGatewayPeer } from '../../peers/opencrvs-gateway-peer.js';
import { type ClientSide, startClientSide } from './client-side.js';

const RECORD_ID = '0e4fd2cc-5a94-4f0b-9f2e-0f6a2fd3f8a1';
const NUMBER = '2024BQX7T4N';
const ISSUED: Outcome = { result: 'issued', identity: { virtualId: 'vid-1', nationalId: 'uin-1' } };
const REFUSED: Outcome = { result: 'refused', code: 'national_id_refused', reason: 'No date of birth.' };
const SUBJECT = { names: [], identifiers: [], nationalities: [], addresses: [] };

let side: ClientSide | undefined;
let peer: OpenCrvsGatewayPeer | undefined;
afterEach(async () => {
  await Promise.all([side?.stop(), peer?.stop()]);
});

/** A gateway with one record, waiting unless told otherwise, and the way back to it. */
async function start(record: Partial<GatewayRecord> = {}) {
  side = await startClientSide();
  peer = await new OpenCrvsGatewayPeer(side.opencrvs.system).start();
  const writeBack = side.writeBack({ kind: 'gateway-graphql', url: peer.url });
  const { system } = side.opencrvs;
  const token = system.issueReplyToken({ recordId: RECORD_ID });

  const deliver = (outcome: Outcome, parts: { event?: VitalEvent; reply?: object; replyTo?: unknown } = {}) => {
    const event = parts.event ?? registration('birth');
    const reply = { via: 'graphql', recordId: RECORD_ID, token, ...parts.reply };
    const replyTo = 'replyTo' in parts ? parts.replyTo : reply;
    const delivery: Delivery = { event, outcome, outwardKey: 'aid-1', replyTo, signal: new AbortController().signal };
    return writeBack.deliver(delivery);
  };
  return { deliver, system, gateway: peer, record: peer.addRecord(RECORD_ID, record), check: side.check };
}

const registration = (kind: RegistrationKind): VitalEvent => ({ kind, registrationNumber: NUMBER, subject: SUBJECT });
const operations = (gateway: OpenCrvsGatewayPeer): unknown[] =>
  gateway.received.map(({ body }) => JSON.parse(body.toString('utf8')).operationName);
const NID = { type: 'NATIONAL_ID', value: 'vid-1' };
const PASSPORT = { type: 'PASSPORT', value: 'p-1' };

test('a waiting birth is registered with its number and the identifier', async () => {
  const { deliver, record, gateway } = await start({ identifiers: [PASSPORT] });
  expect(await deliver(ISSUED)).toEqual({ result: 'delivered' });
  expect(record).toMatchObject({ status: 'REGISTERED', registrationNumbers: [NUMBER] });
  expect(record.identifiers).toEqual([PASSPORT, NID]);
  expect(operations(gateway)).toEqual(['fetchRegistration', 'confirmRegistration']);
});

test('a waiting death is registered with its number alone', async () => {
  const { deliver, record } = await start({ event: 'DEATH' });
  expect(await deliver({ result: 'confirmed' }, { event: registration('death') })).toEqual({ result: 'delivered' });
  expect(record).toMatchObject({ status: 'REGISTERED', registrationNumbers: [NUMBER], identifiers: [] });
});

test.each([
  { name: 'misses it', present: [PASSPORT], after: [PASSPORT, NID], asked: 'upsertRegistrationIdentifier' },
  { name: 'has it', present: [NID, PASSPORT], after: [NID, PASSPORT], asked: undefined },
])(
  'a birth that is registered already gets the identifier if it $name, and no second number',
  async ({ present, after, asked }) => {
    const { deliver, record, gateway } = await start({
      status: 'CERTIFIED',
      registrationNumbers: [NUMBER],
      identifiers: present,
    });
    expect(await deliver(ISSUED)).toEqual({ result: 'delivered' });
    expect(record).toMatchObject({ status: 'CERTIFIED', registrationNumbers: [NUMBER], identifiers: after });
    expect(operations(gateway)).toEqual(['fetchRegistration', ...(asked === undefined ? [] : [asked])]);
  },
);

test('a registered death gets nothing more', async () => {
  const { deliver, gateway } = await start({
    event: 'DEATH',
    status: 'REGISTERED',
    registrationNumbers: [NUMBER],
  });
  expect(await deliver(ISSUED, { event: registration('death') })).toEqual({ result: 'delivered' });
  expect(operations(gateway)).toEqual(['fetchRegistration']);
});

test.each([
  { name: 'registered under another number', record: { status: 'REGISTERED', registrationNumbers: ['2024OTHER'] } },
  { name: 'rejected meanwhile', record: { status: 'REJECTED' } },
  { name: 'archived meanwhile', record: { status: 'ARCHIVED' } },
])('a record that was $name is left as it is, for a person', async ({ record }) => {
  const { deliver, record: held, check } = await start(record);
  const before = structuredClone(held);
  await expect(deliver(ISSUED)).rejects.toMatchObject({ code: 'write_back_refused' });
  expect(held).toEqual(before);
  expect(check('opencrvs-write-back')).toMatchObject({ state: 'ok' });
});

test('an unknown record looks like a fault of OpenCRVS, and is tried again', async () => {
  const { deliver, gateway, check } = await start();
  gateway.records.clear();
  await expect(deliver(ISSUED)).rejects.toMatchObject({
    code: 'peer_error',
    message: expect.not.stringMatching(/0e4f/),
  });
  expect(check('opencrvs-write-back')).toMatchObject({ state: 'degraded' });
});

test('a token that is not good for the record', async () => {
  const { deliver, system, record } = await start();
  const tokens = {
    'of another record': system.issueReplyToken({ recordId: 'other' }),
    'without the scope': system.issueReplyToken({ recordId: RECORD_ID }, ['record.reject-registration']),
    'of our system client': system.issueToken(),
    'of nobody': 'a.b.c',
  };
  for (const [name, token] of Object.entries(tokens)) {
    const error = await deliver(ISSUED, { reply: { token } }).catch((thrown: unknown) => thrown);
    expect({ name, error }).toMatchObject({ name, error: { code: 'write_back_refused' } });
  }
  expect(record.status).toBe('WAITING_VALIDATION');
});

test('a token that has expired is for a person', async () => {
  const { deliver, system, gateway } = await start();
  system.clockSkewMs = 8 * 24 * 3_600_000;
  await expect(deliver(ISSUED)).rejects.toMatchObject({ code: 'write_back_refused' });
  expect(operations(gateway)).toEqual(['fetchRegistration']);
});

test('so is the token of a registrar who was deactivated', async () => {
  const { deliver, gateway } = await start();
  gateway.registrarStatus = 'deactivated';
  await expect(deliver(ISSUED)).rejects.toMatchObject({ code: 'write_back_refused' });
});

test('a token whose owner cannot be looked up at the moment is tried again', async () => {
  const { deliver, gateway, check } = await start();
  gateway.userService = 'down';
  await expect(deliver(ISSUED)).rejects.toMatchObject({ code: 'peer_unauthorized', disposition: 'retry' });
  expect(check('opencrvs-write-back')).toMatchObject({ state: 'degraded' });
  gateway.userService = 'up';
  expect(await deliver(ISSUED)).toEqual({ result: 'delivered' });
  expect(check('opencrvs-write-back')).toMatchObject({ state: 'ok' });
});

test('a refusal: OpenCRVS as it is does not let it in, and the history says so', async () => {
  const { deliver, record, gateway } = await start();
  const note = expect.stringMatching(/waits on until a registrar acts/);
  expect(await deliver(REFUSED)).toEqual({ result: 'not-offered', note });
  expect(record.status).toBe('WAITING_VALIDATION');
  expect(operations(gateway)).toEqual(['fetchRegistration', 'rejectRegistration']);
});

test('a refusal: an OpenCRVS that lets it in is told once', async () => {
  const { deliver, record, gateway } = await start();
  gateway.takesRejections = true;
  expect(await deliver(REFUSED)).toEqual({ result: 'delivered' });
  expect(await deliver(REFUSED)).toEqual({ result: 'delivered' });
  expect(record).toMatchObject({ status: 'REJECTED', comments: ['No date of birth.'] });
});

test('a refusal: a fault on the way is tried again', async () => {
  const { deliver, gateway } = await start();
  gateway.fail(({ body }) => body.includes('mutation'), { status: 500 }, 1);
  await expect(deliver(REFUSED)).rejects.toMatchObject({ code: 'peer_error' });
});

test('a refusal of a record that is registered has no place', async () => {
  const { deliver, gateway } = await start({ status: 'REGISTERED', registrationNumbers: [NUMBER] });
  expect(await deliver(REFUSED)).toMatchObject({ result: 'not-offered' });
  expect(operations(gateway)).toEqual(['fetchRegistration']);
});

test.each([
  { name: 'came without a token', parts: { replyTo: undefined } },
  {
    name: 'is a correction',
    parts: { event: { ...registration('birth'), kind: 'correction', of: 'birth', revision: 'r' } as VitalEvent },
  },
])('an event that $name has no place, and nothing is called', async ({ parts }) => {
  const { deliver, gateway } = await start();
  expect(await deliver(ISSUED, parts)).toMatchObject({ result: 'not-offered' });
  expect(gateway.received).toEqual([]);
});

test('a request that waits at an unknown place is for a person, and nothing is called', async () => {
  const { deliver, gateway } = await start();
  const message = expect.stringMatching(/OPENCRVS_WRITE_BACK/);
  await expect(deliver(ISSUED, { replyTo: 'here' })).rejects.toMatchObject({ code: 'write_back_refused', message });
  expect(gateway.received).toEqual([]);
});

test('an identifier whose answer was lost is not added twice', async () => {
  const { deliver, record, gateway } = await start({ status: 'REGISTERED', registrationNumbers: [NUMBER] });
  gateway.fail(({ body }) => body.includes('mutation'), { kind: 'cut' }, 1);
  await expect(deliver(ISSUED)).rejects.toMatchObject({ unanswered: true });
  expect(await deliver(ISSUED)).toEqual({ result: 'delivered' });
  expect(record.identifiers).toEqual([NID]);
});
