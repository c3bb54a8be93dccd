import { describe, expect, test } from '@jest/globals';
import { errorForStatus, type OutboundResponse, readJson, retryAfterMs } from '../../../src/outbound/index.js';

const NOW = Date.parse('2024-03-01T12:00:00Z');

function answer(status: number, headers: OutboundResponse['headers'] = {}, body = ''): OutboundResponse {
  return { status, headers, body: Buffer.from(body) };
}

describe('readJson', () => {
  test('gives the parsed body', () => {
    expect(readJson(answer(200, {}, '{"name":"Zoë"}'))).toEqual({ name: 'Zoë' });
  });

  test.each([
    { name: 'no JSON', body: '<html>Canary</html>' },
    { name: 'nothing', body: '' },
    { name: 'half of it', body: '{"name":"Canary' },
  ])('$name: peer_response_invalid, without the body', ({ body }) => {
    const read = (): unknown => readJson(answer(200, {}, body));
    expect(read).toThrow(expect.objectContaining({ code: 'peer_response_invalid' }));
    expect(read).not.toThrow(expect.objectContaining({ cause: expect.anything() }));
    expect(read).not.toThrow(/Canary/);
  });
});

test.each([
  { name: 'none', value: undefined, wait: undefined },
  { name: 'seconds', value: '120', wait: 120_000 },
  { name: 'at once', value: '0', wait: 0 },
  { name: 'a date to come', value: 'Fri, 01 Mar 2024 12:00:30 GMT', wait: 30_000 },
  { name: 'a date that is past', value: 'Fri, 01 Mar 2024 11:59:00 GMT', wait: undefined },
  { name: 'a negative number', value: '-5', wait: undefined },
  { name: 'words', value: 'soon', wait: undefined },
  { name: 'an empty text', value: '', wait: undefined },
  { name: 'more than one', value: ['1', '2'], wait: undefined },
  { name: 'a number beyond all', value: '9'.repeat(400), wait: undefined },
])('Retry-After: $name', ({ value, wait }) => {
  expect(retryAfterMs(answer(503, { 'retry-after': value }), NOW)).toBe(wait);
});

describe('errorForStatus', () => {
  test.each([200, 201, 204, 299])('%i is a success', (status) => {
    expect(errorForStatus(answer(status), NOW)).toBeUndefined();
  });

  test.each([400, 403, 406, 409, 410, 412, 415, 422])('%i is left to the caller', (status) => {
    expect(errorForStatus(answer(status), NOW)).toBeUndefined();
  });

  test.each([
    { status: 301, code: 'peer_misconfigured', unanswered: false },
    { status: 304, code: 'peer_misconfigured', unanswered: false },
    { status: 401, code: 'peer_unauthorized', unanswered: false },
    { status: 404, code: 'peer_misconfigured', unanswered: false },
    { status: 405, code: 'peer_misconfigured', unanswered: false },
    { status: 408, code: 'peer_unavailable', unanswered: false },
    { status: 429, code: 'peer_unavailable', unanswered: false },
    { status: 500, code: 'peer_error', unanswered: false },
    { status: 501, code: 'peer_error', unanswered: false },
    { status: 502, code: 'peer_unavailable', unanswered: true },
    { status: 503, code: 'peer_unavailable', unanswered: true },
    { status: 504, code: 'peer_unavailable', unanswered: true },
    { status: 599, code: 'peer_error', unanswered: false },
  ])('$status is $code', ({ status, code, unanswered }) => {
    const error = errorForStatus(answer(status, { 'retry-after': '7' }, 'Canary'), NOW);
    expect(error).toMatchObject({ code, unanswered, retryAfterMs: 7_000 });
    expect(error?.message).toBe(`The peer answered HTTP ${status}.`);
  });
});
