import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { OpenCrvsIntegrationsPeer } from '../../peers/opencrvs-integrations-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';

const admin = new OpenCrvsSystem({ scopes: ['type=integration.create'] });
const WAYS = ['events', 'gateway'] as const;
let peers: Record<(typeof WAYS)[number], OpenCrvsIntegrationsPeer>;

beforeEach(async () => {
  peers = {
    events: await new OpenCrvsIntegrationsPeer(admin).start(),
    gateway: await new OpenCrvsIntegrationsPeer(admin, '/events').start(),
  };
});
afterEach(() => Promise.all(WAYS.map((by) => peers[by].stop())));

const call = (command: string, args: readonly string[] = [], by: (typeof WAYS)[number] = 'events', by2x = '2.0') =>
  run(['system-client', command, '--version', by2x, `--${by}`, peers[by].url, ...args], { input: admin.issueToken() });

test.each(WAYS)('by %s: a client is registered, listed, stopped, started, given a new secret, deleted', async (by) => {
  const { integrations } = peers[by];
  const registered = await call('register', ['--type', 'NATIONAL_ID', '--name', 'Mediator', '--print'], by);
  const [client] = integrations;
  if (client === undefined) throw new Error('there is no client');
  expect(registered.code).toBe(0);
  expect(registered.out.trimEnd().split('\n')).toEqual([
    `OPENCRVS_CLIENT_ID=${client.id}`,
    `OPENCRVS_CLIENT_SECRET=${client.clientSecret}`,
    `OPENCRVS_SHA_SECRET=${client.shaSecret}`,
    'OPENCRVS_TOKEN_MODE=body',
  ]);
  expect(client).toMatchObject({ name: 'Mediator', scopes: ['type=record.search', 'type=record.read'] });

  const { out } = await call('list', [], by);
  expect(out).toBe(`${client.id}\tactive\ttype=record.search type=record.read\tMediator\n`);

  const which = ['--client-id', client.id];
  expect(await call('deactivate', which, by)).toMatchObject({ code: 0 });
  expect(client.status).toBe('disabled');
  expect(await call('reactivate', which, by)).toMatchObject({ code: 0 });
  expect(client.status).toBe('active');

  const before = client.clientSecret;
  const refreshed = await call('refresh-secret', [...which, '--print'], by);
  expect(client.clientSecret).not.toBe(before);
  expect(refreshed.out).toBe(
    `OPENCRVS_CLIENT_ID=${client.id}\nOPENCRVS_CLIENT_SECRET=${client.clientSecret}\nOPENCRVS_TOKEN_MODE=body\n`,
  );
  expect(await call('delete', which, by)).toMatchObject({ code: 0 });
  expect(integrations).toEqual([]);
});

test.each([
  { args: ['--scope', 'record.read'], scopes: ['type=record.read'] },
  { args: ['--scope', 'type=record.notify&event=birth'], scopes: ['type=record.notify&event=birth'] },
  { args: ['--type', 'HEALTH'], scopes: ['type=record.create', 'type=record.notify'] },
  {
    args: ['--type', 'RECORD_SEARCH', '--scope', 'record.read', '--scope', 'record.import'],
    scopes: ['type=record.search', 'type=record.read', 'type=record.import'],
  },
])('$args become the scopes in their stored form', async ({ args, scopes }) => {
  expect(await call('register', [...args, '--name', 'M', '--print'])).toMatchObject({ code: 0 });
  expect(peers.events.integrations[0]?.scopes).toEqual(scopes);
});

test.each(['2', '2.x', 'v2.0.1'])('version %s', async (version) => {
  expect(await call('list', [], 'events', version)).toEqual({ code: 0, out: '', said: '' });
});

test.each([
  {
    name: 'an unknown client',
    id: '00000000-0000-4000-8000-000000000000',
    words: 'also its answer where there is no client with this id',
  },
  { name: 'an id of another kind', id: 'abc', words: 'a client id is a UUID there' },
])('$name: said', async ({ id, words }) => {
  for (const command of ['deactivate', 'reactivate', 'delete']) {
    const { code, said } = await call(command, ['--client-id', id]);
    expect(code).toBe(1);
    expect(said).toContain(words);
  }
});

test('a token without the scope', async () => {
  const other = new OpenCrvsSystem({ scopes: ['type=record.read'] });
  const args = ['system-client', 'list', '--version', '2', '--events', peers.events.url];
  const { code, said } = await run(args, { input: other.issueToken() });
  expect(code).toBe(1);
  expect(said).toContain('needs the scope integration.create');
  expect(said).toContain('it lacks the scope integration.create (it has type=record.read)');
});

test('no valid token', async () => {
  const other = new OpenCrvsSystem({ scopes: ['type=integration.create'], tokenLifeSeconds: -1 });
  const args = ['register', '--version', '2', '--events', peers.events.url, '--type', 'HEALTH', '--name', 'M'];
  const { code, said } = await run(['system-client', ...args, '--print'], { input: other.issueToken() });
  expect(code).toBe(1);
  expect(said).toContain("does not accept the administrator's token: it ended at ");
});
