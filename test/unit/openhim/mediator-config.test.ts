import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { loadMediatorConfig } from '../../../src/openhim/index.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SHIPPED = join(ROOT, 'mediator.json');
const FOLDER = mkdtempSync(join(tmpdir(), 'mediator-config-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const shipped = (): Record<string, unknown> => JSON.parse(readFileSync(SHIPPED, 'utf8'));

function file(content: unknown): string {
  const path = join(FOLDER, 'mediator.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const channelFor = (path: string, config = loadMediatorConfig(SHIPPED)) =>
  config.defaultChannelConfig.filter(({ urlPattern }) => new RegExp(urlPattern).test(path));

test('has the version of the package: core ignores a changed file of the same version', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect(loadMediatorConfig(SHIPPED)).toMatchObject({ urn: 'urn:mediator:national-id-mediator', version });
});

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

test.each([
  {
    path: '/opencrvs/webhooks',
    methods: ['GET', 'POST'],
    // OpenCRVS sends a signature and no credentials of an OpenHIM client.
    authType: 'public',
    allow: [],
    // Core reruns a POST only when it has stored its body (openhim.md 6.2).
    requestBody: true,
  },
  // The bearer token of OpenCRVS is the guard, and a failure is told to the registrar: nothing is sent again.
  { path: '/opencrvs/registrations', methods: ['POST'], authType: 'public', allow: [], requestBody: false },
  { path: '/national-id/callback/', methods: ['GET', 'POST'], authType: 'public', allow: [], requestBody: true },
  { path: '/fhir/Patient/1', methods: METHODS, authType: 'private', allow: ['fhir'], requestBody: false },
  { path: '/verify', methods: ['POST'], authType: 'private', allow: ['verification'], requestBody: false },
])('one channel takes $path', ({ path, ...expected }) => {
  expect(channelFor(path)).toEqual([
    expect.objectContaining({
      ...expected,
      timeout: 60_000,
      responseBody: false,
      routes: [expect.objectContaining({ host: 'national-id-mediator', port: 4000, primary: true })],
    }),
  ]);
});

// Core would keep the secret in the address of OSIA's notifications, and the number in their body.
test.each([
  '/national-id/callback/secret',
  '/opencrvs/webhooks/x',
  '/fhirx',
  '/x/fhir/Patient',
  '/operator',
  '/metrics',
])('no channel takes %s', (path) => {
  expect(channelFor(path)).toEqual([]);
});

test('only what nobody else sends again is retried by core, each minute and for ever', () => {
  const retried = loadMediatorConfig(SHIPPED).defaultChannelConfig.filter((channel) => channel['autoRetryEnabled']);
  expect(retried).toEqual([...channelFor('/opencrvs/webhooks'), ...channelFor('/national-id/callback')]);
  for (const channel of retried) {
    expect(channel).toMatchObject({ autoRetryPeriodMinutes: 1, requestBody: true });
    expect(channel).not.toHaveProperty('autoRetryMaxAttempts');
  }
});

test('the token of OpenCRVS is passed on to the one route that checks it', () => {
  const forwarding = loadMediatorConfig(SHIPPED).defaultChannelConfig.filter(({ routes }) =>
    routes.some((route) => route['forwardAuthHeader'] === true),
  );
  expect(forwarding).toEqual(channelFor('/opencrvs/registrations'));
});

test('the shipped file holds no credentials', () => {
  expect(readFileSync(SHIPPED, 'utf8')).not.toMatch(/"(username|password)"/);
});

test('gives the inbound credentials to the authenticated routes alone', () => {
  const inbound = { username: 'openhim', password: 'secret' };
  const { defaultChannelConfig } = loadMediatorConfig(SHIPPED, { inbound });
  const given = defaultChannelConfig.map(({ routes }) =>
    routes.map(({ username, password }) => ({ username, password })),
  );
  expect(given).toEqual([[{}], [{}], [{}], [inbound], [inbound]]);
});

test('leads endpoints and routes to the given host and port', () => {
  const { endpoints, defaultChannelConfig } = loadMediatorConfig(SHIPPED, { host: '10.0.0.1', port: 4444 });
  const all = [...endpoints, ...defaultChannelConfig.flatMap(({ routes }) => routes)];
  expect(all.map(({ host, port }) => `${host}:${port}`)).toEqual(Array(6).fill('10.0.0.1:4444'));
});

test('passes on what a country adds to a channel', () => {
  const [first, ...others] = channelFor('/opencrvs/webhooks');
  const path = file({ ...shipped(), defaultChannelConfig: [{ ...first, whitelist: ['10.0.0.9'] }, ...others] });
  expect(loadMediatorConfig(path).defaultChannelConfig[0]).toMatchObject({ whitelist: ['10.0.0.9'] });
});

const CHANNEL = {
  name: 'a',
  urlPattern: '^/$',
  methods: ['GET'],
  routes: [{ name: 'r', host: 'h', port: 1, primary: true }],
};

test.each([
  { name: 'no JSON', content: '{', fault: /readable JSON/ },
  { name: 'urn that needs encoding', content: { urn: 'urn:mediator:a/b' }, fault: /urn: must be urn/ },
  { name: 'version that core refuses', content: { version: '1.0' }, fault: /version: must be a semantic version/ },
  { name: 'no endpoint', content: { endpoints: [] }, fault: /endpoints: / },
  {
    name: 'channel without methods',
    content: { defaultChannelConfig: [{ ...CHANNEL, methods: [] }] },
    fault: /defaultChannelConfig.0.methods: /,
  },
  {
    name: 'pattern that is none',
    content: { defaultChannelConfig: [{ ...CHANNEL, urlPattern: '(' }] },
    fault: /urlPattern: must be a regular expression/,
  },
  {
    name: 'two primary routes',
    content: { defaultChannelConfig: [{ ...CHANNEL, routes: [...CHANNEL.routes, ...CHANNEL.routes] }] },
    fault: /exactly one enabled primary route/,
  },
  {
    name: 'auto-retry of what core does not store',
    content: { defaultChannelConfig: [{ ...CHANNEL, autoRetryEnabled: true, requestBody: false }] },
    fault: /requestBody: must be true with auto-retry/,
  },
  { name: 'config without definition', content: { config: { other: 1 } }, fault: /config.other: has no configDef/ },
])('refuses: $name', ({ content, fault }) => {
  const path = file(typeof content === 'string' ? content : { ...shipped(), ...content });
  expect(() => loadMediatorConfig(path)).toThrow(
    expect.objectContaining({ code: 'settings_invalid', message: expect.stringMatching(fault) }),
  );
});
