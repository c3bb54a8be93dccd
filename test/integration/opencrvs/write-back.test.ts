import { afterEach, expect, test } from '@jest/globals';
import { type Delivery, parseDelivery, readDelivery } from '../../../src/opencrvs/index.js';
import { recordingCalls } from '../../../src/outbound/index.js';
import type { Outcome } from '../../../src/vital-events/index.js';
import { fixture } from '../../support/fixtures.js';
import { type ClientSide, startClientSide } from './client-side.js';

const BIRTH = fixture('opencrvs/birth-registered.webhook.json');
const DEATH = fixture('opencrvs/death-registered.webhook.json');
const CHILD = 'aafcb2cf-bbb7-4e1d-b458-99c7822add1e';
const NUMBER = '2024BQX7T4N';
const ISSUED: Outcome = { result: 'issued', identity: { token: 'psut-1', nationalId: 'uin-1' } };

let side: ClientSide | undefined;
afterEach(() => side?.stop());

/** An OpenCRVS that has the two records, and the way back to it. */
async function start(kind: 'countryconfig' | 'openhim-fhir') {
  side = await startClientSide();
  const { opencrvs } = side;
  for (const record of [BIRTH, DEATH]) opencrvs.records.load(record);
  const url = kind === 'countryconfig' ? opencrvs.countryConfig.url : opencrvs.fhir.baseUrl;
  return { ...side, writeBack: side.writeBack({ kind, url }) };
}

function delivery(webhook: unknown, outcome: Outcome): Delivery {
  const read = readDelivery(parseDelivery(webhook));
  if (!read.ok) throw new Error('the fixture cannot be read');
  return { event: read.event, outcome, outwardKey: 'aid-1', signal: new AbortController().signal };
}

test('countryconfig: the identity of a birth arrives under its registration number', async () => {
  const { writeBack, opencrvs } = await start('countryconfig');
  expect(await writeBack.deliver(delivery(BIRTH, ISSUED))).toEqual({ result: 'delivered' });
  expect([...opencrvs.countryConfig.identities]).toEqual([
    [NUMBER, { BRN: NUMBER, MOSIP_PSUT_TOKEN_ID: 'psut-1', MOSIP_AID: 'aid-1' }],
  ]);
});

test('countryconfig: a repetition changes nothing', async () => {
  const { writeBack, opencrvs } = await start('countryconfig');
  await writeBack.deliver(delivery(BIRTH, ISSUED));
  const once = structuredClone(opencrvs.records.get(CHILD));
  await writeBack.deliver(delivery(BIRTH, ISSUED));
  expect(opencrvs.records.get(CHILD)).toEqual(once);
  expect(opencrvs.countryConfig.identities.size).toBe(1);
});

test('countryconfig: a number that OpenCRVS does not know is a fault that is retried', async () => {
  const { writeBack, opencrvs } = await start('countryconfig');
  const unknown = delivery(BIRTH, ISSUED);
  const failed = writeBack.deliver({ ...unknown, event: { ...unknown.event, registrationNumber: '2024NOTHERE' } });
  await expect(failed).rejects.toMatchObject({ code: 'peer_error', disposition: 'retry', unanswered: false });
  expect(opencrvs.countryConfig.writes).toEqual([]);
});

test.each([
  { name: 'the page of a proxy', type: 'text/html', body: '<html>Sign in</html>' },
  { name: 'half of a body', type: 'application/json', body: '{"garb' },
])('countryconfig: a 200 that OpenCRVS did not give is retried: $name', async ({ type, body }) => {
  const { writeBack, opencrvs } = await start('countryconfig');
  const reply = { status: 200, headers: { 'content-type': type }, body };
  opencrvs.countryConfig.fail('/mosip-openhim-mediator', reply, 1);
  const failed = writeBack.deliver(delivery(BIRTH, ISSUED));
  await expect(failed).rejects.toMatchObject({ code: 'peer_response_invalid', disposition: 'retry' });
  expect(await writeBack.deliver(delivery(BIRTH, ISSUED))).toEqual({ result: 'delivered' });
});

test('countryconfig: a token without the scope is refused there, and retried', async () => {
  const { writeBack, opencrvs } = await start('countryconfig');
  opencrvs.system.scopes = ['declare'];
  await expect(writeBack.deliver(delivery(BIRTH, ISSUED))).rejects.toMatchObject({ code: 'peer_unauthorized' });
  expect(opencrvs.auth.tokenRequests).toBe(2);
});

test.each(['countryconfig', 'openhim-fhir'] as const)('%s: an expired token is replaced on the way', async (kind) => {
  const { writeBack, opencrvs, tokens } = await start(kind);
  await tokens.get();
  opencrvs.system.clockSkewMs = 3_600_000;
  expect(await writeBack.deliver(delivery(BIRTH, ISSUED))).toEqual({ result: 'delivered' });
  expect(opencrvs.auth.tokenRequests).toBe(2);
});

test.each(['countryconfig', 'openhim-fhir'] as const)(
  '%s: a death is not offered and nothing is called',
  async (kind) => {
    const { writeBack, opencrvs } = await start(kind);
    const result = await writeBack.deliver(delivery(DEATH, { result: 'confirmed' }));
    expect(result).toMatchObject({ result: 'not-offered' });
    expect([...opencrvs.countryConfig.received, ...opencrvs.fhir.received]).toEqual([]);
  },
);

test.each([
  { name: 'reset', fault: { kind: 'reset' }, code: 'peer_unreachable', unanswered: true },
  { name: 'lost answer', fault: { kind: 'cut' }, code: 'peer_response_invalid', unanswered: true },
  { name: 'not there', fault: { status: 503 }, code: 'peer_unavailable', unanswered: true },
  { name: 'own fault', fault: { status: 500 }, code: 'peer_error', unanswered: false },
] as const)('countryconfig: $name, then it is delivered', async ({ fault, code, unanswered }) => {
  const { writeBack, opencrvs } = await start('countryconfig');
  opencrvs.countryConfig.fail('/mosip-openhim-mediator', fault, 1);
  await expect(writeBack.deliver(delivery(BIRTH, ISSUED))).rejects.toMatchObject({ code, unanswered });
  expect(await writeBack.deliver(delivery(BIRTH, ISSUED))).toEqual({ result: 'delivered' });
  expect(opencrvs.countryConfig.identities.size).toBe(1);
});

test('openhim-fhir: the Patient keeps all it had and gains the number, in the form of the record', async () => {
  const { writeBack, opencrvs } = await start('openhim-fhir');
  const before = structuredClone(opencrvs.records.get(CHILD));
  expect(await writeBack.deliver(delivery(BIRTH, ISSUED))).toEqual({ result: 'delivered' });
  expect(opencrvs.records.get(CHILD)).toEqual({
    ...before,
    identifier: [...(before?.identifier ?? []), { type: 'MOSIP_PSUT_TOKEN_ID', value: 'psut-1' }],
  });
});

test('openhim-fhir: a repetition writes nothing', async () => {
  const { writeBack, opencrvs } = await start('openhim-fhir');
  opencrvs.fhir.fail((request) => request.method === 'PUT', { kind: 'cut' }, 1);
  await expect(writeBack.deliver(delivery(BIRTH, ISSUED))).rejects.toMatchObject({ unanswered: true });
  expect(await writeBack.deliver(delivery(BIRTH, ISSUED))).toEqual({ result: 'delivered' });
  expect(opencrvs.fhir.received.map(({ method }) => method)).toEqual(['GET', 'PUT', 'GET']);
});

test('openhim-fhir: without the id of the Patient the registration number finds it', async () => {
  const { writeBack, opencrvs } = await start('openhim-fhir');
  const { event, ...rest } = delivery(BIRTH, ISSUED);
  const { sourceId: _, ...subject } = event.subject;
  expect(await writeBack.deliver({ ...rest, event: { ...event, subject } })).toEqual({ result: 'delivered' });
  expect(opencrvs.records.search('psut-1').map(({ id }) => id)).toEqual([CHILD]);
});

test('openhim-fhir: a record that is not there is refused for good', async () => {
  const { writeBack } = await start('openhim-fhir');
  const { event, ...rest } = delivery(BIRTH, ISSUED);
  const gone = { ...event, subject: { ...event.subject, sourceId: 'not-there' } };
  await expect(writeBack.deliver({ ...rest, event: gone })).rejects.toMatchObject({ code: 'write_back_refused' });
});

test.each(['countryconfig', 'openhim-fhir'] as const)(
  '%s: no number and no name in logs or call records',
  async (kind) => {
    const { writeBack, lines, clock } = await start(kind);
    const { calls } = await recordingCalls(() => writeBack.deliver(delivery(BIRTH, ISSUED)));
    await clock.advance(0);
    const all = `${JSON.stringify(calls)}${lines.join('\n')}`;
    expect(calls.length).toBeGreaterThan(1);
    for (const personal of ['psut-1', 'uin-1', 'Thandiwe', 'Phiri']) expect(all).not.toContain(personal);
  },
);
