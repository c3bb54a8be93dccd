import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  type ClientCredentialsOptions,
  createClientCredentials,
  createOutboundClient,
} from '../../../src/outbound/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { HttpPeer, json, type PeerReply } from '../../peers/http-peer.js';

const CLIENT = { clientId: 'a client', clientSecret: 'its:secret/' };

class TokenPeer extends HttpPeer {
  reply: PeerReply = json({ access_token: 'T1', token_type: 'Bearer', expires_in: 100 });

  protected override answer(): PeerReply {
    return this.reply;
  }
}

let peer: TokenPeer;
const clock = new ManualClock();
const outbound = createOutboundClient({ clock, metrics: createMetrics() });
const tokensOf = (change: Partial<ClientCredentialsOptions> = {}) =>
  createClientCredentials(
    { outbound, clock, log: createMemoryLog().log, metrics: createMetrics() },
    { peer: 'rest-auth', tokenUrl: `${peer.url}/token`, ...CLIENT, sendIn: 'header', ...change },
  );

beforeEach(async () => {
  peer = await new TokenPeer().start();
});
afterEach(() => peer.stop());

test.each([
  {
    sendIn: 'header',
    scope: 'read write',
    form: { grant_type: 'client_credentials', scope: 'read write' },
    authorization: `Basic ${btoa('a%20client:its%3Asecret%2F')}`,
  },
  {
    sendIn: 'body',
    scope: undefined,
    form: { grant_type: 'client_credentials', client_id: 'a client', client_secret: 'its:secret/' },
    authorization: undefined,
  },
] as const)('asks with the credentials in the $sendIn', async ({ sendIn, scope, form, authorization }) => {
  expect(await tokensOf({ sendIn, scope }).get()).toBe('T1');
  const [request] = peer.received;
  expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(request?.headers['authorization']).toBe(authorization);
  expect(Object.fromEntries(new URLSearchParams(String(request?.body)))).toEqual(form);
});

test('a token is used until a fifth of its life is left', async () => {
  const tokens = tokensOf();
  for (const _ of [1, 2]) await tokens.get();
  expect(peer.received).toHaveLength(1);
  tokens.stop();
});

test.each([
  { name: 'an unknown client', reply: json({ error: 'invalid_client' }, 400), code: 'peer_unauthorized' },
  { name: '401', reply: json({ error: 'invalid_client' }, 401), code: 'peer_unauthorized' },
  { name: 'a wrong scope', reply: json({ error: 'invalid_scope' }, 400), code: 'peer_misconfigured' },
  { name: 'a wrong address', reply: { status: 404 }, code: 'peer_misconfigured' },
  { name: 'a broken endpoint', reply: { status: 500 }, code: 'peer_error' },
  { name: 'no token', reply: json({}), code: 'peer_response_invalid' },
  { name: 'a token without an end', reply: json({ access_token: 'T1' }), code: 'peer_response_invalid' },
])('$name: $code', async ({ reply, code }) => {
  peer.reply = reply;
  const thrown: unknown = await tokensOf()
    .get()
    .catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code });
  expect(String(thrown)).not.toMatch(/its:secret|T1/);
});
