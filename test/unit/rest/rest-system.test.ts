import { describe, expect, test } from '@jest/globals';
import type { DocumentSettings, RestSettings } from '../../../src/config/index.js';
import { MediatorError } from '../../../src/errors/index.js';
import type { NationalIdSystem } from '../../../src/national-id/port.js';
import { createRestSystem } from '../../../src/national-id/rest/index.js';
import type { OutboundRequest, OutboundResponse } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { NO_DOCUMENTS } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { BIRTH, CORRECTION } from '../../integration/rest/people.js';
import { settingsOf } from '../../integration/rest/set-up.js';

type Reply = { readonly status: number; readonly body?: unknown; readonly raw?: string } | MediatorError;

/** The adapter on a file, before a system that gives one reply; and what it was sent. */
function systemOf(
  file: object,
  reply: Reply,
  change: Partial<RestSettings> = {},
  documents: DocumentSettings = NO_DOCUMENTS,
) {
  const sent: OutboundRequest[] = [];
  const clock = new ManualClock();
  const outbound = {
    async send(request: OutboundRequest): Promise<OutboundResponse> {
      sent.push(request);
      if (reply instanceof MediatorError) throw reply;
      const text = reply.raw ?? (reply.body === undefined ? '' : JSON.stringify(reply.body));
      return { status: reply.status, headers: {}, body: Buffer.from(text) };
    },
    close: async () => undefined,
  };
  const deps = { outbound, clock, log: createMemoryLog().log, metrics: createMetrics(), health: createHealth(clock) };
  const settings = settingsOf(JSON.stringify({ baseUrl: 'http://system.example/api', ...file }));
  return { sent, system: createRestSystem(deps, { ...settings, ...change }, documents) };
}

const ISSUED = { status: [200, 201], result: 'issued', identity: '{ "nationalId": body.id }' };
const issueFile = (change: object = {}) => ({
  operations: { issue: { method: 'POST', path: '/people', body: '{}', answers: [ISSUED], ...change } },
});
const issue = (system: NationalIdSystem, repeated = false) =>
  system.issue({ event: BIRTH, outwardKey: 'K1', repeated, signal: new AbortController().signal });

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (answer) => answer,
    (thrown: unknown) => (thrown instanceof MediatorError ? thrown.code : thrown),
  );

test.each([
  { kind: 'none', auth: { kind: 'none' }, expected: {} },
  {
    kind: 'basic',
    auth: { kind: 'basic', username: 'médiateur', password: 'a:b' },
    expected: { authorization: `Basic ${Buffer.from('médiateur:a:b').toString('base64')}` },
  },
  { kind: 'bearer', auth: { kind: 'bearer', token: 'T' }, expected: { authorization: 'Bearer T' } },
  { kind: 'header', auth: { kind: 'header', header: 'X-Api-Key', value: 'V' }, expected: { 'X-Api-Key': 'V' } },
] as const)('authenticates: $kind', async ({ auth, expected }) => {
  const { sent, system } = systemOf(issueFile(), { status: 201, body: { id: '1' } }, { auth });
  await issue(system);
  expect(sent[0]?.headers).toEqual({ 'content-type': 'application/json', ...expected });
});

test('a request is made from its template, every part encoded', async () => {
  const file = issueFile({
    path: '/people/{key}/of/{place}',
    parameters: { key: 'outwardKey', place: '"a/b?c#d"' },
    query: { when: 'now', none: 'event.nothing', name: 'event.subject.names[0].family & "&"' },
    headers: { 'X-Number': 'event.registrationNumber', 'X-None': 'event.nothing' },
    body: '{ "born": event.subject.birthDate.value }',
  });
  const { sent, system } = systemOf(file, { status: 201, body: { id: '1' } });
  await issue(system);
  expect(sent).toMatchObject([
    {
      peer: 'rest',
      operation: 'issue',
      method: 'POST',
      url: 'http://system.example/api/people/K1/of/a%2Fb%3Fc%23d?when=2024-03-01T00%3A00%3A00.000Z&name=Canary%26',
      recordedPath: '/api/people/{key}/of/{place}',
      headers: { 'X-Number': '2024B1', 'content-type': 'application/json' },
      body: '{"born":"2004-01-28"}',
    },
  ]);
  expect(Object.keys(sent[0]?.headers ?? {})).not.toContain('X-None');
});

const SCAN = 'c2Nhbg==';
const PASSED: DocumentSettings = { pass: 'passed-on', maxBytes: 100 };
test.each([
  { name: 'as shipped none', body: '{ "papers": event.documents }', documents: NO_DOCUMENTS, told: 'none', sent: {} },
  {
    name: 'references',
    body: '{ "papers": event.documents.reference }',
    documents: { ...PASSED, pass: 'reference' } as const,
    told: 'reference',
    sent: { papers: '/ocrvs/1.png' },
  },
  {
    name: 'contents',
    body: '{ "papers": event.documents.content }',
    documents: PASSED,
    told: 'passed-on',
    sent: { papers: SCAN },
  },
  {
    name: 'none by a file that does not name them',
    body: 'event.{ "number": registrationNumber, "all": $keys() }',
    documents: PASSED,
    told: 'none',
    sent: { number: '2024B1', all: ['kind', 'registrationNumber', 'subject'] },
  },
])('documents that go to the system: $name', async ({ body, documents, told, sent: expected }) => {
  const { sent, system } = systemOf(issueFile({ body }), { status: 201, body: { id: '1' } }, {}, documents);
  const event = { ...BIRTH, documents: [{ kind: 'PASSPORT', reference: '/ocrvs/1.png', content: SCAN }] };
  await system.issue({ event, outwardKey: 'K1', repeated: false, signal: new AbortController().signal });
  expect(system.biometrics).toBe(told);
  expect(JSON.parse(String(sent[0]?.body))).toEqual(expected);
});

test.each([
  { name: 'a part of the path that is missing', change: { path: '/p/{id}', parameters: { id: 'event.nothing' } } },
  { name: 'a part of the path that leads up', change: { path: '/p/{id}', parameters: { id: '".."' } } },
  { name: 'a header with a line end', change: { headers: { X: '"Canary\\r\\nY: 1"' } } },
  { name: 'a query that is no text', change: { query: { q: 'event.subject' } } },
  { name: 'a body that comes to nothing', change: { body: 'event.nothing' } },
  { name: 'a condition that fails', change: { answers: [{ ...ISSUED, when: '$number(event.subject.names)' }] } },
])('a fault of the file is an operator’s, and tells no data: $name', async ({ change }) => {
  const { system } = systemOf(issueFile(change), { status: 200, body: { id: '1' } });
  const thrown: unknown = await issue(system).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'mapping_failed', message: expect.stringMatching(/operations\.issue\.\w+/) });
  expect(String(thrown)).not.toContain('Canary');
});

describe('answers', () => {
  test.each<{ name: string; reply: Reply; expected: unknown }>([
    {
      name: 'a success',
      reply: { status: 201, body: { id: 'N1' } },
      expected: { result: 'issued', identity: { nationalId: 'N1' } },
    },
    { name: 'a success without a number', reply: { status: 201, body: {} }, expected: 'peer_response_invalid' },
    { name: 'a number of another kind', reply: { status: 201, body: { id: 7 } }, expected: 'peer_response_invalid' },
    { name: 'a success that is no JSON', reply: { status: 200, raw: '<html>' }, expected: 'peer_response_invalid' },
    { name: 'a success that no rule names', reply: { status: 204 }, expected: 'peer_response_invalid' },
    { name: 'a redirect', reply: { status: 302 }, expected: 'peer_misconfigured' },
    { name: 'a refusal that no rule names', reply: { status: 409, body: {} }, expected: 'peer_misconfigured' },
    { name: '401', reply: { status: 401 }, expected: 'peer_unauthorized' },
    { name: '404', reply: { status: 404 }, expected: 'peer_misconfigured' },
    { name: '429', reply: { status: 429 }, expected: 'peer_unavailable' },
    { name: '500', reply: { status: 500, raw: '<html>' }, expected: 'peer_error' },
  ])('$name', async ({ reply, expected }) => {
    const { system } = systemOf(issueFile({ once: 'by-itself' }), reply);
    expect(await codeOf(issue(system))).toEqual(expected);
  });

  test.each<{ name: string; rule: object; expected: unknown }>([
    { name: 'retry', rule: { result: 'retry' }, expected: 'peer_unavailable' },
    { name: 'misconfigured', rule: { result: 'misconfigured' }, expected: 'national_id_misconfigured' },
    {
      name: 'refused',
      rule: { result: 'refused', code: 'NO', reason: 'No.' },
      expected: { result: 'refused', code: 'NO', reason: 'No.' },
    },
    {
      name: 'refused, under a code that the file knows',
      rule: { result: 'refused', code: 'NO', reason: 'No.', read: 'body.code', reasons: { OLD: 'Too old.' } },
      expected: { result: 'refused', code: 'OLD', reason: 'Too old.' },
    },
    {
      name: 'refused, under a code that it does not know',
      rule: { result: 'refused', code: 'NO', reason: 'No.', read: 'body.text', reasons: { OLD: 'Too old.' } },
      expected: { result: 'refused', code: 'NO', reason: 'No.' },
    },
  ])('a rule: $name', async ({ rule, expected }) => {
    const answers = [{ status: 200, ...rule, when: 'body.text = "Canary"' }, ISSUED];
    const { system } = systemOf(issueFile({ answers }), {
      status: 200,
      body: { text: 'Canary', code: 'OLD', id: 'N' },
    });
    expect(await codeOf(issue(system))).toEqual(expected);
  });

  test('the first rule that applies decides', async () => {
    const refused = { status: '4xx', result: 'refused', code: 'B', reason: 'B' };
    const answers = [{ ...refused, status: [400, 422], when: 'body.a', code: 'A' }, refused];
    const file = issueFile({ answers });
    expect(await issue(systemOf(file, { status: 422, body: { a: [1] } }).system)).toMatchObject({ code: 'A' });
    expect(await issue(systemOf(file, { status: 422, body: { a: [] } }).system)).toMatchObject({ code: 'B' });
    expect(await issue(systemOf(file, { status: 404, body: { a: 1 } }).system)).toMatchObject({ code: 'B' });
  });
});

describe('a change is made once', () => {
  test.each<{ name: string; reply: Reply; expected: string }>([
    {
      name: 'no answer',
      reply: new MediatorError('peer_timeout', { unanswered: true }),
      expected: 'outcome_unknown',
    },
    { name: '502', reply: { status: 502 }, expected: 'outcome_unknown' },
    { name: '500', reply: { status: 500 }, expected: 'outcome_unknown' },
    { name: 'garbage', reply: { status: 200, raw: 'garbage' }, expected: 'outcome_unknown' },
    {
      name: 'an open breaker',
      reply: new MediatorError('peer_circuit_open', { unanswered: true }),
      expected: 'peer_circuit_open',
    },
    { name: '401', reply: { status: 401 }, expected: 'peer_unauthorized' },
    { name: '429', reply: { status: 429 }, expected: 'peer_unavailable' },
  ])('where nothing protects it, $name is $expected', async ({ reply, expected }) => {
    const { system } = systemOf(issueFile(), reply);
    expect(await codeOf(issue(system))).toBe(expected);
  });

  test('where nothing protects it, it is never asked for again', async () => {
    const { sent, system } = systemOf(issueFile(), { status: 201, body: { id: '1' } });
    expect(await codeOf(issue(system, true))).toBe('outcome_unknown');
    expect(sent).toEqual([]);
  });

  test.each([
    { once: 'by-itself', header: undefined },
    { once: { header: 'Idempotency-Key' }, header: 'K1' },
  ])('it is repeated where that does no harm: $once', async ({ once, header }) => {
    const { sent, system } = systemOf(issueFile({ once }), { status: 201, body: { id: '1' } });
    expect(await issue(system, true)).toMatchObject({ result: 'issued' });
    expect(sent[0]?.headers?.['Idempotency-Key']).toBe(header);
  });
});

test('the file may say which number tells whom a change is about', async () => {
  const update = {
    method: 'PUT',
    path: '/people/{id}',
    parameters: { id: 'person' },
    person: 'known.token',
    answers: [{ status: 204, result: 'confirmed' }],
  };
  const { sent, system } = systemOf({ operations: { update } }, { status: 204 });
  const submission = { event: CORRECTION, outwardKey: 'K1', repeated: false, signal: new AbortController().signal };
  expect(await system.update({ ...submission, known: { nationalId: 'N1' } })).toMatchObject({ code: 'PERSON_UNKNOWN' });
  expect(await system.update({ ...submission, known: { token: 'T1' } })).toEqual({ result: 'confirmed' });
  expect(sent.map(({ url }) => url)).toEqual(['http://system.example/api/people/T1']);
});

test('a comparison without a result is no match', async () => {
  const verify = {
    method: 'GET',
    path: '/v',
    answers: [{ status: 200, result: 'compared', differences: 'body.differs' }],
  };
  const { system } = systemOf({ operations: { verify } }, { status: 200, body: {} });
  const { signal } = new AbortController();
  expect(await codeOf(system.verify({ nationalId: '1' }, signal))).toBe('peer_response_invalid');
});
