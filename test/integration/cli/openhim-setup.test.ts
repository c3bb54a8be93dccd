import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApp, jsonReply, type Listener, listen } from '../../../src/http/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { type CallOptions, run } from '../../fakes/memory-terminal.js';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';
import { selfSigned } from '../../support/self-signed.js';

const ADMIN = { username: 'root@openhim.org', password: 'the password of root' };
const USER = 'national-id-mediator@openhim.local';
const CLIENT = 'national-id-fhir';
const MEDIATOR = 'http://127.0.0.1:9';
const WEBHOOKS = 'National ID Mediator: OpenCRVS webhooks';
const FHIR = 'National ID Mediator: FHIR';

let core: OpenHimCorePeer;
let folder: string;
let out: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'openhim-setup-'));
  out = join(folder, 'secrets');
});
afterEach(async () => {
  await core.stop();
  rmSync(folder, { recursive: true, force: true });
});

const startCore = async (hasRoles: boolean): Promise<void> => {
  core = await new OpenHimCorePeer({ ...ADMIN, hasRoles }).start();
};

const setup = (args: readonly string[] = [], options: CallOptions = {}) =>
  run(
    [
      'openhim',
      'setup',
      '--core-url',
      core.url,
      '--username',
      ADMIN.username,
      '--out',
      out,
      '--mediator-url',
      MEDIATOR,
    ].concat(args),
    { input: `${ADMIN.password}\n`, ...options },
  );

const kept = (name: string): string => readFileSync(join(out, name), 'utf8');
const channel = (name: string) => core.channels.find((candidate) => candidate.name === name);
const writes = () =>
  core.received.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
const state = () => {
  const { users, roles, clients, channels } = core.objects;
  return structuredClone({ users: [...users], roles: [...(roles ?? [])], clients, channels });
};
/** The lines about objects, without those of the environment. */
const linesOf = (output: string): string[] => output.split('\n\n')[0]?.trimEnd().split('\n') ?? [];
const secrets = (): string[] => readdirSync(out).map(kept);

describe.each([
  { core: '8.5.0', hasRoles: false },
  { core: 'with roles', hasRoles: true },
])('core $core', ({ hasRoles }) => {
  beforeEach(() => startCore(hasRoles));

  test('everything is made once: user, role, channels, client, and the passwords of them in files', async () => {
    const { code, out: shown, said } = await setup();
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(linesOf(shown).filter((line) => line.endsWith('   created'))).toHaveLength(hasRoles ? 8 : 7);

    expect(readdirSync(out).toSorted()).toEqual(['INBOUND_PASSWORD', `OPENHIM_CLIENT_${CLIENT}`, 'OPENHIM_PASSWORD']);
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
    for (const secret of [...secrets(), ADMIN.password]) expect(shown).not.toContain(secret);
    expect(shown.split('\n\n')[1]).toBe(
      [
        `OPENHIM_API_URL=${core.url}`,
        `OPENHIM_USERNAME=${USER}`,
        'INBOUND_USERNAME=openhim',
        `MEDIATOR_URL=${MEDIATOR}`,
        `OPENHIM_PASSWORD_FILE=${join(out, 'OPENHIM_PASSWORD')}`,
        `INBOUND_PASSWORD_FILE=${join(out, 'INBOUND_PASSWORD')}`,
        '',
      ].join('\n'),
    );

    const user = core.objects.authenticate(USER, kept('OPENHIM_PASSWORD'));
    expect(user).toMatchObject({ groups: [hasRoles ? 'national-id-mediator' : 'admin'], locked: false });
    expect(core.objects.isClient(CLIENT, kept(`OPENHIM_CLIENT_${CLIENT}`))).toBe(true);
    expect(core.objects.clients[0]).toMatchObject({ clientID: CLIENT, roles: ['fhir'] });
    expect(channel(WEBHOOKS)).toMatchObject({
      autoRetryEnabled: true,
      autoRetryPeriodMinutes: 1,
      authType: 'public',
      routes: [{ host: '127.0.0.1', port: 9, secured: false }],
    });
    expect(channel(WEBHOOKS)?.routes[0]?.password).toBeUndefined();
    expect(channel(FHIR)?.routes).toMatchObject([{ username: 'openhim', password: kept('INBOUND_PASSWORD') }]);
  });

  test('again: nothing is changed', async () => {
    await setup();
    const before = { core: state(), secrets: secrets() };
    core.received.length = 0;
    const { code, out: shown } = await setup();
    expect(code).toBe(0);
    expect(linesOf(shown).filter((line) => !line.includes('   unchanged'))).toEqual([]);
    expect(writes()).toEqual([]);
    expect({ core: state(), secrets: secrets() }).toEqual(before);
  });

  test('a dry run reads only, and tells what would be done', async () => {
    const before = state();
    const { code, out: shown, said } = await setup(['--dry-run']);
    expect(code).toBe(0);
    expect(linesOf(shown).filter((line) => line.endsWith('would be created'))).toHaveLength(hasRoles ? 8 : 7);
    expect(said).toContain('nothing was changed');
    expect(writes()).toEqual([]);
    expect(state()).toEqual(before);
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    {
      name: 'a route to another host',
      drift: () => Object.assign(channel(WEBHOOKS)?.routes[0] ?? {}, { host: 'elsewhere' }),
      told: `channel ${WEBHOOKS}`,
      why: 'repaired: route host',
    },
    {
      name: 'auto-retry switched off',
      drift: () => Object.assign(channel(WEBHOOKS) ?? {}, { autoRetryEnabled: false }),
      told: `channel ${WEBHOOKS}`,
      why: 'repaired: autoRetryEnabled',
    },
    {
      name: 'a channel disabled, without its methods',
      drift: () => Object.assign(channel(FHIR) ?? {}, { status: 'disabled', methods: [] }),
      told: `channel ${FHIR}`,
      why: 'repaired: methods, status',
    },
    {
      name: 'inbound credentials gone',
      drift: () => Object.assign(channel(FHIR)?.routes[0] ?? {}, { username: undefined, password: undefined }),
      told: `channel ${FHIR}`,
      why: 'repaired: route username, route password',
    },
    {
      name: 'another primary route',
      drift: () => {
        Object.assign(channel(FHIR)?.routes[0] ?? {}, { name: 'theirs' });
      },
      told: `channel ${FHIR}`,
      why: 'repaired: route, another primary route',
    },
    {
      name: 'a user with another password',
      drift: () => core.objects.setPassword(USER, 'typed in the console'),
      told: `user ${USER}`,
      why: 'repaired: password',
    },
    {
      name: 'a user without groups',
      drift: () => Object.assign(core.objects.users.get(USER) ?? {}, { groups: [] }),
      told: `user ${USER}`,
      why: 'repaired: groups',
    },
    {
      name: 'a client with another password and no role',
      drift: () => Object.assign(core.objects.clients[0] ?? {}, { passwordHash: 'x', roles: [] }),
      told: `client ${CLIENT}`,
      why: 'repaired: roles, password',
    },
  ])('drift is repaired and named: $name', async ({ drift, told, why }) => {
    await setup();
    const before = state();
    drift();
    const planned = await setup(['--dry-run']);
    expect(planned.out).toMatch(new RegExp(`${told} +would be ${why}`));
    const { code, out: shown } = await setup();
    expect(code).toBe(0);
    expect(linesOf(shown).filter((line) => !line.includes('   unchanged'))).toEqual([
      expect.stringMatching(new RegExp(`^${told} +${why}$`)),
    ]);
    expect(core.objects.authenticate(USER, kept('OPENHIM_PASSWORD'))).toBeDefined();
    expect(core.objects.isClient(CLIENT, kept(`OPENHIM_CLIENT_${CLIENT}`))).toBe(true);
    const salted = { passwordHash: expect.any(String), passwordSalt: expect.any(String) };
    const identified = (found: ReturnType<typeof state>) => ({
      ...found,
      clients: found.clients.map((client) => ({ ...client, ...salted })),
      channels: found.channels.map((one) => ({ ...one, routes: one.routes.map((route) => ({ ...route, _id: '' })) })),
    });
    expect(identified(state())).toEqual(identified(before));
  });

  test('what a country added stays', async () => {
    await setup();
    const fhir = channel(FHIR);
    fhir?.allow.push('hospital');
    fhir?.routes.push({
      name: 'audit',
      type: 'http',
      status: 'enabled',
      forwardAuthHeader: false,
      host: 'audit',
      port: 1,
    });
    Object.assign(fhir ?? {}, { whitelist: ['10.0.0.9'] });
    Object.assign(fhir?.routes[0] ?? {}, { cert: 'abcdef' });
    core.objects.clients[0]?.roles.push('reports');
    const before = state();
    core.received.length = 0;
    expect((await setup()).code).toBe(0);
    expect(writes()).toEqual([]);
    Object.assign(fhir ?? {}, { timeout: 1 });
    expect((await setup()).code).toBe(0);
    expect(channel(FHIR)).toMatchObject({ whitelist: ['10.0.0.9'], allow: ['fhir', 'hospital'], timeout: 60_000 });
    expect(channel(FHIR)?.routes).toMatchObject([{ cert: 'abcdef' }, { name: 'audit' }]);
    expect(state().clients).toEqual(before.clients);
  });

  test('passwords that are not in the folder are left alone, and made anew on request', async () => {
    await setup();
    rmSync(join(out, 'OPENHIM_PASSWORD'));
    rmSync(join(out, `OPENHIM_CLIENT_${CLIENT}`));
    core.received.length = 0;
    const left = await setup();
    expect(left.code).toBe(0);
    expect(left.out.match(/its password is not in --out/g)).toHaveLength(2);
    expect(writes()).toEqual([]);
    const renewed = await setup(['--reset-passwords']);
    expect(renewed.out.match(/repaired: password/g)).toHaveLength(2);
    expect(core.objects.authenticate(USER, kept('OPENHIM_PASSWORD'))).toBeDefined();
    expect(core.objects.isClient(CLIENT, kept(`OPENHIM_CLIENT_${CLIENT}`))).toBe(true);
  });

  test('clients of any name and roles', async () => {
    await setup(['--client', 'hospital-a', '--client', 'bank:verification,fhir']);
    expect(core.objects.clients).toMatchObject([
      { clientID: 'hospital-a', roles: ['fhir'] },
      { clientID: 'bank', roles: ['verification', 'fhir'] },
    ]);
    expect(core.objects.isClient('bank', kept('OPENHIM_CLIENT_bank'))).toBe(true);
  });
});

describe('the least privilege', () => {
  test('core 8.5.0 has none, and that is said', async () => {
    await startCore(false);
    const { out: shown } = await setup();
    expect(shown).toMatch(/^role +unchanged: this core has no roles with permissions: .* group admin/m);
  });

  test('a role that may manage mediators, and nothing else', async () => {
    await startCore(true);
    await setup();
    const user = core.objects.users.get(USER);
    if (user === undefined) throw new Error('there is no user');
    expect(core.objects.refusal(user, 'mediator-manage-all')).toBeUndefined();
    for (const permission of [
      'channel-view-all',
      'channel-manage-all',
      'client-view-all',
      'user-view',
      'user-manage',
    ]) {
      expect(core.objects.refusal(user, permission)).toMatchObject({ status: 403 });
    }
  });

  test('with --report-outcome also the channels of events, and no other', async () => {
    await startCore(true);
    await setup(['--report-outcome']);
    const user = core.objects.users.get(USER);
    if (user === undefined) throw new Error('there is no user');
    const allowed = core.channels.filter(
      ({ _id }) => core.objects.refusal(user, 'channel-manage-all', String(_id)) === undefined,
    );
    expect(allowed.map(({ name }) => name)).toEqual([WEBHOOKS, 'National ID Mediator: OpenCRVS registrations']);
    core.received.length = 0;
    await setup(['--report-outcome']);
    expect(writes()).toEqual([]);
  });

  test('a role that was given more is cut back', async () => {
    await startCore(true);
    await setup();
    const role = core.objects.roles?.get('national-id-mediator');
    Object.assign(role?.permissions ?? {}, { 'user-manage': true, 'channel-view-all': false });
    expect((await setup()).out).toMatch(/role national-id-mediator +repaired: permissions/);
    expect(core.objects.roles?.get('national-id-mediator')?.permissions).toEqual({ 'mediator-manage-all': true });
  });

  test('a user of the group admin is moved into the role once core has roles', async () => {
    await startCore(true);
    core.objects.addUser(USER, 'old', ['admin']);
    expect((await setup(['--reset-passwords'])).out).toMatch(/user .* +repaired: groups, password/);
    expect(core.objects.users.get(USER)?.groups).toEqual(['national-id-mediator']);
  });
});

describe('rotation of the inbound password', () => {
  let mediator: Listener | undefined;
  let address: string;

  /** A mediator that takes these passwords, as the real one does. */
  async function startMediator(password: string, previousPassword?: string): Promise<void> {
    const deps = { clock: systemClock, log: createMemoryLog().log, metrics: createMetrics() };
    const metadata = {
      methods: ['get'],
      path: '/fhir/metadata',
      guarded: true,
      handler: async () => jsonReply(200, {}),
    } as const;
    const inbound = { username: 'openhim', password, previousPassword };
    const app = createApp(deps, [metadata], { urn: 'urn:mediator:test', inbound, renderers: {} });
    mediator = await listen(app, { host: '127.0.0.1', port: 0, tls: undefined });
    address = `http://127.0.0.1:${mediator.port}`;
  }

  beforeEach(() => startCore(false));
  afterEach(async () => {
    await mediator?.close(0);
    mediator = undefined;
  });

  const rotate = (args: readonly string[] = []) => setup(['--mediator-url', address, ...args]);
  const presented = () => channel(FHIR)?.routes[0]?.password;

  test('waits until the mediator takes the new one; both are taken meanwhile', async () => {
    await setup();
    const old = kept('INBOUND_PASSWORD');
    await startMediator(old);
    const first = await rotate(['--rotate-inbound']);
    expect(first.code).toBe(1);
    expect(first.said).toContain('run this again without --rotate-inbound');
    expect(first.out).toContain(`INBOUND_PASSWORD_PREVIOUS_FILE=${join(out, 'INBOUND_PASSWORD_PREVIOUS')}`);
    expect(kept('INBOUND_PASSWORD_PREVIOUS')).toBe(old);
    expect(kept('INBOUND_PASSWORD')).not.toBe(old);
    expect(presented()).toBe(old);

    await mediator?.close(0);
    await startMediator(kept('INBOUND_PASSWORD'), kept('INBOUND_PASSWORD_PREVIOUS'));
    expect(await rotate(['--rotate-inbound'])).toMatchObject({ code: 64 });
    const second = await rotate();
    expect(second.code).toBe(0);
    expect(presented()).toBe(kept('INBOUND_PASSWORD'));
  });

  test('a mediator out of reach: a rotation waits, the run after it does not', async () => {
    await setup();
    const old = kept('INBOUND_PASSWORD');
    expect((await setup(['--rotate-inbound'])).code).toBe(1);
    expect(presented()).toBe(old);
    expect((await setup()).code).toBe(0);
    expect(presented()).toBe(kept('INBOUND_PASSWORD'));
  });

  test('a dry run writes no password', async () => {
    await setup();
    const before = secrets();
    expect((await setup(['--rotate-inbound', '--dry-run'])).code).toBe(0);
    expect(secrets()).toEqual(before);
  });

  test('the password that the service has already is taken over', async () => {
    await setup([], { environment: { INBOUND_USERNAME: 'him', INBOUND_PASSWORD: 'of the service' } });
    expect(kept('INBOUND_PASSWORD')).toBe('of the service');
    expect(channel(FHIR)?.routes).toMatchObject([{ username: 'him', password: 'of the service' }]);
  });
});

describe('how it is called', () => {
  beforeEach(() => startCore(false));

  test.each([
    { name: 'the password as an argument', args: ['--password', 'x'], words: 'never an argument' },
    { name: 'the password after an equals sign', args: ['--password=canary'], words: 'never an argument' },
    { name: 'an unknown option', args: ['--role', 'x'], words: 'does not have: --role' },
    { name: 'a client named like its role', args: ['--client', 'fhir:fhir'], words: 'called like a role' },
    { name: 'a client that is no file name', args: ['--client', '../x'], words: '--client is ID' },
    { name: 'a mediator without a scheme', args: ['--mediator-url', 'mediator:4000'], words: 'http or https' },
    { name: 'no administrator', args: ['--username', ''], words: '--username is missing' },
    { name: 'nothing to rotate', args: ['--rotate-inbound'], words: 'no inbound password' },
  ])('refused: $name', async ({ args, words }) => {
    const { code, said } = await setup(args);
    expect(code).toBe(64);
    expect(said).toContain(words);
    expect(said).not.toContain('canary');
    expect(core.received).toEqual([]);
  });

  test.each([
    { name: 'by --password-file', args: (file: string) => ['--password-file', file], environment: () => ({}) },
    {
      name: 'by OPENHIM_ADMIN_PASSWORD_FILE',
      args: () => [],
      environment: (file: string) => ({ OPENHIM_ADMIN_PASSWORD_FILE: file }),
    },
  ])('the password $name', async ({ args, environment }) => {
    const file = join(folder, 'password');
    writeFileSync(file, `${ADMIN.password}\n`);
    expect((await setup(args(file), { input: '', environment: environment(file) })).code).toBe(0);
  });

  test('the address of core by the setting of the service', async () => {
    const args = ['openhim', 'setup', '--username', ADMIN.username, '--out', out];
    const environment = { OPENHIM_API_URL: `${core.url}/` };
    expect((await run(args, { input: ADMIN.password, environment })).code).toBe(0);
    expect(channel(FHIR)?.routes).toMatchObject([{ host: 'national-id-mediator', port: 4000 }]);
  });

  test('a variable that is empty counts as not set, as it does for the service', async () => {
    const args = ['openhim', 'setup', '--username', ADMIN.username, '--out', out];
    const empty = { OPENHIM_API_URL: '', MEDIATOR_URL: '', INBOUND_USERNAME: '', INBOUND_PASSWORD: '' };
    const environment = { ...empty, OPENHIM_URL: core.url };
    expect(await run(args, { input: ADMIN.password, environment })).toMatchObject({ code: 0, said: '' });
    expect(channel(FHIR)?.routes).toMatchObject([{ username: 'openhim', password: kept('INBOUND_PASSWORD') }]);
    expect(kept('INBOUND_PASSWORD')).not.toBe('');
  });

  test.each([
    { name: 'a wrong password', input: 'canary', prepare: () => undefined, words: /refuses the user or the password/ },
    {
      name: 'a user who is no administrator',
      input: ADMIN.password,
      prepare: () => {
        core.mayManageMediators = false;
      },
      words: /may not do this/,
    },
    {
      name: 'a core that is away',
      input: ADMIN.password,
      prepare: () => core.stop(),
      words: /cannot be reached/,
    },
    {
      name: 'something else in the place of core',
      input: ADMIN.password,
      prepare: () =>
        core.fail('/channels', { status: 200, headers: { 'content-type': 'text/html' }, body: '<canary>' }),
      words: /the list of channels/,
    },
  ])('told: $name', async ({ input, prepare, words }) => {
    await prepare();
    const { code, said } = await setup([], { input });
    expect(code).toBe(1);
    expect(said).toMatch(words);
    expect(said).not.toContain('canary');
  });

  test('a certificate of its own is trusted by its authority or on request, and refused otherwise', async () => {
    await core.stop();
    const tls = selfSigned();
    core = await new OpenHimCorePeer({ ...ADMIN, tls }).start();
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, tls.cert);
    expect(await setup()).toMatchObject({ code: 1, said: expect.stringContaining('certificate') });
    expect(await setup(['--ca-file', ca])).toMatchObject({ code: 0 });
    expect(await setup(['--trust-self-signed'])).toMatchObject({ code: 0 });
    expect(await setup([], { environment: { TRUST_SELF_SIGNED: 'true' } })).toMatchObject({ code: 0 });
  });

  test('a run that was broken off is taken up by the next one', async () => {
    core.fail(({ method, path }) => method === 'PUT' && path.startsWith('/users'), { status: 500 }, 1);
    expect((await setup()).code).toBe(1);
    const { code, out: shown } = await setup();
    expect(code).toBe(0);
    expect(shown).toMatch(/user .* +repaired: password/);
    expect(core.objects.authenticate(USER, kept('OPENHIM_PASSWORD'))).toBeDefined();
  });
});
