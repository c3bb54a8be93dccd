import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { WriteBackSettings } from '../../../src/config/index.js';
import { createWriteBack, type Delivery } from '../../../src/opencrvs/write-back/index.js';
import { Patient, withIdentifiers } from '../../../src/opencrvs/write-back/patient.js';
import type { OutboundRequest, OutboundResponse, TokenSource } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import type { Identity, Outcome } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const mappingsDir = join(import.meta.dirname, '../../../config/mappings');
const COUNTRY_CONFIG = { kind: 'countryconfig', url: 'http://countryconfig:3040' } as const;
const FHIR = { kind: 'openhim-fhir', url: 'http://openhim:5001/fhir' } as const;

/** Hands out token-1, token-2, … each time the last one was dropped. */
function tokenSource(): TokenSource {
  let current = 1;
  const drop = (): void => {
    current += 1;
  };
  return { get: async () => `token-${current}`, drop, stop: () => undefined };
}

function setUp(settings: WriteBackSettings, answer: (request: OutboundRequest) => OutboundResponse) {
  const outbound = new ScriptedOutbound(answer);
  const clock = new ManualClock();
  const health = createHealth(clock);
  return {
    outbound,
    health,
    writeBack: createWriteBack({ outbound, clock, tokens: tokenSource(), health }, settings, { mappingsDir }),
  };
}

const issued = (identity: Identity): Outcome => ({ result: 'issued', identity });
const CONFIRMED: Outcome = { result: 'confirmed' };
const REFUSED: Outcome = { result: 'refused', code: 'national_id_refused', reason: 'no' };

interface Case {
  readonly kind?: 'birth' | 'death';
  readonly sourceId?: string | undefined;
}

function delivery(outcome: Outcome, options: Case = {}): Delivery {
  const { kind, sourceId } = { kind: 'birth' as const, sourceId: 'p-1', ...options };
  const person = { names: [], identifiers: [], nationalities: [], addresses: [] };
  const subject = sourceId === undefined ? person : { ...person, sourceId };
  return {
    event: { kind, registrationNumber: '2024/BQX 7T4N', subject },
    outcome,
    outwardKey: '10001100010000120240301000000',
    signal: new AbortController().signal,
  };
}

test('none: nothing is called, and the history is told', async () => {
  const outbound = new ScriptedOutbound(() => response(200));
  const clock = new ManualClock();
  const deps = { outbound, clock, tokens: undefined, health: createHealth(clock) };
  const writeBack = createWriteBack(deps, { kind: 'none' }, { mappingsDir });
  const result = await writeBack.deliver(delivery(issued({ token: 't' })));
  expect(result).toEqual({ result: 'not-offered', note: expect.stringContaining('OPENCRVS_WRITE_BACK') });
  expect(outbound.requests).toEqual([]);
});

test.each([COUNTRY_CONFIG, FHIR])(
  '$kind: cannot be made without a system client or with an absent mapping',
  (settings) => {
    const clock = new ManualClock();
    const deps = { outbound: new ScriptedOutbound(() => response(200)), clock, health: createHealth(clock) };
    expect(() => createWriteBack({ ...deps, tokens: undefined }, settings, { mappingsDir })).toThrow(
      expect.objectContaining({ code: 'settings_invalid' }),
    );
    expect(() => createWriteBack({ ...deps, tokens: tokenSource() }, settings, { mappingsDir: '/nowhere' })).toThrow(
      expect.objectContaining({ code: 'mapping_failed' }),
    );
  },
);

test.each([
  {
    name: 'a token',
    identity: { token: 'psut', virtualId: 'vid', nationalId: 'uin' },
    written: { MOSIP_PSUT_TOKEN_ID: 'psut' },
  },
  { name: 'a VID', identity: { virtualId: 'vid', nationalId: 'uin' }, written: { MOSIP_PSUT_TOKEN_ID: 'vid' } },
  { name: 'the number alone: never written', identity: { nationalId: 'uin' }, written: {} },
])('countryconfig: a birth that was given $name', async ({ identity, written }) => {
  const { outbound, writeBack } = setUp(COUNTRY_CONFIG, () => response(200));
  expect(await writeBack.deliver(delivery(issued(identity)))).toEqual({ result: 'delivered' });
  const [request, ...others] = outbound.requests;
  expect(others).toEqual([]);
  expect(request).toMatchObject({
    peer: 'opencrvs-write-back',
    method: 'POST',
    url: 'http://countryconfig:3040/mosip-openhim-mediator',
    headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
  });
  expect(JSON.parse(String(request?.body))).toEqual({
    BRN: '2024/BQX 7T4N',
    ...written,
    MOSIP_AID: '10001100010000120240301000000',
  });
});

test.each([
  { settings: COUNTRY_CONFIG, name: 'a death', outcome: CONFIRMED, kind: 'death', note: /births only/ },
  {
    settings: COUNTRY_CONFIG,
    name: 'a death with a number',
    outcome: issued({ token: 't' }),
    kind: 'death',
    note: /births only/,
  },
  { settings: COUNTRY_CONFIG, name: 'a refusal', outcome: REFUSED, kind: 'birth', note: /issued numbers only/ },
  {
    settings: COUNTRY_CONFIG,
    name: 'a birth without a number',
    outcome: CONFIRMED,
    kind: 'birth',
    note: /issued numbers only/,
  },
  { settings: FHIR, name: 'a death', outcome: CONFIRMED, kind: 'death', note: /openhim-fhir.jsonata writes nothing/ },
  { settings: FHIR, name: 'a refusal', outcome: REFUSED, kind: 'birth', note: /no refusals/ },
] as const)('$settings.kind: has no place for $name', async ({ settings, outcome, kind, note }) => {
  const { outbound, writeBack } = setUp(settings, () => response(200));
  const result = await writeBack.deliver(delivery(outcome, { kind }));
  expect(result).toEqual({ result: 'not-offered', note: expect.stringMatching(note) });
  expect(outbound.requests).toEqual([]);
});

test.each([
  { name: 'an unknown number, a fault', status: 500, code: 'peer_error' },
  { name: 'not there', status: 503, code: 'peer_unavailable' },
  { name: 'too many requests', status: 429, code: 'peer_unavailable' },
  { name: 'no credentials, no scope', status: 401, code: 'peer_unauthorized' },
  { name: 'bad request', status: 400, code: 'write_back_refused' },
  { name: 'forbidden', status: 403, code: 'write_back_refused' },
  { name: 'not found', status: 404, code: 'write_back_refused' },
  { name: 'not allowed', status: 405, code: 'write_back_refused' },
  { name: 'unprocessable', status: 422, code: 'write_back_refused' },
  { name: 'a redirect', status: 302, code: 'peer_misconfigured' },
])('both ways: $status ($name) is $code', async ({ status, code }) => {
  for (const settings of [COUNTRY_CONFIG, FHIR]) {
    const { writeBack, health } = setUp(settings, () => response(status, 'Thandiwe'));
    const failed = writeBack.deliver(delivery(issued({ token: 'psut' })));
    await expect(failed).rejects.toMatchObject({ code, message: expect.not.stringContaining('Thandiwe') });
    // A refusal concerns one record, anything else the system.
    const state = code === 'write_back_refused' ? 'ok' : 'degraded';
    expect(health.readiness().checks).toMatchObject({ 'opencrvs-write-back': { state } });
  }
});

test.each([COUNTRY_CONFIG, FHIR])('$kind: a refused token is replaced once', async (settings) => {
  const patient = { resourceType: 'Patient', id: 'p-1', identifier: [{ type: 'MOSIP_PSUT_TOKEN_ID', value: 'psut' }] };
  const { outbound, writeBack } = setUp(settings, ({ headers }) =>
    headers?.['authorization'] === 'Bearer token-1' ? response(401) : response(200, patient),
  );
  expect(await writeBack.deliver(delivery(issued({ token: 'psut' })))).toEqual({ result: 'delivered' });
  expect(outbound.requests.map(({ headers }) => headers?.['authorization'])).toEqual([
    'Bearer token-1',
    'Bearer token-2',
  ]);
});

/** A FHIR store with these answers to a read or a search; it takes every update. */
const store =
  (found: unknown) =>
  ({ method }: OutboundRequest): OutboundResponse =>
    method === 'GET' ? response(200, found) : response(200);

const updates = (outbound: ScriptedOutbound): unknown[] =>
  outbound.requests.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.parse(String(body)));

test('openhim-fhir: the Patient is written back whole, with the number added', async () => {
  const patient = { resourceType: 'Patient', id: 'p-1', name: [{ given: ['Zoë', ''] }], custom: { kept: [1, null] } };
  const { outbound, writeBack } = setUp(FHIR, store(patient));
  expect(await writeBack.deliver(delivery(issued({ token: 'psut' })))).toEqual({ result: 'delivered' });
  expect(updates(outbound)).toEqual([{ ...patient, identifier: [{ type: 'MOSIP_PSUT_TOKEN_ID', value: 'psut' }] }]);
  expect(outbound.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'GET http://openhim:5001/fhir/Patient/p-1',
    'PUT http://openhim:5001/fhir/Patient/p-1',
  ]);
  expect(outbound.requests[1]?.headers).toMatchObject({ 'content-type': 'application/fhir+json' });
});

test.each([
  { name: 'VID', identity: { virtualId: 'vid', nationalId: 'uin' }, type: 'MOSIP_PSUT_TOKEN_ID', value: 'vid' },
  { name: 'number, where nothing stands for it', identity: { nationalId: 'uin' }, type: 'NATIONAL_ID', value: 'uin' },
])('openhim-fhir: writes the $name', async ({ identity, type, value }) => {
  const { outbound, writeBack } = setUp(FHIR, store({ resourceType: 'Patient', id: 'p-1' }));
  await writeBack.deliver(delivery(issued(identity)));
  expect(updates(outbound)).toMatchObject([{ identifier: [{ type, value }] }]);
});

test('openhim-fhir: what is there already is not written again', async () => {
  const identifier = [{ type: 'MOSIP_PSUT_TOKEN_ID', value: 'psut' }];
  const { outbound, writeBack } = setUp(FHIR, store({ resourceType: 'Patient', id: 'p-1', identifier }));
  expect(await writeBack.deliver(delivery(issued({ token: 'psut' })))).toEqual({ result: 'delivered' });
  expect(outbound.requests.map(({ method }) => method)).toEqual(['GET']);
});

test.each([
  { name: 'none', sourceId: undefined },
  { name: 'a path', sourceId: '../Task/1' },
  { name: 'the parent folder', sourceId: '..' },
  { name: 'a query', sourceId: 'p?x=1' },
])(
  'openhim-fhir: without an id that FHIR allows ($name) the registration number finds the Patient',
  async ({ sourceId }) => {
    const entry = [{ resource: { resourceType: 'Patient', id: 'p-9' } }];
    const { outbound, writeBack } = setUp(FHIR, store({ resourceType: 'Bundle', entry }));
    await writeBack.deliver(delivery(issued({ token: 'psut' }), { sourceId }));
    expect(outbound.requests.map(({ url }) => url)).toEqual([
      'http://openhim:5001/fhir/Patient?identifier=2024%2FBQX+7T4N',
      'http://openhim:5001/fhir/Patient/p-9',
    ]);
  },
);

test.each([
  { name: 'no hit', found: { resourceType: 'Bundle' }, code: 'write_back_refused' },
  {
    name: 'two hits',
    found: { resourceType: 'Bundle', entry: ['a', 'b'].map((id) => ({ resource: { resourceType: 'Patient', id } })) },
    code: 'write_back_refused',
  },
  {
    name: 'an id that is a path',
    found: { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: '../Task/1' } }] },
    code: 'peer_response_invalid',
  },
  { name: 'no bundle', found: { resourceType: 'OperationOutcome' }, code: 'peer_response_invalid' },
  {
    name: 'another kind of hit',
    found: { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Task', id: 't' } }] },
    code: 'peer_response_invalid',
  },
])('openhim-fhir: a search that does not tell the person writes nothing: $name', async ({ found, code }) => {
  const { outbound, writeBack } = setUp(FHIR, store(found));
  await expect(writeBack.deliver(delivery(issued({ token: 'psut' }), { sourceId: undefined }))).rejects.toMatchObject({
    code,
  });
  expect(updates(outbound)).toEqual([]);
});

test.each([
  { name: 'another Patient', found: { resourceType: 'Patient', id: 'p-2' } },
  { name: 'another resource', found: { resourceType: 'Task', id: 'p-1' } },
  { name: 'identifiers that are no list', found: { resourceType: 'Patient', id: 'p-1', identifier: {} } },
  { name: 'no JSON', found: '<html>' },
])('openhim-fhir: an answer that is not the Patient asked for is not written back: $name', async ({ found }) => {
  const { outbound, writeBack } = setUp(FHIR, store(found));
  const failed = writeBack.deliver(delivery(issued({ token: 'psut' })));
  await expect(failed).rejects.toMatchObject({ code: 'peer_response_invalid' });
  expect(updates(outbound)).toEqual([]);
});

const coded = (code: string, system?: string) => ({ coding: [system === undefined ? { code } : { system, code }] });
const SYSTEM = 'http://opencrvs.org/specs/identifier-type';

test.each([
  { name: 'no identifiers', before: undefined, after: [{ type: 'T', value: '1' }] },
  {
    name: 'bare types',
    before: [{ type: 'BRN', value: 'b' }],
    after: [
      { type: 'BRN', value: 'b' },
      { type: 'T', value: '1' },
    ],
  },
  {
    name: 'coded types',
    before: [{ type: coded('BRN', SYSTEM), value: 'b' }],
    after: [
      { type: coded('BRN', SYSTEM), value: 'b' },
      { type: coded('T', SYSTEM), value: '1' },
    ],
  },
  {
    name: 'both forms: the record is coded',
    before: [
      { type: 'AID', value: 'a' },
      { type: coded('BRN'), value: 'b' },
    ],
    after: [
      { type: 'AID', value: 'a' },
      { type: coded('BRN'), value: 'b' },
      { type: coded('T', SYSTEM), value: '1' },
    ],
  },
  {
    name: 'an older value of the type: replaced in its place and form',
    before: [{ type: coded('T'), value: '0', period: {} }, { value: 'untyped' }],
    after: [{ type: coded('T'), value: '1', period: {} }, { value: 'untyped' }],
  },
  { name: 'the same, bare', before: [{ type: 'T', value: '1' }], after: undefined },
  { name: 'the same, coded', before: [{ type: coded('T'), value: '1' }], after: undefined },
  {
    name: 'the same beside an older one',
    before: [
      { type: 'T', value: '0' },
      { type: 'T', value: '1' },
    ],
    after: undefined,
  },
])('identifiers of a record with $name', ({ before, after }) => {
  const patient = Patient.parse({ resourceType: 'Patient', id: 'p', identifier: before });
  const copy = structuredClone(patient);
  expect(withIdentifiers(patient, [{ type: 'T', value: '1' }])?.identifier).toEqual(after);
  expect(patient).toEqual(copy);
});
