import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { OpenCrvsGatewayPeer } from '../../peers/opencrvs-gateway-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';

/** What the real gateway answers to these (reference/opencrvs.md 4.7): a client must not pass here and fail there. */
const CONFIRM =
  'mutation confirmRegistration($id: ID!, $details: ConfirmRegistrationInput!) { confirmRegistration(id: $id, details: $details) }';
const READ = `query fetchRegistration($id: ID!) { fetchRegistration(id: $id) {
  registration { registrationNumber status { type } } ... on BirthRegistration { child { identifier { id type } } } } }`;
const DETAILS = { registrationNumber: 'N1', identifiers: [{ type: 'NATIONAL_ID', value: 'v' }] };

const system = new OpenCrvsSystem();
const peer = new OpenCrvsGatewayPeer(system);
beforeAll(() => peer.start());
afterAll(() => peer.stop());
beforeEach(() => {
  peer.records.clear();
  peer.addRecord('r1');
});

interface Sent {
  readonly query?: string;
  readonly operationName?: string;
  readonly variables?: unknown;
  readonly headers?: Record<string, string>;
}

async function send({ query = CONFIRM, operationName, variables, headers }: Sent) {
  const response = await fetch(`${peer.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${system.issueReplyToken({ recordId: 'r1' })}`,
      ...headers,
    },
    body: JSON.stringify({ query, operationName, variables: variables ?? { id: 'r1', details: DETAILS } }),
  });
  return { status: response.status, body: await response.json() };
}

const failed = (code: string) => ({ errors: [{ message: expect.any(String), extensions: { code } }] });

test.each([
  { name: 'no GraphQL', sent: { query: 'confirm please' }, code: 'GRAPHQL_PARSE_FAILED' },
  { name: 'a bracket too few', sent: { query: CONFIRM.slice(0, -1) }, code: 'GRAPHQL_PARSE_FAILED' },
  { name: 'a bracket too many', sent: { query: `${CONFIRM}}` }, code: 'GRAPHQL_PARSE_FAILED' },
  {
    name: 'an unknown field',
    sent: { query: CONFIRM.replaceAll('confirmRegistration(id', 'confirm(id') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'an unknown argument',
    sent: { query: CONFIRM.replace('details: $', 'detail: $') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'an argument too few',
    sent: { query: 'mutation confirmRegistration($id: ID!) { confirmRegistration(id: $id) }' },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a variable of another type',
    sent: { query: CONFIRM.replace('ID!', 'String!') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a variable that may be absent',
    sent: { query: CONFIRM.replace('ID!', 'ID') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'an unused variable',
    sent: { query: CONFIRM.replace('!)', '!, $x: ID)') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a selection in a scalar',
    sent: { query: CONFIRM.replace(') }', ') { id } }') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'no selection in an object',
    sent: { query: READ.replace('{ id type }', '') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a field of one event asked of all',
    sent: { query: READ.replace('... on BirthRegistration {', '').replace(/ \}$/, '') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  {
    name: 'a fragment of no such event',
    sent: { query: READ.replace('on Birth', 'on X') },
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  { name: 'the name of another operation', sent: { operationName: 'other' }, code: 'OPERATION_RESOLUTION_FAILURE' },
  { name: 'a form', sent: { headers: { 'content-type': 'text/plain' } }, code: 'BAD_REQUEST' },
])('HTTP 400 for $name', async ({ sent, code }) => {
  expect(await send(sent)).toMatchObject({ status: 400, body: failed(code) });
});

test.each([
  { name: 'no number', details: { identifiers: [] } },
  { name: 'an unknown member', details: { ...DETAILS, childIdentifiers: [] } },
  { name: 'an identifier without a value', details: { registrationNumber: 'N1', identifiers: [{ type: 'OTHER' }] } },
])('HTTP 200 and errors for details with $name', async ({ details }) => {
  expect(await send({ variables: { id: 'r1', details } })).toMatchObject({
    status: 200,
    body: failed('BAD_USER_INPUT'),
  });
});

test('HTTP 200 and errors without a token, and an empty result', async () => {
  const { status, body } = await send({ headers: { authorization: '' } });
  expect({ status, body }).toMatchObject({ status: 200, body: { ...failed('UNAUTHENTICATED'), data: null } });
});

test('an unknown code of an identifier is refused', async () => {
  const details = { registrationNumber: 'N1', identifiers: [{ type: 'MOSIP_AID', value: 'v' }] };
  expect(await send({ variables: { id: 'r1', details } })).toMatchObject({ body: failed('INTERNAL_SERVER_ERROR') });
});

test('a confirmation is taken as often as it comes', async () => {
  for (let time = 0; time < 2; time += 1) {
    expect(await send({})).toEqual({ status: 200, body: { data: { confirmRegistration: 'task-of-r1' } } });
  }
  expect(peer.records.get('r1')?.registrationNumbers).toEqual(['N1', 'N1']);
});

test('only what was asked for comes back', async () => {
  await send({});
  peer.addRecord('r2', { event: 'DEATH', identifiers: [{ type: 'PASSPORT', value: 'p' }] });
  expect((await send({ query: READ, variables: { id: 'r1' } })).body).toEqual({
    data: {
      fetchRegistration: {
        registration: { registrationNumber: 'N1', status: [{ type: 'REGISTERED' }, { type: 'DECLARED' }] },
        child: { identifier: [{ id: 'v', type: 'NATIONAL_ID' }] },
      },
    },
  });
  expect((await send({ query: READ, variables: { id: 'r2' } })).body).toEqual({
    data: {
      fetchRegistration: {
        registration: { registrationNumber: null, status: [{ type: 'WAITING_VALIDATION' }, { type: 'DECLARED' }] },
      },
    },
  });
});
