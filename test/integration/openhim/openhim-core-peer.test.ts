import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';
import { callCore } from './call-core.js';

/** The peer itself: it must answer as the table in openhim.md does, or tests against it prove nothing. */
const FILE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'mediator.json'), 'utf8');
const mediatorJson = () => JSON.parse(FILE);
const { urn: URN } = mediatorJson();

let core: OpenHimCorePeer;
beforeEach(async () => {
  core = await new OpenHimCorePeer().start();
});
afterEach(() => core.stop());

const call = (method: string, path: string, body?: unknown, credentials?: string) =>
  callCore(core, method, path, body, credentials);

const register = (change: object = {}) => call('POST', '/mediators', { ...mediatorJson(), ...change });
const BODYLESS = 'User Authenticated Successfully';

test('the shipped mediator.json is accepted, and installs its channels once', async () => {
  expect(await register()).toEqual({ status: 201, body: BODYLESS });
  expect(await call('POST', `/mediators/${URN}/channels`, [])).toEqual({ status: 201, body: BODYLESS });
  expect(core.channels).toHaveLength(mediatorJson().defaultChannelConfig.length);
  expect(await call('POST', `/mediators/${URN}/channels`, ['other'])).toMatchObject({ status: 400 });
  expect(await call('POST', `/mediators/${URN}/channels`, [])).toMatchObject({ status: 500 });
});

test.each([
  { name: 'no urn', change: { urn: '' }, reason: 'URN is required' },
  { name: 'version 1.0', change: { version: '1.0' }, reason: 'Version is required. Must be in SemVer form x.y.z' },
  { name: 'no endpoints', change: { endpoints: [] }, reason: 'At least 1 endpoint is required' },
  { name: 'no name', change: { name: undefined }, reason: 'ValidationError: name' },
  {
    name: 'option without values',
    change: { configDefs: [{ param: 'a', type: 'option', values: [] }], config: {} },
    reason: "Must specify a values array for option param 'a'",
  },
  { name: 'unknown param', change: { config: { b: 1 } }, reason: 'No config definition found for parameter b' },
  {
    name: 'value no option',
    change: { config: { logLevel: 'x' } },
    reason: 'Expected config param logLevel to be one of',
  },
  {
    name: 'unknown type',
    change: { configDefs: [{ param: 'a', type: 'date' }], config: {} },
    reason: 'configDefs.0.type',
  },
  {
    name: 'bad channel',
    change: { defaultChannelConfig: [{ name: 'a' }] },
    reason: 'defaultChannelConfig.0.urlPattern',
  },
])('refuses a new mediator: $name', async ({ change, reason }) => {
  const { status, body } = await register(change);
  expect(status).toBe(400);
  expect(body).toContain('Could not add Mediator via the API: ValidationError: ');
  expect(body).toContain(reason);
  expect(core.mediators.size).toBe(0);
});

test.each([
  { version: '0.1.0', stored: 'National ID Mediator' },
  { version: '0.0.9', stored: 'National ID Mediator' },
  { version: '0.1.0-rc.1', stored: 'National ID Mediator' },
  { version: '0.1.1-rc.1', stored: 'renamed' },
  { version: '0.10.0', stored: 'renamed' },
])('version $version over 0.1.0 leaves "$stored"', async ({ version, stored }) => {
  await register();
  expect(await register({ version, name: 'renamed' })).toEqual({ status: 201, body: BODYLESS });
  expect(core.mediators.get(URN)?.doc.name).toBe(stored);
});

test('members that core does not know are dropped, and not given back (seen with core 8.5.0)', async () => {
  const note = { 'x-note': 'a' };
  const { endpoints, defaultChannelConfig, configDefs } = mediatorJson();
  const [channel, ...channels] = defaultChannelConfig;
  await register({
    ...note,
    endpoints: [{ ...endpoints[0], ...note }],
    defaultChannelConfig: [{ ...channel, ...note, routes: [{ ...channel.routes[0], ...note }] }, ...channels],
    configDefs: configDefs.map((def: object) => ({ ...def, ...note })),
  });
  const { body } = await call('GET', `/mediators/${URN}`);
  expect(body).not.toContain('x-note');
  expect(JSON.parse(body)).toMatchObject({ endpoints, configDefs, name: 'National ID Mediator' });
});

test('an upgrade keeps stored config values and drops params that are not sent', async () => {
  await register({
    configDefs: [...mediatorJson().configDefs, { param: 'old', type: 'string' }],
    config: { logLevel: 'debug', old: 'x' },
  });
  await register({ version: '0.2.0' });
  expect(core.mediators.get(URN)?.doc.config).toEqual({ ...mediatorJson().config, logLevel: 'debug' });
});

test('the table of heartbeat answers', async () => {
  const beat = (body: object) => call('POST', `/mediators/${URN}/heartbeat`, body);
  expect(await beat({ uptime: 1 })).toEqual({ status: 404, body: BODYLESS });
  await register();
  expect(await beat({})).toEqual({ status: 400, body: BODYLESS });
  expect(await beat({ uptime: 1 })).toEqual({ status: 200, body: '' });
  expect(await beat({ uptime: 1, config: 'true' })).toEqual({ status: 200, body: '' });
  expect(await beat({ uptime: 1, config: true })).toEqual({
    status: 200,
    body: JSON.stringify(mediatorJson().config),
  });
  core.mediators.set('none', {
    doc: { urn: 'none', version: '1.0.0' },
    lastHeartbeat: 0,
    uptime: 0,
    configModified: 0,
  });
  expect(await call('POST', '/mediators/none/heartbeat', { uptime: 1, config: true })).toEqual({
    status: 200,
    body: 'OK',
  });
});

test('a config put in the console is checked, and pushed when it is newer than the last beat', async () => {
  await register();
  const put = (body: object) => call('PUT', `/mediators/${URN}/config`, body);
  expect(await put({ logLevel: 'loud' })).toMatchObject({ status: 400 });
  expect(await put({ logLevel: 'warn' })).toEqual({ status: 200, body: BODYLESS });
  expect(await call('PUT', '/mediators/none/config', {})).toEqual({
    status: 404,
    body: 'No mediator found for this urn.',
  });
  // Before the first beat nothing is pushed (the gap in openhim.md section 2).
  expect(await call('POST', `/mediators/${URN}/heartbeat`, { uptime: 1 })).toEqual({ status: 200, body: '' });
});

test('wrong credentials, a basic scheme in lower case and a missing permission', async () => {
  expect(await call('GET', `/mediators/${URN}`, undefined, 'a:b')).toEqual({ status: 401, body: 'Unauthorized' });
  const lower = `basic ${Buffer.from(`${core.username}:${core.password}`).toString('base64')}`;
  expect((await fetch(`${core.url}/mediators`, { headers: { authorization: lower } })).status).toBe(401);
  core.mayManageMediators = false;
  expect(await register()).toMatchObject({ status: 403, body: expect.stringContaining('is not an admin') });
});

test('an address that core does not have is answered with 200', async () => {
  expect(await call('POST', '/api/mediators', mediatorJson())).toEqual({ status: 200, body: BODYLESS });
  expect(core.mediators.size).toBe(0);
});

test('passwords are masked for one mediator, and the mask is no new password', async () => {
  await register({ configDefs: [{ param: 'key', type: 'password' }], config: { key: 'secret' } });
  const mask = '*'.repeat(10);
  expect(JSON.parse((await call('GET', `/mediators/${URN}`)).body).config).toEqual({ key: mask });
  expect(JSON.parse((await call('GET', '/mediators')).body)[0].config).toEqual({ key: 'secret' });
  await call('PUT', `/mediators/${URN}/config`, { key: mask });
  expect(core.mediators.get(URN)?.doc.config).toEqual({ key: 'secret' });
});

test('the public heartbeat tells who is alive, also after the database was lost', async () => {
  const alive = async () => JSON.parse((await call('GET', '/heartbeat', undefined, ':')).body).mediators;
  await register();
  expect(await alive()).toEqual({ [URN]: null });
  await call('POST', `/mediators/${URN}/heartbeat`, { uptime: 12 });
  expect(await alive()).toEqual({ [URN]: 12 });
  core.forget();
  expect(await alive()).toBeUndefined();
});
