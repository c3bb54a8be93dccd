import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { NationalIdSystem, Submission } from '../../../src/national-id/index.js';
import type { Person } from '../../../src/vital-events/index.js';
import type { FhirPeer } from '../../peers/fhir-peer.js';
import { selfSigned } from '../../support/self-signed.js';
import { BRN, birthAt, CHILD, type FhirStage, isCreate, isUpdate, NID, setStage } from './set-up.js';

let stage: FhirStage;
let peer: FhirPeer;
let system: NationalIdSystem;

async function begin(options: Parameters<typeof setStage>[0] = {}): Promise<void> {
  stage = await setStage(options);
  ({ peer, system } = stage);
}

beforeEach(() => begin());
afterEach(() => stage.close());

const birth = (registrationNumber?: string, repeated?: boolean): Submission =>
  birthAt(stage, registrationNumber, repeated);

function death(identifiers: Person['identifiers'], dateOfDeath?: string): Submission {
  const date = dateOfDeath === undefined ? {} : { dateOfDeath: { value: dateOfDeath, approximate: false } };
  return stage.submission({ kind: 'death', registrationNumber: '2024D', subject: { ...CHILD, identifiers }, ...date });
}

test('its key for an event is half of the digest in hex', () => {
  expect(system.outwardKey(Buffer.alloc(32, 0xab))).toBe('ab'.repeat(16));
});

test('a birth creates one person under the registration number and brings the national ID', async () => {
  const answer = await system.issue(birth());

  expect(answer).toEqual({ result: 'issued', identity: { nationalId: '4271936581' } });
  expect(peer.patients).toHaveLength(1);
  expect(peer.patients[0]?.identifier).toEqual([
    expect.objectContaining({ system: BRN, value: '2024B|1' }),
    { system: 'urn:national-id-mediator', value: '07'.repeat(16) },
    expect.objectContaining({ system: NID, value: '4271936581' }),
  ]);
  expect(stage.health.readiness().checks['fhir']?.state).toBe('ok');
});

test('the same birth again finds the person, by the condition or by looking', async () => {
  const first = await system.issue(birth());

  expect(await system.issue(birth())).toEqual(first);
  expect(await system.issue(birth('2024B|1', true))).toEqual(first);
  expect(peer.patients).toHaveLength(1);
});

test('after an unknown outcome it does not rely on a server that ignores the condition', async () => {
  peer.fail('/Patient', { kind: 'hang-after' }, 1);
  const signal = AbortSignal.timeout(300);
  await expect(system.issue({ ...birth(), signal })).rejects.toMatchObject({ unanswered: true });

  expect(await system.issue(birth('2024B|1', true))).toMatchObject({ result: 'issued' });
  expect(peer.requestsTo('/Patient').filter(isCreate)).toHaveLength(1);
});

test('no address holds an identifier', async () => {
  await system.issue(birth());
  await system.deactivate(death([{ type: 'NATIONAL_ID', value: '4271936581' }]));

  for (const { path, query } of peer.received) {
    expect(query.size).toBe(0);
    expect(path).not.toMatch(/2024B|4271936581/);
  }
});

test('an answer without a body is read from its location, below our own base', async () => {
  const id = peer.add({
    identifier: [
      { system: BRN, value: '2024B|1' },
      { system: NID, value: '42' },
    ],
  });
  const location = `http://elsewhere.test/any/Patient/${id}/_history/1`;
  peer.fail(isCreate, { status: 201, headers: { location } }, 1);

  expect(await system.issue(birth())).toEqual({ result: 'issued', identity: { nationalId: '42' } });
});

test('a person without a national ID yet is asked for again', async () => {
  await stage.close();
  await begin({ peer: { assignIds: false } });

  await expect(system.issue(birth())).rejects.toMatchObject({ code: 'peer_error', disposition: 'retry' });
  peer.assignNationalIds();
  expect(await system.issue(birth())).toEqual({ result: 'issued', identity: { nationalId: '4271936581' } });
  expect(peer.patients).toHaveLength(1);
});

test('several persons under the registration number are a refusal', async () => {
  for (const _twice of [1, 2]) peer.add({ identifier: [{ system: BRN, value: '2024B|1' }] });

  expect(await system.issue(birth())).toMatchObject({ result: 'refused', code: 'MULTIPLE_MATCHES' });
  expect(await system.issue(birth('2024B|1', true))).toMatchObject({ result: 'refused', code: 'MULTIPLE_MATCHES' });
});

test('an identity of somebody else is never taken', async () => {
  const stranger = { resourceType: 'Patient', identifier: [{ system: NID, value: '666' }] };
  peer.fail(isCreate, { status: 200, body: JSON.stringify(stranger) });

  await expect(system.issue(birth())).rejects.toMatchObject({ code: 'peer_response_invalid' });
});

test('data that the server finds wrong is a refusal with its code', async () => {
  const wrong = stage.submission({
    kind: 'birth',
    registrationNumber: '2024B',
    subject: { ...CHILD, birthOrder: 1.5 },
  });

  expect(await system.issue(wrong)).toEqual({
    result: 'refused',
    code: 'structure',
    reason: 'The FHIR server refused the data (HTTP 422).',
  });
});

test('a server that wants our certificate, and gets none, is tried again and shown', async () => {
  await stage.close();
  const [server, client] = [selfSigned(), selfSigned()];
  const trust = { ca: server.cert, trustSelfSigned: false };
  await begin({ peer: { tls: { ...server, clientCa: client.cert } }, tls: { trust } });

  await expect(system.issue(birth())).rejects.toMatchObject({ disposition: 'retry', unanswered: true });
  expect(stage.health.readiness().checks['fhir']?.state).toBe('degraded');
  expect(peer.received).toEqual([]);

  await stage.close();
  await begin({ peer: { tls: { ...server, clientCa: client.cert } }, tls: { trust, clientCertificate: client } });
  expect(await system.issue(birth())).toMatchObject({ result: 'issued' });
});

test('wrong credentials are retried and shown', async () => {
  await stage.close();
  await begin({ auth: { kind: 'bearer', token: 'stale' } });

  await expect(system.issue(birth())).rejects.toMatchObject({ code: 'peer_unauthorized', disposition: 'retry' });
  expect(stage.health.readiness().checks['fhir']?.state).toBe('degraded');
});

describe('client credentials', () => {
  const CLIENT = {
    kind: 'client-credentials',
    clientId: 'mediator',
    clientSecret: 'the:secret of the tests',
    scope: 'system/Patient.read system/Patient.write',
  } as const;

  test.each(['header', 'body'] as const)('in the %s get a token, and another once it is refused', async (sendIn) => {
    await stage.close();
    await begin({ peer: { auth: { ...CLIENT, sendIn } } });

    expect(await system.issue(birth())).toMatchObject({ result: 'issued' });
    expect(await system.issue(birth('2024B|2'))).toMatchObject({ result: 'issued' });
    expect(peer.requestsTo('/token')).toHaveLength(1);

    peer.revokeTokens();
    expect(await system.issue(birth('2024B|3'))).toMatchObject({ result: 'issued' });
    expect(peer.requestsTo('/token')).toHaveLength(2);
    expect(peer.patients).toHaveLength(3);
    expect(stage.lines.join()).not.toContain(CLIENT.clientSecret);
  });

  test('that are wrong are retried and shown, and the server itself is not called', async () => {
    await stage.close();
    const auth = { ...CLIENT, sendIn: 'header' } as const;
    await begin({ peer: { auth }, auth: { ...auth, clientSecret: 'another' } });

    await expect(system.issue(birth())).rejects.toMatchObject({ code: 'peer_unauthorized', disposition: 'retry' });
    expect(stage.health.readiness().checks['fhir']?.state).toBe('degraded');
    expect(peer.received.map(({ path }) => path)).toEqual(['/oauth/token']);
  });
});

test.each([
  { name: 'busy', fault: { status: 429, headers: { 'retry-after': '3' } }, error: { retryAfterMs: 3000 } },
  // nginx, where it misses a client certificate.
  {
    name: 'shielded',
    fault: { status: 400, headers: { 'content-type': 'text/html' }, body: '<h1>400</h1>' },
    error: { code: 'peer_unauthorized' },
  },
  { name: 'broken', fault: { status: 500 }, error: { code: 'peer_error' } },
  // HAPI's answer to the later one of two conditional creates at once.
  { name: 'racing', fault: { status: 409 }, error: { code: 'peer_error' } },
  { name: 'gone', fault: { kind: 'reset' as const }, error: { unanswered: true } },
  { name: 'garbled', fault: { kind: 'garbage' as const }, error: { code: 'peer_response_invalid' } },
  { name: 'cut', fault: { kind: 'cut' as const }, error: { code: 'peer_response_invalid' } },
])('a $name server is tried again later, and makes no second person', async ({ fault, error }) => {
  peer.fail(isCreate, fault, 1);

  await expect(system.issue(birth())).rejects.toMatchObject({ ...error, disposition: 'retry' });
  expect(await system.issue(birth('2024B|1', true))).toMatchObject({ result: 'issued' });
  expect(peer.patients).toHaveLength(1);
});

test('a death marks the person deceased and inactive, and keeps the rest', async () => {
  await system.issue(birth());
  const answer = await system.deactivate(death([{ type: 'NATIONAL_ID', value: '4271936581' }], '2024-03-02'));

  expect(answer).toEqual({ result: 'confirmed' });
  expect(peer.patients[0]).toMatchObject({
    active: false,
    deceasedDateTime: '2024-03-02',
    name: [{ family: 'Canary' }],
    meta: { versionId: '2' },
  });
  expect(peer.received.find(isUpdate)?.headers['if-match']).toBe('W/"1"');
});

test('without a national ID the number of the birth finds the person; without a date the fact is told', async () => {
  await system.issue(birth());

  const answer = await system.deactivate(death([{ type: 'BIRTH_REGISTRATION_NUMBER', value: '2024B|1' }]));

  expect(answer).toEqual({ result: 'confirmed' });
  expect(peer.patients[0]).toMatchObject({ active: false, deceasedBoolean: true });
});

test('a death told twice changes nothing the second time', async () => {
  await system.issue(birth());
  const told = death([{ type: 'NATIONAL_ID', value: '4271936581' }], '2024-03-02');
  await system.deactivate(told);

  expect(await system.deactivate({ ...told, repeated: true })).toEqual({ result: 'confirmed' });
  expect(peer.received.filter(isUpdate)).toHaveLength(1);
});

test.each([
  { name: 'an unknown national ID', identifiers: [{ type: 'NATIONAL_ID', value: '1' }] },
  { name: 'nothing to look for', identifiers: [] },
])('a death with $name finds nobody', async ({ identifiers }) => {
  peer.add({ identifier: [{ system: BRN, value: '2024D' }] });

  expect(await system.deactivate(death(identifiers))).toMatchObject({ result: 'refused', code: 'PERSON_NOT_FOUND' });
  expect(peer.received.filter(isUpdate)).toHaveLength(0);
});

test('two persons under one national ID are left alone', async () => {
  for (const _twice of [1, 2]) peer.add({ identifier: [{ system: NID, value: '42' }] });

  expect(await system.deactivate(death([{ type: 'NATIONAL_ID', value: '42' }]))).toMatchObject({
    result: 'refused',
    code: 'MULTIPLE_MATCHES',
  });
  expect(peer.received.filter(isUpdate)).toHaveLength(0);
});

test('a server that ignores the search and answers with everybody does no harm', async () => {
  peer.add({ identifier: [{ system: NID, value: '1' }] });
  const everybody = {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: peer.patients.map((resource) => ({ resource })),
  };
  peer.fail('/_search', { status: 200, body: JSON.stringify(everybody) });

  expect(await system.deactivate(death([{ type: 'NATIONAL_ID', value: '42' }]))).toMatchObject({
    code: 'PERSON_NOT_FOUND',
  });
});

test.each([409, 412])('after HTTP %i the person is read again', async (status) => {
  const id = peer.add({ identifier: [{ system: NID, value: '42' }] });
  peer.fail((request) => isUpdate(request) && peer.patients[0]?.meta?.['versionId'] === '1', { status }, 1);

  const answer = system.deactivate(death([{ type: 'NATIONAL_ID', value: '42' }]));
  await peer.until(() => peer.received.some(isUpdate));
  peer.change(id);

  expect(await answer).toEqual({ result: 'confirmed' });
  expect(peer.received.filter(isUpdate)).toHaveLength(2);
});

test('a person who keeps changing is tried again later', async () => {
  peer.add({ identifier: [{ system: NID, value: '42' }] });
  peer.fail(isUpdate, { status: 412 });

  await expect(system.deactivate(death([{ type: 'NATIONAL_ID', value: '42' }]))).rejects.toMatchObject({
    code: 'peer_error',
    disposition: 'retry',
  });
});

test('nothing personal and no secret reaches the log or readiness', async () => {
  await system.issue(birth());
  peer.fail(isUpdate, { status: 412 }, 1);
  await system.deactivate(death([{ type: 'NATIONAL_ID', value: '4271936581' }]));

  expect(stage.lines.length).toBeGreaterThan(0);
  const written = [...stage.lines, JSON.stringify(stage.health.readiness())].join('\n');
  expect(written).not.toMatch(/Canary|4271936581|2024-01-28|secret-token/);
});
