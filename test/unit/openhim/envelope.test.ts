import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ENVELOPE_CONTENT_TYPE, type EnvelopeInput, toEnvelope } from '../../../src/openhim/index.js';
import type { CallRecord } from '../../../src/outbound/index.js';
import { envelopeFaults } from '../../peers/openhim-envelope-rules.js';

const AT = '2024-03-01T00:00:00.000Z';
const ANSWERED: CallRecord = {
  peer: 'fhir',
  operation: 'search',
  request: { method: 'GET', host: 'fhir', port: 8080, path: '/Patient', timestamp: AT },
  response: { status: 200, timestamp: AT },
};
const FAILED: CallRecord = {
  peer: 'mosip',
  operation: 'create-packet',
  request: { method: 'POST', host: 'mosip', port: 443, path: '/packet', timestamp: AT, body: '{}' },
  error: { code: 'peer_timeout', message: 'The peer did not answer in time.' },
};

function input(reply: Partial<EnvelopeInput['reply']> = {}, rest: Partial<EnvelopeInput> = {}): EnvelopeInput {
  const headers = { 'content-type': 'application/json' };
  return {
    urn: 'urn:mediator:x',
    reply: { status: 200, headers, body: '{}', ...reply },
    calls: [],
    respondedAt: AT,
    ...rest,
  };
}

const envelope = (given: EnvelopeInput) => JSON.parse(Buffer.from(toEnvelope(given), 'latin1').toString('utf8'));

test.each([
  { status: 200, expected: 'Successful' },
  { status: 303, expected: 'Successful' },
  { status: 404, expected: 'Completed' },
  { status: 503, expected: 'Failed' },
])('a $status is shown as $expected', ({ status, expected }) => {
  expect(envelope(input({ status }))).toMatchObject({ status: expected, response: { status } });
});

test('holds the reply, its time and our urn, and no error unless asked', () => {
  expect(envelope(input())).toEqual({
    'x-mediator-urn': 'urn:mediator:x',
    status: 'Successful',
    response: { status: 200, headers: { 'content-type': 'application/json' }, body: '{}', timestamp: AT },
    orchestrations: [],
  });
});

test('asks for a rerun with the message alone', () => {
  const given = input({ status: 503 }, { error: { message: 'The event store cannot be written at the moment.' } });
  expect(envelope(given).error).toEqual({ message: 'The event store cannot be written at the moment.' });
});

test('makes an orchestration of each call, in order, with text bodies', () => {
  expect(envelope(input({}, { calls: [ANSWERED, FAILED] })).orchestrations).toEqual([
    {
      name: 'search',
      group: 'fhir',
      request: {
        method: 'GET',
        host: 'fhir',
        port: '8080',
        path: '/Patient',
        querystring: '',
        headers: {},
        body: '',
        timestamp: AT,
      },
      response: { status: 200, headers: {}, body: '', timestamp: AT },
    },
    expect.objectContaining({
      name: 'create-packet',
      request: expect.objectContaining({ body: '{}' }),
      error: { message: 'peer_timeout: The peer did not answer in time.' },
    }),
  ]);
});

test('keeps end-to-end headers in lower case and drops every other', () => {
  const headers = {
    ETag: 'W/"1"',
    Location: 'Patient/1',
    'Content-Type': 'application/fhir+json',
    Connection: 'close',
    'Keep-Alive': 'timeout=5',
    'Transfer-Encoding': 'chunked',
    'Content-Length': '2',
    'Content-Encoding': 'gzip',
    Date: 'now',
    'Set-Cookie': ['a=b'],
    'X-Split': 'a\r\nx-forged: 1',
    Vary: ['accept', 'origin'],
    'X-Absent': undefined,
  };
  expect(envelope(input({ headers })).response.headers).toEqual({
    etag: 'W/"1"',
    location: 'Patient/1',
    'content-type': 'application/fhir+json',
    vary: 'accept, origin',
  });
});

test('a reply without body has an empty text and an object of headers', () => {
  expect(envelope(input({ status: 204, headers: {}, body: '' })).response).toMatchObject({ headers: {}, body: '' });
});

test('a body without content type is text, and bytes are read as UTF-8', () => {
  const { headers, body } = envelope(input({ headers: {}, body: Buffer.from('Zoë') })).response;
  expect({ headers, body }).toEqual({ headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Zoë' });
});

test('keys of properties lose dots and dollar signs', () => {
  expect(envelope(input({}, { properties: { 'event.id': '1', $state: 'ok' } })).properties).toEqual({
    event_id: '1',
    _state: 'ok',
  });
});

test('whatever the reply, core has nothing to trip over', () => {
  const reply = fc.record({
    status: fc.integer({ min: 200, max: 599 }),
    headers: fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), fc.string()),
    body: fc.oneof(fc.string(), fc.uint8Array().map(Buffer.from)),
  });
  const calls = fc.array(fc.constantFrom(ANSWERED, FAILED));
  fc.assert(
    fc.property(reply, calls, fc.dictionary(fc.string(), fc.string()), (given, records, properties) => {
      const raw = Buffer.from(toEnvelope(input(given, { calls: records, properties })), 'latin1').toString('utf8');
      expect(envelopeFaults(raw, ENVELOPE_CONTENT_TYPE)).toEqual([]);
    }),
  );
});
