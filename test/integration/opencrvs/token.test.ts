import { afterEach, expect, test } from '@jest/globals';
import { recordingCalls, withToken } from '../../../src/outbound/index.js';
import type { OpenCrvsSystemOptions } from '../../peers/opencrvs-system.js';
import { type ClientSide, startClientSide } from './client-side.js';

let side: ClientSide | undefined;
afterEach(() => side?.stop());

async function start(options?: OpenCrvsSystemOptions): Promise<ClientSide> {
  side = await startClientSide(options);
  return side;
}

/** A call that any service with our token answers, the list of subscriptions. */
const list = ({ tokens, outbound, opencrvs }: ClientSide) =>
  withToken(tokens, (token) =>
    outbound.send({
      peer: 'opencrvs-webhooks',
      operation: 'list-subscriptions',
      method: 'GET',
      url: `${opencrvs.webhooks.url}/webhooks`,
      headers: { authorization: `Bearer ${token}` },
    }),
  );

test.each(['json', 'query'] as const)('%s mode: 1,000 callers at once cost one request', async (tokenMode) => {
  const { tokens, opencrvs, check } = await start({ tokenMode });
  const values = await Promise.all(Array.from({ length: 1000 }, () => tokens.get()));
  expect(new Set(values).size).toBe(1);
  expect(opencrvs.auth.tokenRequests).toBe(1);
  expect(check('opencrvs-token')?.state).toBe('ok');
});

test.each([
  { name: 'five hours ahead', clockSkewMs: 18_000_000 },
  { name: 'five hours behind', clockSkewMs: -18_000_000 },
])('the clock of OpenCRVS may be $name', async ({ clockSkewMs }) => {
  const client = await start({ clockSkewMs });
  expect((await list(client)).status).toBe(200);
  await client.clock.advance(530_000);
  expect((await list(client)).status).toBe(200);
  expect(client.opencrvs.auth.tokenRequests).toBe(1);
});

/** Moves time on to a renewal and waits for its end. */
async function advanceToRenewal({ clock, tokenResult }: ClientSide, byMs: number): Promise<void> {
  const result = tokenResult();
  await clock.advance(byMs);
  await result;
}

test('tokens of 15 seconds: always a living one, each renewed in the background', async () => {
  const client = await start({ tokenLifeSeconds: 15 });
  await client.tokens.get();
  for (let renewals = 1; renewals <= 5; renewals += 1) {
    await advanceToRenewal(client, 12_000);
    expect(client.opencrvs.auth.tokenRequests).toBe(renewals + 1);
    expect((await list(client)).status).toBe(200);
  }
  expect(client.opencrvs.webhooks.received).toHaveLength(5);
});

test('the old token serves while auth is down, and the next one comes when it is back', async () => {
  const client = await start();
  await client.tokens.get();
  client.opencrvs.auth.fail('/authenticateSystemClient', { kind: 'reset' });
  await advanceToRenewal(client, 540_000);
  expect(client.check('opencrvs-token')?.state).toBe('degraded');
  expect((await list(client)).status).toBe(200);
  client.opencrvs.auth.heal();
  await advanceToRenewal(client, 5_000);
  await client.clock.advance(60_000);
  expect((await list(client)).status).toBe(200);
  expect(client.opencrvs.auth.tokenRequests).toBe(3);
});

test('a 401 drops the token; the call is made once more with a new one', async () => {
  const client = await start();
  await client.tokens.get();
  client.opencrvs.webhooks.fail('/webhooks', { status: 401 }, 1);
  expect((await list(client)).status).toBe(200);
  expect(client.opencrvs.auth.tokenRequests).toBe(2);
  expect(client.opencrvs.webhooks.received).toHaveLength(2);
});

test.each([
  { name: 'garbage', fault: { kind: 'garbage' }, code: 'peer_response_invalid' },
  { name: 'a cut answer', fault: { kind: 'cut' }, code: 'peer_response_invalid' },
  { name: 'a reset', fault: { kind: 'reset' }, code: 'peer_unreachable' },
  { name: 'a user service that is down', fault: { status: 401 }, code: 'peer_unauthorized' },
] as const)('$name is an error that can be retried, and the next try works', async ({ fault, code }) => {
  const { tokens, opencrvs, check } = await start();
  opencrvs.auth.fail('/authenticateSystemClient', fault, 1);
  await expect(tokens.get()).rejects.toMatchObject({ code, disposition: 'retry' });
  expect(check('opencrvs-token')?.state).toBe('degraded');
  await tokens.get();
  expect(check('opencrvs-token')?.state).toBe('ok');
});

test('the endpoint of another version is told by name', async () => {
  const { tokens, opencrvs } = await start({ tokenMode: 'query' });
  opencrvs.auth.fail('/token', { status: 404 });
  await expect(tokens.get()).rejects.toMatchObject({
    code: 'peer_misconfigured',
    message: expect.stringContaining('OPENCRVS_TOKEN_MODE'),
  });
});

test('a client of another type: its token is used, and health names the scopes', async () => {
  const { tokens, check } = await start({ scopes: ['declare', 'notification-api'] });
  await tokens.get();
  expect(check('opencrvs-token')).toMatchObject({
    state: 'degraded',
    detail: expect.stringMatching(/nationalId.*declare, notification-api/),
  });
});

test('query mode: the secret is in no log line and in no record of the call', async () => {
  const client = await start({ tokenMode: 'query' });
  const { opencrvs, lines } = client;
  const { calls } = await recordingCalls(() => client.tokens.get());
  opencrvs.auth.fail('/token', { status: 401 });
  await advanceToRenewal(client, 540_000);
  await client.clock.advance(0);
  expect(calls).toMatchObject([{ operation: 'token', request: { path: '/token' } }]);
  expect(lines.length).toBeGreaterThan(1);
  expect(`${JSON.stringify(calls)}${lines.join('\n')}`).not.toContain(opencrvs.system.clientSecret);
});
