import { expect, test } from '@jest/globals';
import { toMediatorError } from '../../../src/errors/index.js';
import { createServiceCaller, createServiceClient } from '../../../src/national-id/mosip/service-client.js';
import type { OutboundResponse, TokenSource } from '../../../src/outbound/index.js';
import { createHealth } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { errorsReply, reply, scriptedOutbound } from './scripted-outbound.js';

const DONE = reply({ response: { workflowInstanceId: '1' }, errors: null });

function setUp(...script: (OutboundResponse | Error)[]) {
  const clock = new ManualClock();
  const outbound = scriptedOutbound(...script);
  const health = createHealth(clock);
  let issued = 0;
  const tokens: TokenSource = {
    get: async () => `token-${issued}`,
    drop() {
      issued += 1;
    },
    stop: () => undefined,
  };
  const client = createServiceClient(createServiceCaller({ outbound, tokens, clock, check: health.check('mosip') }));
  const call = () =>
    client({
      operation: 'start-workflow',
      method: 'POST',
      url: 'https://mosip.test/workflow',
      id: 'an.id',
      version: 'v1',
      request: { registrationId: '1' },
      signal: new AbortController().signal,
    });
  const state = () => health.readiness().checks['mosip'];
  return { call, outbound, state };
}

test('sends an envelope with the token as the only cookie', async () => {
  const { call, outbound, state } = setUp(DONE);
  expect(await call()).toEqual({ result: 'done' });
  expect(outbound.sent[0]).toMatchObject({
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'Authorization=token-0' },
  });
  expect(JSON.parse(String(outbound.sent[0]?.body))).toMatchObject({
    id: 'an.id',
    version: 'v1',
    requesttime: '2024-03-01T00:00:00.000Z',
    request: { registrationId: '1' },
  });
  expect(state()?.state).toBe('ok');
});

test.each(['RPR-WIS-001', 'IDR-IDC-012'])('%s is a success: it was done before', async (code) => {
  expect(await setUp(errorsReply(code)).call()).toEqual({ result: 'done' });
});

test.each([
  'RPR-WIN-000',
  'RPR-WIN-001',
  'IDR-IDC-001',
  'IDR-IDC-002',
  'IDR-IDC-003',
  'IDR-IDC-005',
  'IDR-IDC-007',
  'IDR-IDC-011',
  'IDR-IDC-014',
])('%s is a refusal in our own words', async (code) => {
  const { call, state } = setUp(errorsReply(code));
  const answer = await call();
  expect(answer).toMatchObject({ result: 'refused', code, reason: expect.stringMatching(/^MOSIP /) });
  expect(JSON.stringify(answer)).not.toContain('Canary');
  expect(state()?.state).toBe('ok');
});

test.each([
  { codes: ['RPR-WIN-002'], code: 'peer_error' },
  { codes: ['RPR-WIS-000'], code: 'peer_error' },
  { codes: ['KER-PUT-015'], code: 'peer_error' },
  { codes: ['XYZ-ABC-999'], code: 'peer_error' },
  { codes: ['Amina Canary'], code: 'peer_error' },
  { codes: ['KER-PUT-006'], code: 'national_id_misconfigured' },
  { codes: ['RPR-WIN-001', 'KER-PUT-025'], code: 'national_id_misconfigured' },
  { codes: ['RPR-WIS-001', 'RPR-WIS-000'], code: 'peer_error' },
])('errors $codes in a 200 fail with $code, naming no data', async ({ codes, code }) => {
  const { call, state } = setUp(errorsReply(...codes));
  const error = toMediatorError(await call().catch((thrown: unknown) => thrown));
  expect(error.code).toBe(code);
  expect(error.message).not.toContain('Canary');
  expect(state()).toMatchObject({ state: 'degraded', detail: error.message });
});

test('a refusal outweighs an error that may pass', async () => {
  expect(await setUp(errorsReply('RPR-WIS-000', 'RPR-WIN-001')).call()).toMatchObject({ code: 'RPR-WIN-001' });
});

test.each([
  { name: 'neither response nor errors', answer: reply({ response: null, errors: [] }), code: 'peer_response_invalid' },
  { name: 'an empty list', answer: reply({ response: [], errors: null }), code: 'peer_response_invalid' },
  { name: 'an empty object', answer: reply({}), code: 'peer_response_invalid' },
  { name: 'no JSON', answer: reply('ok'), code: 'peer_response_invalid' },
  { name: 'a bare text', answer: reply('"ok"'), code: 'peer_response_invalid' },
  { name: 'HTTP 500', answer: reply('', 500), code: 'peer_error' },
  { name: 'HTTP 503', answer: reply('', 503), code: 'peer_unavailable' },
  { name: 'HTTP 400', answer: reply('', 400), code: 'peer_error' },
  { name: 'HTTP 302', answer: reply('', 302), code: 'peer_misconfigured' },
])('is no success: $name', async ({ answer, code }) => {
  await expect(setUp(answer).call()).rejects.toMatchObject({ code });
});

test.each([
  { name: 'HTTP 401', answer: reply('', 401) },
  { name: 'HTTP 403', answer: reply('', 403) },
  { name: 'an invalid token in a 200', answer: errorsReply('KER-ATH-401') },
  { name: 'an expired token in a 200', answer: errorsReply('KER-ATH-402') },
])('logs in again once: $name', async ({ answer }) => {
  const healed = setUp(answer, DONE);
  expect(await healed.call()).toEqual({ result: 'done' });
  expect(healed.outbound.sent.map(({ headers }) => headers?.['cookie'])).toEqual([
    'Authorization=token-0',
    'Authorization=token-1',
  ]);

  const refused = setUp(answer);
  await expect(refused.call()).rejects.toMatchObject({ code: 'peer_unauthorized' });
  expect(refused.outbound.sent).toHaveLength(2);
});
