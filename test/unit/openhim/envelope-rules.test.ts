import { expect, test } from '@jest/globals';
import { envelopeFaults } from '../../peers/openhim-envelope-rules.js';

const TYPE = 'application/json+openhim';
const AT = '2024-03-01T00:00:00Z';
const GOOD = {
  'x-mediator-urn': 'urn:mediator:x',
  status: 'Failed',
  response: { status: 503, headers: { 'content-type': 'text/plain' }, body: 'no', timestamp: AT },
  orchestrations: [
    { name: 'search', request: { timestamp: AT, body: '' }, response: { status: 200, body: '', timestamp: AT } },
  ],
  properties: { state: 'x' },
  error: { message: 'later' },
};
const RESPONSE = GOOD.response;
const CALL = GOOD.orchestrations[0];

test('a good envelope has no fault', () => {
  expect(envelopeFaults(JSON.stringify(GOOD), `${TYPE}; charset=utf-8`)).toEqual([]);
});

test.each([
  { name: 'no urn', change: { 'x-mediator-urn': '' }, fault: 'x-mediator-urn is missing' },
  { name: 'unknown status', change: { status: 'Done' }, fault: 'status is none that the console knows' },
  { name: 'success of a 503', change: { status: 'Successful' }, fault: 'status says Successful of a 503' },
  { name: 'no response', change: { response: undefined }, fault: 'response is missing' },
  {
    name: 'no HTTP status',
    change: { response: { ...RESPONSE, status: 5000 } },
    fault: 'response.status is no HTTP status',
  },
  { name: 'null body', change: { response: { ...RESPONSE, body: null } }, fault: 'response.body is not a string' },
  { name: 'object body', change: { response: { ...RESPONSE, body: {} } }, fault: 'response.body is not a string' },
  {
    name: 'time not ISO',
    change: { response: { ...RESPONSE, timestamp: '1 March' } },
    fault: 'response.timestamp is no ISO-8601 time',
  },
  {
    name: 'no headers',
    change: { response: { ...RESPONSE, headers: undefined } },
    fault: 'response.headers is not an object',
  },
  {
    name: 'no content type',
    change: { response: { ...RESPONSE, headers: {} } },
    fault: 'response.headers has no content-type',
  },
  {
    name: 'hop-by-hop header',
    change: { response: { ...RESPONSE, headers: { ...RESPONSE.headers, Connection: 'close' } } },
    fault: 'response.headers holds connection',
  },
  {
    name: 'line break in a header',
    change: { response: { ...RESPONSE, headers: { ...RESPONSE.headers, x: 'a\nb' } } },
    fault: 'response.headers: x is no text of one line',
  },
  {
    name: 'cookie as text',
    change: { response: { ...RESPONSE, headers: { ...RESPONSE.headers, 'set-cookie': 'a=b' } } },
    fault: 'response.headers: set-cookie is not an array',
  },
  { name: 'no array of calls', change: { orchestrations: {} }, fault: 'orchestrations is not an array' },
  {
    name: 'call without name',
    change: { orchestrations: [{ ...CALL, name: '' }] },
    fault: 'orchestrations[0] has no name',
  },
  {
    name: 'call without request',
    change: { orchestrations: [{ ...CALL, request: undefined }] },
    fault: 'orchestrations[0] has no request',
  },
  {
    name: 'call without time',
    change: { orchestrations: [{ ...CALL, request: {} }] },
    fault: 'orchestrations[0].request.timestamp is no ISO-8601 time',
  },
  {
    name: 'call with an object as body',
    change: { orchestrations: [{ ...CALL, request: { timestamp: AT, body: {} } }] },
    fault: 'orchestrations[0].request.body is not a string',
  },
  {
    name: 'call without outcome',
    change: { orchestrations: [{ ...CALL, response: undefined }] },
    fault: 'orchestrations[0] has neither response nor error',
  },
  {
    name: 'dot in a key',
    change: { properties: { 'a.b': '1' } },
    fault: 'properties: the key a.b holds a dot or a dollar sign',
  },
  { name: 'error as text', change: { error: 'x' }, fault: 'error has no message' },
  {
    name: 'rerun of a refusal',
    change: { status: 'Completed', response: { ...RESPONSE, status: 422 } },
    fault: 'error asks for a rerun of a 422',
  },
])('finds: $name', ({ change, fault }) => {
  expect(envelopeFaults(JSON.stringify({ ...GOOD, ...change }), TYPE)).toEqual([fault]);
});

test.each([
  { name: 'another content type', raw: JSON.stringify(GOOD), type: 'application/json', fault: /content-type/ },
  { name: 'no content type', raw: JSON.stringify(GOOD), type: undefined, fault: /content-type/ },
  { name: 'no JSON', raw: '{', type: TYPE, fault: /^not JSON$/ },
  { name: 'no object', raw: '[]', type: TYPE, fault: /^not a JSON object$/ },
])('finds: $name', ({ raw, type, fault }) => {
  expect(envelopeFaults(raw, type)).toEqual([expect.stringMatching(fault)]);
});
