import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';
import { callCore } from './call-core.js';

/** The peer itself, as far as `openhim setup` and the outcome reports rest on it (sources of core, `src/api`). */
let core: OpenHimCorePeer;
afterEach(() => core.stop());

const call = (method: string, path: string, body?: unknown, credentials?: string) =>
  callCore(core, method, path, body, credentials);

const USER = { email: 'New@example.org', firstname: 'N', surname: 'U', groups: ['admin'], password: 'given' };
const ROUTE = { name: 'r', host: 'h', port: 1, primary: true, unknown: 1 };
const CHANNEL = { name: 'c', urlPattern: '^/$', methods: ['GET'], allow: ['fhir'], routes: [ROUTE], unknown: 1 };

describe.each([false, true])('with roles: %s', (hasRoles) => {
  beforeEach(async () => {
    core = await new OpenHimCorePeer({ hasRoles }).start();
  });

  test('a new user has no password, whatever was sent, until it is set', async () => {
    expect(await call('POST', '/users', USER)).toMatchObject({ status: 201 });
    const asUser = (password: string) =>
      call('GET', '/users/new@example.org', undefined, `new@example.org:${password}`);
    expect(await asUser('given')).toMatchObject({ status: 401 });
    expect(await call('PUT', '/users/NEW@example.org', { password: 'set' })).toMatchObject({ status: 200 });
    expect(await asUser('set')).toMatchObject({ status: 200 });
    expect(await call('POST', '/users', USER)).toMatchObject({ status: 500 });
    expect(await call('GET', '/users/nobody')).toMatchObject({ status: 404 });
  });

  test('the link to a new user sets a password without any authentication, once', async () => {
    await call('POST', '/users', USER);
    const { token } = JSON.parse((await call('GET', '/users/new@example.org')).body);
    expect(await call('PUT', `/token/${token}`, { password: 'mine' }, 'nobody:')).toMatchObject({ status: 200 });
    expect(core.objects.authenticate('new@example.org', 'mine')).toBeDefined();
    expect(await call('PUT', `/token/${token}`, { password: 'again' }, 'nobody:')).toMatchObject({ status: 404 });
  });

  test('nobody gives a group to themselves', async () => {
    core.objects.addUser('low@example.org', 'low', []);
    const change = { groups: ['admin'], surname: 'Changed' };
    expect(await call('PUT', '/users/low@example.org', change, 'low@example.org:low')).toMatchObject({ status: 200 });
    expect(core.objects.users.get('low@example.org')).toMatchObject({ groups: [], surname: 'Changed' });
    expect(await call('GET', '/channels', undefined, 'low@example.org:low')).toMatchObject({ status: 403 });
  });

  test('a channel is stored with what core knows of it, under a name of its own', async () => {
    expect(await call('POST', '/channels', CHANNEL)).toMatchObject({ status: 201 });
    expect(JSON.stringify(core.channels[0])).not.toContain('unknown');
    expect(core.channels[0]).toMatchObject({ _id: expect.any(String), routes: [{ forwardAuthHeader: false }] });
    expect(await call('POST', '/channels', CHANNEL)).toMatchObject({ status: 400 });
    const other = { ...CHANNEL, name: 'd' };
    expect(await call('POST', '/channels', { ...other, routes: [] })).toMatchObject({ status: 400 });
    const second = { ...ROUTE, name: 's' };
    expect(await call('POST', '/channels', { ...other, routes: [ROUTE, second] })).toMatchObject({ status: 400 });
    expect(await call('PUT', '/channels/none', CHANNEL)).toMatchObject({ status: 500 });
  });

  test('a client needs roles, and no name of a role', async () => {
    const client = { clientID: 'c1', name: 'c1', roles: ['fhir'] };
    expect(await call('POST', '/clients', { ...client, roles: undefined })).toMatchObject({ status: 400 });
    expect(await call('POST', '/clients', { ...client, clientID: 'fhir' })).toMatchObject({ status: 400 });
    expect(await call('POST', '/clients', client)).toMatchObject({ status: 201 });
    expect(await call('POST', '/clients', client)).toMatchObject({ status: 400 });
    const taken = hasRoles ? 'admin' : 'fhir';
    expect(await call('POST', '/clients', { ...client, clientID: taken, roles: ['x'] })).toMatchObject({ status: 409 });
    expect(core.objects.isClient('c1', '')).toBe(false);
  });

  test('the update of a transaction that is not there is a fault of core', async () => {
    expect(await call('PUT', `/transactions/${'0'.repeat(24)}`, {})).toMatchObject({ status: 500 });
    expect(await call('GET', `/transactions/${'0'.repeat(24)}`)).toMatchObject({ status: 404 });
  });

  test('roles with permissions can be made only where there are any', async () => {
    const role = { name: 'r', permissions: { 'mediator-manage-all': true } };
    expect(await call('POST', '/roles', role)).toMatchObject({ status: hasRoles ? 201 : 400 });
    expect(JSON.parse((await call('GET', '/roles')).body)).toHaveLength(hasRoles ? 2 : 0);
  });
});
