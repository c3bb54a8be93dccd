import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { OpenCrvsClientGatewayPeer } from '../../peers/opencrvs-client-gateway-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { adminScopeOf, OpenCrvsUserMgntPeer, type StoredClient } from '../../peers/opencrvs-user-mgnt-peer.js';
import { settingsWith } from '../../unit/config/environment.js';

let folder: string;
let stops: (() => Promise<void>)[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'system-client-'));
  stops = [];
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** An OpenCRVS 1.`minor`, its gateway, and its administrator at a terminal. */
async function startOpenCrvs(minor: number, scopes = [adminScopeOf(minor), 'register']) {
  const admin = new OpenCrvsSystem({ scopes });
  const userMgnt = await new OpenCrvsUserMgntPeer(admin, minor).start();
  const gateway = await new OpenCrvsClientGatewayPeer(admin, userMgnt, minor).start();
  stops.push(
    () => userMgnt.stop(),
    () => gateway.stop(),
  );
  const addresses = { 'user-mgnt': userMgnt.url, gateway: gateway.url };
  return {
    admin,
    userMgnt,
    gateway,
    /** Calls a command of the group, with the administrator's token on standard input. */
    call: (command: string, args: readonly string[] = [], by: keyof typeof addresses = 'user-mgnt') =>
      run(['system-client', command, '--version', `1.${minor}`, `--${by}`, addresses[by], ...args], {
        input: `Bearer ${admin.issueToken()}\n`,
      }),
    client: (): StoredClient => {
      const client = userMgnt.clients.at(-1);
      if (client === undefined) throw new Error('there is no client');
      return client;
    },
  };
}

const lines = ({ clientId, clientSecret, shaSecret }: StoredClient): string[] => [
  `OPENCRVS_CLIENT_ID=${clientId}`,
  `OPENCRVS_CLIENT_SECRET=${clientSecret}`,
  `OPENCRVS_SHA_SECRET=${shaSecret}`,
];

const NATIONAL_ID = ['--type', 'NATIONAL_ID', '--name', 'Mediator'];
const tokenMode = (minor: number): string => (minor < 3 ? 'json' : 'query');

test.each([
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((minor) => ({ minor, by: 'user-mgnt' as const })),
  ...[2, 6, 9].map((minor) => ({ minor, by: 'gateway' as const })),
])('1.$minor by $by: a client is registered, stopped and started', async ({ minor, by }) => {
  const { call, client, userMgnt } = await startOpenCrvs(minor);
  const registered = await call('register', [...NATIONAL_ID, '--print'], by);
  expect(registered.code).toBe(0);
  expect(registered.out.trimEnd().split('\n')).toEqual([...lines(client()), `OPENCRVS_TOKEN_MODE=${tokenMode(minor)}`]);
  expect(client()).toMatchObject({ type: 'NATIONAL_ID', status: 'active' });

  const which = minor < 2 ? ['--system-id', client()._id] : ['--client-id', client().clientId];
  expect(await call('deactivate', which, by)).toMatchObject({ code: 0, out: '' });
  expect(client().status).toBe('deactivated');
  expect(await call('reactivate', which, by)).toMatchObject({ code: 0, out: '' });
  expect(client().status).toBe('active');
  expect(userMgnt.clients).toHaveLength(1);
});

test.each([
  { minor: 2, by: 'user-mgnt' as const },
  { minor: 9, by: 'user-mgnt' as const },
  { minor: 4, by: 'gateway' as const },
])('1.$minor by $by: a secret is made anew, and the client deleted', async ({ minor, by }) => {
  const { call, client, userMgnt } = await startOpenCrvs(minor);
  await call('register', [...NATIONAL_ID, '--print'], by);
  const { clientId, clientSecret } = client();
  const refreshed = await call('refresh-secret', ['--client-id', clientId, '--print'], by);
  expect(refreshed).toMatchObject({ code: 0, out: expect.stringContaining(lines(client()).join('\n')) });
  expect(client().clientSecret).not.toBe(clientSecret);
  expect(await call('delete', ['--client-id', clientId], by)).toMatchObject({ code: 0, out: '' });
  expect(userMgnt.clients).toEqual([]);
});

test('the list shows every client, and no secret', async () => {
  const { call, client } = await startOpenCrvs(2);
  await call('register', [...NATIONAL_ID, '--print']);
  const first = { ...client() };
  await call('register', ['--type', 'HEALTH', '--name', 'Clinics', '--print']);
  const { code, out } = await call('list');
  expect(code).toBe(0);
  expect(out).toBe(`${first.clientId}\tactive\tNATIONAL_ID\tMediator\n${client().clientId}\tactive\tHEALTH\tClinics\n`);
});

test('on 1.0 the system id is taken from a token of the client', async () => {
  const { call, client } = await startOpenCrvs(0);
  await call('register', [...NATIONAL_ID, '--print']);
  const token = join(folder, 'client.jwt');
  const ofClient = Object.assign(new OpenCrvsSystem(), { systemId: client()._id });
  writeFileSync(token, ofClient.issueToken());
  expect(await call('deactivate', ['--client-token-file', token])).toMatchObject({ code: 0 });
  expect(client().status).toBe('deactivated');
});

test('secrets go to files that only their owner can read; the lines of the environment hold none', async () => {
  const { call, client } = await startOpenCrvs(2);
  const out = join(folder, 'secrets');
  const registered = await call('register', [...NATIONAL_ID, '--out', out]);
  const { clientId, clientSecret, shaSecret } = client();
  expect(registered.code).toBe(0);
  expect(registered.out + registered.said).not.toMatch(new RegExp(`${clientSecret}|${shaSecret}`));
  expect(registered.out.trimEnd().split('\n')).toEqual([
    `OPENCRVS_CLIENT_ID=${clientId}`,
    `OPENCRVS_CLIENT_SECRET_FILE=${join(out, 'OPENCRVS_CLIENT_SECRET')}`,
    `OPENCRVS_SHA_SECRET_FILE=${join(out, 'OPENCRVS_SHA_SECRET')}`,
    'OPENCRVS_TOKEN_MODE=json',
  ]);
  const files = readdirSync(out).map((name) => [name, readFileSync(join(out, name), 'utf8')]);
  expect(Object.fromEntries(files)).toEqual({
    OPENCRVS_CLIENT_ID: clientId,
    OPENCRVS_CLIENT_SECRET: clientSecret,
    OPENCRVS_SHA_SECRET: shaSecret,
  });
  expect(readdirSync(out).map((name) => statSync(join(out, name)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
  expect(statSync(out).mode & 0o777).toBe(0o700);
});

test('the service reads what the lines of the environment say', async () => {
  const { call, client } = await startOpenCrvs(3);
  const { out } = await call('register', [...NATIONAL_ID, '--out', join(folder, 'secrets')]);
  const environment = Object.fromEntries(
    out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=', 2)),
  );
  const { opencrvs } = settingsWith({ ...environment, OPENCRVS_AUTH_URL: 'http://auth.example' });
  const { clientId, clientSecret, shaSecret } = client();
  expect(opencrvs.client).toMatchObject({ clientId, clientSecret, tokenMode: 'query' });
  expect(opencrvs.shaSecrets).toEqual([shaSecret]);
});

test('a client with one task has settings of its own, in the same folder', async () => {
  const { call, client } = await startOpenCrvs(3);
  const out = join(folder, 'secrets');
  await call('register', [...NATIONAL_ID, '--out', out]);
  const clinics = ['--type', 'HEALTH', '--name', 'Clinics', '--for', 'health', '--out', out];
  const registered = await call('register', clinics);
  expect(registered).toMatchObject({
    code: 0,
    out: [
      `OPENCRVS_HEALTH_CLIENT_ID=${client().clientId}`,
      `OPENCRVS_HEALTH_CLIENT_SECRET_FILE=${join(out, 'OPENCRVS_HEALTH_CLIENT_SECRET')}`,
      'OPENCRVS_TOKEN_MODE=query\n',
    ].join('\n'),
  });
  expect(await call('register', clinics)).toMatchObject({ code: 64 });
});

test('a new secret replaces the old one in its files, and no other client takes them', async () => {
  const { call, client, userMgnt } = await startOpenCrvs(5);
  const out = join(folder, 'secrets');
  await call('register', ['--type', 'HEALTH', '--name', 'Clinics', '--out', out]);
  const { clientId } = client();
  expect(await call('refresh-secret', ['--client-id', clientId, '--out', out])).toMatchObject({ code: 0 });
  expect(readFileSync(join(out, 'OPENCRVS_CLIENT_SECRET'), 'utf8')).toBe(client().clientSecret);

  const calls = userMgnt.received.length;
  expect(await call('refresh-secret', ['--client-id', 'another', '--out', out])).toMatchObject({ code: 64 });
  expect(await call('register', [...NATIONAL_ID, '--out', out])).toMatchObject({ code: 64 });
  expect(userMgnt.received).toHaveLength(calls);
});

test.each([
  { minor: 2, args: ['--type', 'RECORD_SEARCH', '--daily-quota', '500'], settings: { dailyQuota: 500, webhook: [] } },
  {
    minor: 9,
    args: ['--type', 'WEBHOOK', '--webhook', 'birth:child-details,mother-details', '--webhook', 'death'],
    settings: {
      webhook: [
        { event: 'birth', permissions: ['child-details', 'mother-details'] },
        { event: 'death', permissions: [] },
      ],
    },
  },
  { minor: 9, args: ['--type', 'IMPORT_EXPORT'], settings: undefined },
  { minor: 3, args: ['--type', 'NATIONAL_ID', '--integrating-system', 'MOSIP'], settings: undefined },
])('1.$minor takes $args', async ({ minor, args, settings }) => {
  const { call, client } = await startOpenCrvs(minor);
  expect(await call('register', [...args, '--name', 'M', '--print'])).toMatchObject({ code: 0 });
  expect(client()).toMatchObject({ type: args[1], settings });
});

test.each([0, 1])('1.%i registers the types that later versions do not store', async (minor) => {
  const { call, userMgnt } = await startOpenCrvs(minor);
  for (const type of ['HEALTH', 'EXTERNAL_VALIDATION', 'AGE_CHECK']) {
    expect(await call('register', ['--type', type, '--print'])).toMatchObject({ code: 0 });
  }
  expect(userMgnt.clients.map(({ type }) => type)).toEqual(['HEALTH', 'EXTERNAL_VALIDATION', 'AGE_CHECK']);
});

test.each(['active', 'deactivated'] as const)(
  'a second NATIONAL_ID client: the %s first one is named',
  async (status) => {
    const { call, client } = await startOpenCrvs(2);
    await call('register', [...NATIONAL_ID, '--print']);
    client().status = status;
    const { code, said } = await call('register', [...NATIONAL_ID, '--print']);
    expect(code).toBe(1);
    expect(said).toContain(`can have one NATIONAL_ID client only, and it has one: ${client().clientId} (${status})`);
    expect(said).toContain('refresh-secret');
  },
);

test('a second NATIONAL_ID client through the gateway: what the refusal can mean', async () => {
  const { call } = await startOpenCrvs(7);
  await call('register', [...NATIONAL_ID, '--print'], 'gateway');
  const { code, said } = await call('register', [...NATIONAL_ID, '--print'], 'gateway');
  expect(code).toBe(1);
  expect(said).toContain('On 1.7 that can mean:\n  - a NATIONAL_ID client exists already');
});

test.each([
  { what: 'an inactive administrator', minor: 2, break: { adminStatus: 'deactivated' } as const },
  { what: 'no FHIR store', minor: 0, break: { fhirStore: 'down' } as const },
])('400 with an empty body, $what: what it can mean on 1.$minor', async ({ minor, break: broken }) => {
  const { call, userMgnt } = await startOpenCrvs(minor);
  Object.assign(userMgnt, broken);
  const { code, said } = await call('register', [...NATIONAL_ID, '--print']);
  expect(code).toBe(1);
  expect(said).toContain(`OpenCRVS refused and gave no reason. On 1.${minor} that can mean:`);
  expect(said).toContain('the administrator of the token is no active user');
  expect(said).toContain('OpenCRVS cannot reach its own FHIR store');
  expect(said.includes('NATIONAL_ID client exists already')).toBe(minor >= 2);
});

test.each([
  { minor: 1, command: 'deactivate', args: ['--system-id', 'a'.repeat(24)] },
  { minor: 2, command: 'deactivate', args: ['--client-id', 'unknown'] },
  { minor: 2, command: 'reactivate', args: ['--client-id', 'unknown'] },
  { minor: 9, command: 'refresh-secret', args: ['--client-id', 'unknown', '--print'] },
  { minor: 9, command: 'delete', args: ['--client-id', 'unknown'] },
])('1.$minor $command of an unknown client says so', async ({ minor, command, args }) => {
  const { call } = await startOpenCrvs(minor);
  const { code, out, said } = await call(command, args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(said).toContain('there is no client with this id');
});

test.each([
  { minor: 1, scope: 'sysadmin' },
  { minor: 2, scope: 'natlsysadmin' },
  { minor: 7, scope: 'config.update:all' },
])('403 on 1.$minor: the scope that is needed, and those that are there', async ({ minor, scope }) => {
  const { call } = await startOpenCrvs(minor, ['register', 'performance']);
  const { code, said } = await call('register', [...NATIONAL_ID, '--print']);
  expect(code).toBe(1);
  expect(said).toBe(
    `This needs the scope ${scope}; the administrator's token may not do it: it lacks the scope ${scope} (it has register, performance).\n`,
  );
});

test('a missing scope at the gateway, which answers 200', async () => {
  const { call } = await startOpenCrvs(9, ['register']);
  const { said } = await call('deactivate', ['--client-id', 'a'], 'gateway');
  expect(said).toContain('it lacks the scope config.update:all (it has register)');
});

test.each(['user-mgnt', 'gateway'] as const)('an expired token at the %s', async (by) => {
  const { call, admin } = await startOpenCrvs(2);
  admin.tokenLifeSeconds = -60;
  const { code, said } = await call('deactivate', ['--client-id', 'a'], by);
  expect(code).toBe(1);
  expect(said).toMatch(/does not accept the administrator's token: it ended at \d{4}-/);
});

test('a token of another OpenCRVS', async () => {
  const { call, userMgnt } = await startOpenCrvs(2);
  userMgnt.fail('/deactivateSystem', { status: 401 }, 1);
  const { said } = await call('deactivate', ['--client-id', 'a']);
  expect(said).toContain('it may be from another OpenCRVS, or may have been withdrawn');
});

test.each([
  { asked: '1.1', minor: 2, words: 'There is no such call at this address: --version 1.1' },
  { asked: '1.2', minor: 0, words: 'There is no such call at this address: --version 1.2' },
])('asked as $asked, a 1.$minor has no such call', async ({ asked, minor, words }) => {
  const { admin, userMgnt } = await startOpenCrvs(minor);
  const args = ['register', '--version', asked, '--user-mgnt', userMgnt.url, ...NATIONAL_ID, '--print'];
  const { code, said } = await run(['system-client', ...args], { input: admin.issueToken() });
  expect(code).toBe(1);
  expect(said).toContain(words);
});

test('asked as 1.3, a 1.2 does not take the form', async () => {
  const { admin, userMgnt } = await startOpenCrvs(2);
  const args = ['register', '--version', '1.3', '--user-mgnt', userMgnt.url, ...NATIONAL_ID];
  const { said } = await run(['system-client', ...args, '--integrating-system', 'MOSIP', '--print'], {
    input: admin.issueToken(),
  });
  expect(said).toBe('This OpenCRVS does not take the call in the form of 1.3: is --version right?\n');
});

test.each([
  { name: 'cut', fault: { kind: 'cut' as const } },
  { name: 'reset', fault: { kind: 'reset' as const } },
])('a registration whose answer is lost ($name) may have been done: said, and no files left', async ({ fault }) => {
  const { call, userMgnt } = await startOpenCrvs(2);
  userMgnt.fail('/registerSystem', fault, 1);
  const out = join(folder, 'secrets');
  const { code, said } = await call('register', [...NATIONAL_ID, '--out', out]);
  expect(code).toBe(1);
  expect(said).toContain('OpenCRVS may have done it all the same: look at its clients before you try again.');
  expect(readdirSync(out)).toEqual([]);
});

test('an answer that cannot be read: the client is there, its secret is lost', async () => {
  const { call, userMgnt } = await startOpenCrvs(2);
  userMgnt.fail('/registerSystem', { kind: 'garbage' }, 1);
  const { code, said } = await call('register', [...NATIONAL_ID, '--print']);
  expect(code).toBe(1);
  expect(said).toContain('get new ones by refresh-secret');
});

test('neither the token nor an answer is ever shown', async () => {
  const { admin, call, userMgnt } = await startOpenCrvs(2);
  const token = admin.issueToken();
  for (const status of [400, 401, 403, 404, 409, 500, 503]) {
    userMgnt.fail('/deactivateSystem', { status, body: 'canary' }, 1);
    const { code, out, said } = await call('deactivate', ['--client-id', 'a']);
    expect(code).toBe(1);
    expect(out + said).not.toContain('canary');
    expect(out + said).not.toContain(token);
    expect(said.length).toBeGreaterThan(20);
  }
});
