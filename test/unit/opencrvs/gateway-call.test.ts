import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { createReplyCaller } from '../../../src/opencrvs/write-back/caller.js';
import { createGatewayCall } from '../../../src/opencrvs/write-back/gateway-call.js';
import type { OutboundRequest, OutboundResponse } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const OPERATION = {
  name: 'doIt',
  query: 'mutation doIt($id: ID!) { doIt(id: $id) }',
  data: z.object({ doIt: z.string() }),
};

function setUp(answer: (request: OutboundRequest) => OutboundResponse, url = 'https://gateway.example') {
  const outbound = new ScriptedOutbound(answer);
  const clock = new ManualClock();
  const health = createHealth(clock);
  const call = createGatewayCall(createReplyCaller({ outbound, check: health.check('way') }), clock, url);
  const { signal } = new AbortController();
  return { outbound, health, run: () => call(OPERATION, { id: 'r' }, { token: 'record-token', signal }) };
}

test.each(['https://gateway.example', 'https://gateway.example/graphql'])(
  'asks below %s with the token of the record',
  async (url) => {
    const { outbound, run } = setUp(() => response(200, { data: { doIt: 'task' } }), url);
    expect(await run()).toEqual({ doIt: 'task' });
    const [request, ...others] = outbound.requests;
    expect(others).toEqual([]);
    expect(request).toMatchObject({
      peer: 'opencrvs-write-back',
      operation: 'doIt',
      method: 'POST',
      url: 'https://gateway.example/graphql',
      headers: { authorization: 'Bearer record-token', 'content-type': 'application/json' },
    });
    const sent: unknown = JSON.parse(String(request?.body));
    expect(sent).toEqual({ operationName: 'doIt', query: OPERATION.query, variables: { id: 'r' } });
  },
);

const graphqlError = (message: string, code?: string) => ({
  errors: [{ message, ...(code === undefined ? {} : { extensions: { code } }) }],
  data: null,
});

test.each([
  ['the token is expired or forged', 'Unauthorized', 'UNAUTHENTICATED', 'write_back_refused'],
  ['its owner is not active', 'Authentication failed', 'UNAUTHENTICATED', 'write_back_refused'],
  ['its owner cannot be looked up', 'FetchError: Thandiwe', 'UNAUTHENTICATED', 'peer_unauthorized'],
  ['another record', 'User does not have access to the record', 'INTERNAL_SERVER_ERROR', 'write_back_refused'],
  ['no scope', 'User does not have a Confirm Registration scope', undefined, 'write_back_refused'],
  ['no right behind the gateway', 'Error in rejectRegistration: Forbidden', undefined, 'write_back_refused'],
  ['variables it does not know', 'Variable Thandiwe', 'BAD_USER_INPUT', 'write_back_refused'],
  ['a fault behind the gateway', 'Failed to confirm registration: Internal Server Error', undefined, 'peer_error'],
  ['anything else', 'Thandiwe', 'INTERNAL_SERVER_ERROR', 'peer_error'],
])('HTTP 200 with errors: %s', async (_, message, extension, code) => {
  const { run } = setUp(() => response(200, graphqlError(message, extension)));
  await expect(run()).rejects.toMatchObject({ code, message: expect.not.stringContaining('Thandiwe') });
});

test('the first of several errors counts, and data beside it does not', async () => {
  const { errors } = graphqlError('Unauthorized', 'UNAUTHENTICATED');
  const body = { data: { doIt: 'task' }, errors: [...errors, { message: 'later' }] };
  await expect(setUp(() => response(200, body)).run()).rejects.toMatchObject({ code: 'write_back_refused' });
});

test.each([
  {
    name: 'a document it does not know',
    status: 400,
    body: graphqlError('x', 'GRAPHQL_VALIDATION_FAILED'),
    words: /version/,
  },
  { name: 'a 400 of its own framework', status: 400, body: { statusCode: 400 }, words: /HTTP 400/ },
  { name: 'no such address', status: 404, body: {}, words: /HTTP 404/ },
])('$name needs a person', async ({ status, body, words }) => {
  const failed = setUp(() => response(status, body)).run();
  await expect(failed).rejects.toMatchObject({ code: 'write_back_refused', message: expect.stringMatching(words) });
});

test.each([
  { name: 'no JSON', body: '<html>' },
  { name: 'no data', body: {} },
  { name: 'another result', body: { data: { done: 'task' } } },
  { name: 'an empty list of errors and no data', body: { errors: [], data: null } },
  { name: 'a list', body: [] },
])('HTTP 200 with $name is no success', async ({ body }) => {
  const { run, health } = setUp(() => response(200, body));
  await expect(run()).rejects.toMatchObject({ code: 'peer_response_invalid' });
  expect(health.readiness().checks).toMatchObject({ way: { state: 'degraded' } });
});

test('a 400 of a proxy, in HTML, is judged by its status', async () => {
  const html = (): OutboundResponse => ({ ...response(400, '<html>'), headers: { 'content-type': 'text/html' } });
  await expect(setUp(html).run()).rejects.toMatchObject({ code: 'write_back_refused' });
});
