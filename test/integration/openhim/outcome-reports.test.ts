import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signWebhook } from '../../../src/opencrvs/signature.js';
import { errorReply } from '../../peers/mosip-auth.js';
import type { Transaction } from '../../peers/openhim-transaction.js';
import { type Birth, birthNumber } from '../../support/births.js';
import { type RunningService, startService, startSettledService } from '../../support/running-service.js';
import { until } from '../../support/until.js';
import { startWorld, type World } from '../../support/world.js';

const REPORTS = { everyMs: 20, firstAfterMs: 50, retryMs: { first: 20, longest: 50 } };
const PACKET = '/createPacket';
const WORKFLOW = '/workflowinstance';

let world: World;
let running: RunningService;
let serial = 500;

beforeAll(async () => {
  world = await startWorld();
  running = await startSettledService(world, { OPENHIM_REPORT_OUTCOME: 'true' }, { reports: REPORTS });
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await world.stop();
});

/** Sends a birth through OpenHIM, and gives its transaction there. */
async function send(birth: Birth): Promise<Transaction> {
  world.opencrvs.records.load(birth.body);
  const body = JSON.stringify(birth.body);
  const response = await fetch(`${world.router.url}/opencrvs/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature': signWebhook(Buffer.from(body), world.opencrvs.system.shaSecret),
    },
    body,
  });
  expect(response.status).toBe(200);
  return world.router.transaction(response.headers.get('x-openhim-transactionid') ?? '');
}

function nextBirth(): Birth {
  serial += 1;
  return birthNumber(serial);
}

const ended = (transaction: Transaction, status: string): Promise<void> =>
  until(() => transaction.status === status, `the transaction is ${status}`);

const bodyOf = ({ response }: Transaction): unknown => JSON.parse(response?.body ?? '');
const updates = (id: string) => world.core.requestsTo(`/transactions/${id}`).filter(({ method }) => method === 'PUT');

const identitiesOf = ({ registrationNumber }: Birth): number[] =>
  [...world.mosip.issued.values()]
    .filter((one) => one.birthCertificateNumber === registrationNumber)
    .map(({ count }) => count);

test('a birth: pending until its number is in OpenCRVS, then successful, with the calls that led there', async () => {
  world.mosip.fail(PACKET, { status: 503 }, 1);
  const birth = nextBirth();
  const transaction = await send(birth);
  expect(transaction.status).toBe('Pending Async');
  await running.logged('submit.retried', birth.registrationNumber);
  expect(updates(transaction.id)).toEqual([]);

  await ended(transaction, 'Successful');
  expect(transaction).toMatchObject({ error: undefined, autoRetry: false, faults: [], response: { status: 200 } });
  expect(transaction.properties).toEqual({ eventId: expect.any(String), state: 'settled' });
  expect(bodyOf(transaction)).toMatchObject({
    state: 'settled',
    steps: [
      { step: 'accept', outcome: 'received' },
      { step: 'submit', outcome: 'failed', code: 'peer_unavailable' },
      { step: 'submit', outcome: 'submitted' },
      { step: 'answer', outcome: 'issued' },
      { step: 'deliver', outcome: 'settled' },
    ],
  });
  const groups = transaction.orchestrations.map((item) => (item as { group?: string }).group);
  expect(groups).toEqual(expect.arrayContaining(['mosip', 'opencrvs-write-back']));
});

test('core is told nothing about the person, and its own record of the call stays', async () => {
  const birth = nextBirth();
  const transaction = await send(birth);
  const before = transaction.orchestrations.length;
  await ended(transaction, 'Successful');
  expect(transaction.orchestrations.length).toBeGreaterThan(before);
  const [told] = updates(transaction.id);
  const issued = [...world.mosip.issued.values()].find(
    (one) => one.birthCertificateNumber === birth.registrationNumber,
  );
  for (const secret of [issued?.vid, 'Baby', world.opencrvs.system.shaSecret]) {
    expect(secret).toBeDefined();
    expect(told?.body.toString()).not.toContain(secret);
  }
});

test('a refusal: completed, never to be sent again by core', async () => {
  world.mosip.fail(WORKFLOW, errorReply('RPR-WIN-001', 'invalid'), 1);
  const transaction = await send(nextBirth());
  await ended(transaction, 'Completed');
  expect(transaction).toMatchObject({ error: undefined, autoRetry: false, faults: [], response: { status: 422 } });
  expect(bodyOf(transaction)).toMatchObject({ state: 'refused', code: 'RPR-WIN-001' });
  expect(await world.router.retryQueued()).toEqual([]);
});

test('what waits for an operator: failed, without a request to send it again', async () => {
  world.mosip.fail(PACKET, errorReply('KER-MSR-999', 'unknown to us'), 1);
  world.mosip.fail(PACKET, { status: 404 }, 1);
  const transaction = await send(nextBirth());
  await ended(transaction, 'Failed');
  expect(transaction).toMatchObject({ error: undefined, autoRetry: false, faults: [] });
  expect(bodyOf(transaction)).toMatchObject({ state: 'stuck', code: expect.any(String) });
});

test('a rerun starts nothing, and its own transaction ends as the first one did', async () => {
  const birth = nextBirth();
  const first = await send(birth);
  await ended(first, 'Successful');
  const rerun = await world.router.rerun(first.id);
  expect(rerun.parentId).toBe(first.id);
  await ended(rerun, 'Successful');
  expect(bodyOf(rerun)).toMatchObject({ id: (bodyOf(first) as { id: string }).id, state: 'settled' });
  expect(identitiesOf(birth)).toEqual([1]);
});

test('a rerun while the work goes on ends with it', async () => {
  world.mosip.fail(PACKET, { status: 503 }, 2);
  const birth = nextBirth();
  const first = await send(birth);
  const rerun = await world.router.rerun(first.id);
  await Promise.all([ended(first, 'Successful'), ended(rerun, 'Successful')]);
  expect(identitiesOf(birth)).toEqual([1]);
});

test.each([
  { name: 'away', fault: { kind: 'reset' } as const },
  { name: 'failing', fault: { status: 500 } },
])('core is $name: the event is settled all the same, and core is told later', async ({ fault }) => {
  const birth = nextBirth();
  world.core.fail(({ method }) => method === 'PUT', fault, 2);
  const transaction = await send(birth);
  await running.logged('event.settled', birth.registrationNumber);
  await running.logged('openhim.outcome_failed');
  await ended(transaction, 'Successful');
  expect(bodyOf(transaction)).toMatchObject({ state: 'settled' });
});

test('a transaction that core no longer has is given up, and holds up no other', async () => {
  const gone = await send(nextBirth());
  world.router.transactions.splice(world.router.transactions.indexOf(gone), 1);
  const kept = await send(nextBirth());
  await ended(kept, 'Successful');
  await until(() => updates(gone.id).length > 0, 'core was told of the lost one');
  await running.logged('event.settled');
  const count = updates(gone.id).length;
  await ended(await send(nextBirth()), 'Successful');
  expect(updates(gone.id)).toHaveLength(count);
});

test('a made-up transaction id of a direct caller never becomes an address', async () => {
  const birth = nextBirth();
  world.opencrvs.records.load(birth.body);
  const body = JSON.stringify(birth.body);
  const response = await fetch(`http://127.0.0.1:${world.port}/opencrvs/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-openhim-transactionid': '../users/root',
      'x-hub-signature': signWebhook(Buffer.from(body), world.opencrvs.system.shaSecret),
    },
    body,
  });
  expect(response.status).toBe(200);
  await running.logged('event.settled', birth.registrationNumber);
  await ended(await send(nextBirth()), 'Successful');
  expect(world.core.received.filter(({ path }) => path.includes('users'))).toEqual([]);
});

test('a report that is open outlives the service', async () => {
  world.core.fail(({ method }) => method === 'PUT', { status: 503 });
  const birth = nextBirth();
  const transaction = await send(birth);
  await running.logged('event.settled', birth.registrationNumber);
  await running.service.stop();
  expect(transaction.status).toBe('Pending Async');
  world.core.heal();
  running = await startService(world, { OPENHIM_REPORT_OUTCOME: 'true' }, { reports: REPORTS });
  await ended(transaction, 'Successful');
});
