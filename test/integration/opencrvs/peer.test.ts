import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { OpenCrvsPeer } from '../../peers/opencrvs-peer.js';
import { fixture } from '../../support/fixtures.js';

/* The peer refuses what the real services refuse (reference/opencrvs.md 2 to 4): tests against it prove something. */

const peer = new OpenCrvsPeer();
beforeAll(() => peer.start());
afterAll(() => peer.stop());
beforeEach(() => {
  peer.system.status = 'active';
  peer.system.scopes = ['nationalId'];
});

async function call(url: string, method = 'GET', body?: unknown, token = peer.system.issueToken()) {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token === '' ? {} : { authorization: `Bearer ${token}` }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text(), challenge: response.headers.get('www-authenticate') };
}

const subscribe = (hub: object, extra: object = {}) =>
  call(`${peer.webhooks.url}/webhooks`, 'POST', {
    hub: {
      callback: 'http://127.0.0.1:1/never',
      mode: 'subscribe',
      topic: 'BIRTH_REGISTERED',
      secret: peer.system.shaSecret,
      ...hub,
    },
    ...extra,
  });

test('a token has the claims of a system client and no more', () => {
  const { header, payload } = jwt.decode(peer.system.issueToken(), { complete: true }) ?? {};
  expect(header).toEqual({ alg: 'RS256', typ: 'JWT' });
  expect(payload).toEqual({
    scope: ['nationalId'],
    iat: expect.any(Number),
    exp: expect.any(Number),
    aud: expect.arrayContaining(['opencrvs:webhooks-user', 'opencrvs:nationalId-api-user']),
    iss: 'opencrvs:auth-service',
    sub: peer.system.systemId,
  });
});

test('the public key is plain PEM', async () => {
  const response = await fetch(`${peer.auth.url}/.well-known`);
  expect(response.headers.get('content-type')).toBe('application/octet-stream');
  expect(await response.text()).toBe(peer.system.publicKey);
});

test.each([
  { name: 'wrong secret', body: { client_secret: 'x' }, status: 401 },
  { name: 'a member too many', body: { grant_type: 'client_credentials' }, status: 400 },
])('no token for: $name', async ({ body, status }) => {
  const credentials = { client_id: peer.system.clientId, client_secret: peer.system.clientSecret, ...body };
  const url = `${peer.auth.url}/authenticateSystemClient`;
  expect(await call(url, 'POST', credentials, '')).toMatchObject({ status });
});

test('a deactivated client gets no token; the endpoint of later versions is not there', async () => {
  peer.system.status = 'deactivated';
  const credentials = { client_id: peer.system.clientId, client_secret: peer.system.clientSecret };
  expect(await call(`${peer.auth.url}/authenticateSystemClient`, 'POST', credentials, '')).toMatchObject({
    status: 401,
  });
  expect(await call(`${peer.auth.url}/token?grant_type=client_credentials`, 'POST')).toMatchObject({ status: 404 });
});

test('each refused token is told as the services tell it', async () => {
  const url = `${peer.webhooks.url}/webhooks`;
  expect(await call(url, 'GET', undefined, '')).toMatchObject({
    status: 401,
    text: expect.stringMatching(/Missing authentication/),
  });
  const foreign = jwt.sign({ aud: 'opencrvs:webhooks-user' }, 'another key');
  expect(await call(url, 'GET', undefined, foreign)).toMatchObject({
    status: 401,
    text: expect.stringMatching(/Invalid token/),
  });
  const expired = peer.system.issueToken();
  peer.system.clockSkewMs = 3_600_000;
  const answer = await call(url, 'GET', undefined, expired);
  peer.system.clockSkewMs = 0;
  expect(answer).toMatchObject({ status: 401, challenge: 'Token error="Expired token"' });
});

test('subscribing is refused in the order of the service: topic, system, secret, mode, callback', async () => {
  const wrong = { topic: 'MARRIAGE_REGISTERED', secret: 'x', mode: 'unsubscribe' };
  peer.system.status = 'deactivated';
  const answers = [await subscribe(wrong)];
  answers.push(await subscribe({ ...wrong, topic: 'BIRTH_REGISTERED' }));
  peer.system.status = 'active';
  answers.push(await subscribe({ secret: 'x', mode: 'unsubscribe' }), await subscribe({ mode: 'unsubscribe' }));
  answers.push(await subscribe({}));
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
  const denials = answers.slice(0, 4).map(({ text }) => JSON.parse(text).hub);
  expect(denials.map(({ mode }) => mode)).toEqual(['denied', 'denied', 'denied', 'denied']);
  expect(denials.map(({ reason }) => /topic|active|secret|mode/.exec(reason)?.[0])).toEqual([
    'topic',
    'active',
    'secret',
    'mode',
  ]);
  expect(answers[4]?.text).toBe('Subscription callback check failed');
  expect(await subscribe({}, { more: true })).toMatchObject({ status: 400, text: expect.stringMatching(/payload/) });
});

test('a QA client skips the handshake; the list has unusable dates; deleting needs no owner', async () => {
  peer.system.scopes = ['nationalId', 'demo'];
  expect(await subscribe({})).toMatchObject({ status: 202, text: '' });
  const { entries } = JSON.parse((await call(`${peer.webhooks.url}/webhooks`)).text);
  expect(entries).toMatchObject([{ createdAt: expect.stringMatching(/^\+05/), topic: 'BIRTH_REGISTERED' }]);
  expect(await call(`${peer.webhooks.url}/webhooks/${entries[0].id}`, 'DELETE')).toMatchObject({ status: 204 });
  expect(await call(`${peer.webhooks.url}/webhooks/unknown`, 'DELETE')).toMatchObject({ status: 204 });
  expect(peer.webhooks.subscriptions).toEqual([]);
});

test('the country configuration checks token and scope, and fails at a number it does not know', async () => {
  const url = `${peer.countryConfig.url}/mosip-openhim-mediator`;
  expect(await call(url, 'POST', { BRN: 'x' }, '')).toMatchObject({ status: 401 });
  expect(await call(url, 'POST', { BRN: 'x' })).toMatchObject({ status: 500 });
  expect(await call(url, 'POST', {})).toMatchObject({ status: 500 });
  peer.system.scopes = ['declare'];
  expect(await call(url, 'POST', { BRN: 'x' })).toMatchObject({ status: 401 });
});

test('the FHIR store finds by identifier value, and takes a Patient only under its own id', async () => {
  peer.records.load(fixture('opencrvs/birth-bundle-full.json'));
  peer.records.load(fixture('opencrvs/birth-registered.webhook.json'));
  const base = `${peer.fhir.baseUrl}/Patient`;
  const { total, entry } = JSON.parse((await call(`${base}?identifier=2024BQX7T4N`)).text);
  expect(total).toBe(1);
  const { resource } = entry[0];
  expect(await call(`${base}/other`, 'PUT', resource)).toMatchObject({ status: 400 });
  expect(await call(`${base}/${resource.id}`, 'PUT', { ...resource, resourceType: 'Task' })).toMatchObject({
    status: 400,
  });
  expect(await call(`${base}/${resource.id}`, 'PUT', resource)).toMatchObject({ status: 200, text: '' });
  expect(await call(`${base}/unknown`)).toMatchObject({ status: 404, text: expect.stringMatching(/OperationOutcome/) });
  expect(await call(`${base}/${resource.id}`, 'GET', undefined, '')).toMatchObject({ status: 401 });
});
