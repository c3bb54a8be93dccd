import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { run } from '../../fakes/memory-terminal.js';
import { FhirPeer } from '../../peers/fhir-peer.js';
import { HttpPeer, json, type PeerReply } from '../../peers/http-peer.js';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { selfSigned } from '../../support/self-signed.js';
import { directEnvironment, startWorld, type World } from '../../support/world.js';

const Report = z.object({
  counts: z.record(z.string(), z.number()),
  findings: z.array(
    z.object({
      check: z.string(),
      about: z.string().optional(),
      state: z.enum(['ok', 'warning', 'failed', 'skipped']),
      detail: z.string(),
      next: z.string().optional(),
    }),
  ),
});
type Finding = z.infer<typeof Report>['findings'][number];

/** Somebody who answers. */
class Anybody extends HttpPeer {
  protected override answer(): PeerReply {
    return json({});
  }
}

let world: World;
let running: RunningService;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  world = await startWorld();
  running = await startSettledService(world);
}, 60_000);
afterAll(async () => {
  await running.service.stop();
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What the doctor finds in the world with something changed. */
async function examine(changes: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const environment = { ...world.environment, ...changes };
  const { code, out, said } = await run(['doctor', '--json', ...args], { environment });
  for (const [name, value] of Object.entries(environment)) {
    if (/PASSWORD|SECRET|_KEY$/.test(name)) expect(`${out}${said}`).not.toContain(value);
  }
  return { code, said, findings: Report.parse(JSON.parse(out)).findings };
}

const wrong = (findings: readonly Finding[]): readonly Finding[] => findings.filter(({ state }) => state === 'failed');
const named = (findings: readonly Finding[], check: string, about?: string): Finding | undefined =>
  findings.find((finding) => finding.check === check && (about === undefined || finding.about === about));

test('where all is well nothing fails, and nothing is changed at a peer', async () => {
  const { core, opencrvs, mosip } = world;
  const peers = [core, opencrvs.auth, opencrvs.webhooks, opencrvs.countryConfig, opencrvs.fhir, mosip];
  const before = peers.map(({ received }) => received.length);
  const { code, said, findings } = await examine();
  expect({ code, said, wrong: wrong(findings) }).toEqual({ code: 0, said: '', wrong: [] });

  const fresh = peers.flatMap(({ received }, index) => received.slice(before[index]));
  const writes = fresh.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
  expect([...new Set(writes)].toSorted()).toEqual([
    'POST /authenticateSystemClient',
    'POST /v1/authmanager/authenticate/clientidsecretkey',
  ]);
  expect(fresh.filter(({ path }) => path.includes('heartbeat'))).toEqual([]);
});

describe('one setting is wrong', () => {
  test.each([
    {
      name: 'a host that no name server knows',
      changes: { OPENCRVS_WEBHOOKS_URL: 'http://webhooks.invalid:2525' },
      finding: { check: 'dns', about: 'webhooks.invalid:2525' },
      detail: 'The name webhooks.invalid of OPENCRVS_WEBHOOKS_URL is not known here',
      next: 'Correct OPENCRVS_WEBHOOKS_URL',
    },
    {
      name: 'a port at which nobody listens',
      changes: { MOSIP_WEBSUB_HUB_URL: 'http://127.0.0.1:9/hub' },
      finding: { check: 'tcp', about: '127.0.0.1:9' },
      detail: 'Nobody listens there (ECONNREFUSED).',
      next: 'MOSIP_WEBSUB_HUB_URL',
    },
    {
      name: 'https to a system that speaks http',
      changes: {},
      address: () => ({ OPENCRVS_WRITE_BACK_URL: world.opencrvs.countryConfig.url.replace('http:', 'https:') }),
      finding: { check: 'tls' },
      detail: 'No TLS there',
      next: 'OPENCRVS_WRITE_BACK_URL has to begin with http',
    },
    {
      name: 'a password that OpenHIM does not take',
      changes: { OPENHIM_PASSWORD: 'not the password' },
      finding: { check: 'openhim', about: 'registration' },
      detail: 'OpenHIM core refuses the user or the password.',
      next: 'OPENHIM_PASSWORD',
    },
    {
      name: 'a client without the scope',
      changes: { OPENCRVS_SCOPE: 'recordsearch' },
      finding: { check: 'opencrvs', about: 'client' },
      detail: 'lacks the scope recordsearch: it has the scopes',
      next: 'system-client register',
    },
    {
      name: 'a client secret that OpenCRVS does not take',
      changes: { OPENCRVS_CLIENT_SECRET: 'not the secret' },
      finding: { check: 'opencrvs', about: 'client' },
      detail: 'OpenCRVS auth does not accept OPENCRVS_CLIENT_ID and OPENCRVS_CLIENT_SECRET',
      next: 'OPENCRVS_CLIENT_SECRET',
    },
    {
      name: 'a callback that is not where OpenCRVS is subscribed to',
      changes: { OPENCRVS_CALLBACK_URL: 'http://127.0.0.1:9/opencrvs/webhooks' },
      finding: { check: 'opencrvs', about: 'subscription' },
      detail:
        'No subscription to BIRTH_REGISTERED, DEATH_REGISTERED at OPENCRVS_CALLBACK_URL (127.0.0.1:9). There are some',
      next: 'Correct OPENCRVS_CALLBACK_URL',
    },
    {
      name: "the secret of MOSIP's hub client",
      changes: { MOSIP_WEBSUB_CLIENT_SECRET: 'not the secret' },
      finding: { check: 'mosip', about: 'websub client' },
      detail: 'The auth manager answered KER-',
      next: 'MOSIP_WEBSUB_CLIENT_SECRET',
    },
  ])('$name', async ({ changes, address, finding, detail, next }) => {
    const { code, findings } = await examine({ ...changes, ...address?.() });
    const found = findings.find(
      (one) => one.check === finding.check && one.state === 'failed' && (finding.about ?? one.about) === one.about,
    );
    expect(found?.detail).toContain(detail);
    expect(found?.next).toContain(next);
    expect(code).toBe(1);
  });

  test('what is behind a failure is skipped, and a check behind the network points to it', async () => {
    const { findings } = await examine({ OPENCRVS_AUTH_URL: 'http://auth.invalid:4040' });
    const layers = findings
      .filter(({ about }) => about === 'auth.invalid:4040')
      .map(({ check, state }) => [check, state]);
    expect(layers).toEqual([
      ['dns', 'failed'],
      ['tcp', 'skipped'],
      ['http', 'skipped'],
    ]);
    expect(named(findings, 'opencrvs', 'client')?.next).toContain('Look at the checks dns');
    expect(named(findings, 'opencrvs', 'subscription')?.state).toBe('skipped');
  });

  test('one wrong password is one failure', async () => {
    const { findings } = await examine({ OPENHIM_PASSWORD: 'not the password' }, ['--only', 'openhim']);
    expect(findings.map(({ state }) => state)).toEqual(['failed', ...Array(6).fill('skipped')]);
    const down = await examine({ OPENHIM_API_URL: 'http://127.0.0.1:9' }, ['--only', 'openhim']);
    expect(wrong(down.findings)).toHaveLength(1);
  });
});

describe('certificates', () => {
  test('one that signs itself is not trusted', async () => {
    const auth = await new Anybody(selfSigned()).start();
    const { code, findings } = await examine({ OPENCRVS_AUTH_URL: auth.url }, ['--only', 'tls,opencrvs']);
    await auth.stop();
    expect(named(findings, 'tls')).toMatchObject({
      state: 'failed',
      detail: 'Not trusted: the certificate signs itself and is not trusted.',
    });
    expect(named(findings, 'tls')?.next).toContain('NODE_EXTRA_CA_CERTS');
    expect(named(findings, 'opencrvs', 'client')).toMatchObject({ state: 'failed' });
    expect(code).toBe(1);
  });

  test.each([
    { name: 'has expired', days: -1, address: '127.0.0.1', state: 'failed', detail: 'the certificate has expired' },
    { name: 'ends soon', days: 12.5, address: '127.0.0.1', state: 'warning', detail: 'in 12 days' },
    { name: 'is valid for long', days: 90, address: '127.0.0.1', state: 'ok', detail: 'valid until' },
    { name: 'is of another host', days: 90, address: '10.0.0.1', state: 'failed', detail: 'made out to another host' },
  ])('that of a trusted authority $name', async ({ days, address, state, detail }) => {
    const tls = selfSigned(address, days);
    const file = join(folder, 'authority.pem');
    writeFileSync(file, tls.cert);
    const { username, password } = world.core;
    const core = await new OpenHimCorePeer({ username, password, tls }).start();
    const { findings } = await examine({ OPENHIM_API_URL: core.url, OPENHIM_CA_FILE: file }, ['--only', 'tls']);
    await core.stop();
    expect(findings).toMatchObject([{ check: 'tls', state, detail: expect.stringContaining(detail) }]);
  });
});

describe('a national ID system that wants a client certificate', () => {
  const authorities = getCACertificates();
  const [server, client] = [selfSigned(), selfSigned('127.0.0.1', 12.5)];
  beforeAll(() => setDefaultCACertificates([...authorities, server.cert]));
  afterAll(() => setDefaultCACertificates(authorities));

  /** What is found on the way to the peer, and by asking it. */
  async function examineBehind(version: 'TLSv1.2' | 'TLSv1.3', changes: Readonly<Record<string, string>>) {
    const peer = await new FhirPeer({ tls: { ...server, clientCa: client.cert, version } }).start();
    const about = new URL(peer.url).host;
    const { findings } = await examine(
      { ...world.fhirEnvironment, FHIR_BASE_URL: peer.baseUrl, FHIR_AUTH: 'none', ...changes },
      ['--only', 'tls,http,fhir'],
    );
    await peer.stop();
    return { findings, tls: named(findings, 'tls', about), http: named(findings, 'http', about) };
  }

  test('gets it, and its own end is told', async () => {
    const file = join(folder, 'client.pem');
    writeFileSync(file, client.cert + client.key);
    const { findings, tls, http } = await examineBehind('TLSv1.3', { NATIONAL_ID_CLIENT_KEY_FILE: file });
    expect([tls, http, named(findings, 'fhir', 'search')].map((found) => found?.state)).toEqual([
      'warning',
      'ok',
      'ok',
    ]);
    expect(named(findings, 'tls', 'client certificate')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('in 12 days'),
    });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('and gets none, over %s', async (version) => {
    const { findings, tls, http } = await examineBehind(version, {});
    const ending = version === 'TLSv1.2' ? tls : http;
    expect(ending).toMatchObject({ state: 'failed', next: expect.stringContaining('NATIONAL_ID_CLIENT_KEY_FILE') });
    expect(named(findings, 'fhir', 'search')?.state).toBe('failed');
  });
});

describe('OpenHIM', () => {
  test('a channel that is missing, one that leads elsewhere, one without auto-retry', async () => {
    const channels = world.core.channels;
    const kept = structuredClone(channels);
    channels.splice(
      channels.findIndex(({ name }) => name.endsWith('FHIR')),
      1,
    );
    const webhooks = channels.find(({ name }) => name.endsWith('OpenCRVS webhooks'));
    Object.assign(webhooks ?? {}, { autoRetryEnabled: false });
    const callback = channels.find(({ name }) => name.endsWith('callback'));
    Object.assign(callback?.routes[0] ?? {}, { host: 'elsewhere' });
    const { code, findings } = await examine({}, ['--only', 'openhim']);
    channels.splice(0, channels.length, ...kept);

    const about = (name: string) => named(findings, 'openhim', `channel National ID Mediator: ${name}`);
    expect(about('FHIR')).toMatchObject({ state: 'failed', detail: expect.stringContaining('is missing') });
    expect(about('OpenCRVS webhooks')).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('autoRetry'),
    });
    expect(about('national ID callback')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('route host'),
    });
    expect(about('verification')).toMatchObject({ state: 'ok' });
    expect(code).toBe(1);
  });

  test('a channel that nobody needs, because its caller comes to us directly', async () => {
    const channels = world.core.channels;
    const kept = structuredClone(channels);
    channels.length = 0;
    const direct = { MEDIATOR_URL: `http://127.0.0.1:${world.port}`, ...directEnvironment(world) };
    const { findings } = await examine(direct, ['--only', 'openhim']);
    channels.push(...kept);
    const states = findings.filter(({ about }) => about?.startsWith('channel')).map(({ state }) => state);
    expect(states).toEqual(['skipped', 'failed', 'skipped', 'failed', 'failed']);
  });

  test('a mediator that has not registered yet, and a copy of an older version', async () => {
    const { username, password } = world.core;
    const core = await new OpenHimCorePeer({ username, password }).start();
    const only = ['--only', 'openhim'];
    const before = await examine({ OPENHIM_API_URL: core.url }, only);
    expect(named(before.findings, 'openhim', 'registration')).toMatchObject({ state: 'warning' });
    const [mine] = world.core.mediators.values();
    if (mine === undefined) throw new Error('the mediator has registered');
    core.mediators.set(mine.doc.urn, { ...mine, doc: { ...mine.doc, version: '0.0.1' } });
    const after = await examine({ OPENHIM_API_URL: core.url }, only);
    await core.stop();
    expect(named(after.findings, 'openhim', 'registration')?.detail).toContain('of version 0.0.1 and ignores ours');
  });
});

describe('mappings', () => {
  const broken = (file: string, text: string): Readonly<Record<string, string>> => {
    const dir = mkdtempSync(join(folder, 'mappings-'));
    cpSync('config/mappings', dir, { recursive: true });
    writeFileSync(join(dir, file), text);
    return { MAPPINGS_DIR: dir };
  };

  test.each([
    { name: 'does not compile', file: 'mosip/death.jsonata', text: '{ "a": ', about: 'mosip' },
    { name: 'fails on a sample', file: 'mosip/birth.jsonata', text: '{ "a": $number("x") }', about: 'mosip' },
    { name: 'makes something else', file: 'mosip/correction.jsonata', text: '[1]', about: 'mosip' },
    { name: 'of the way back does not compile', file: 'opencrvs/countryconfig.jsonata', text: '{', about: 'opencrvs' },
  ])('one that $name', async ({ file, text, about }) => {
    const { code, findings } = await examine(broken(file, text), ['--only', 'mappings']);
    expect(wrong(findings)).toMatchObject([{ check: 'mappings', about, detail: expect.stringContaining(file) }]);
    expect(code).toBe(1);
  });
});

test('settings that are wrong are told all at once, and nothing else is tried', async () => {
  const { code, findings } = await examine({ OPENHIM_API_URL: '', MOSIP_CENTER_ID: '1', LOG_LEVEL: 'loud' });
  expect(code).toBe(78);
  expect(findings.map(({ about }) => about).toSorted()).toEqual(['LOG_LEVEL', 'MOSIP_CENTER_ID', 'OPENHIM_API_URL']);
});

test('before the first start there is no subscription yet', async () => {
  const headers = { 'content-type': 'application/json' };
  world.opencrvs.webhooks.fail('/webhooks', { status: 200, headers, body: '{"entries":[]}' });
  const { code, findings } = await examine({}, ['--only', 'opencrvs']);
  world.opencrvs.webhooks.heal();
  expect(named(findings, 'opencrvs', 'subscription')).toMatchObject({
    state: 'warning',
    detail: 'OpenCRVS has no subscription of ours yet.',
    next: expect.stringContaining('Start the mediator'),
  });
  expect(code).toBe(0);
});

test('a peer whose clock is wrong', async () => {
  world.opencrvs.countryConfig.fail('/', { status: 404, headers: { date: 'Mon, 02 Mar 2020 10:00:00 GMT' } });
  const { code, findings } = await examine({}, ['--only', 'clock']);
  world.opencrvs.countryConfig.heal();
  expect(findings).toMatchObject([{ check: 'clock', state: 'warning', detail: expect.stringContaining('s behind') }]);
  expect(code).toBe(0);
});

test('a peer that hangs holds nothing up', async () => {
  world.mosip.fail('/v1/authmanager/authenticate/clientidsecretkey', { kind: 'hang' });
  const startedAt = performance.now();
  const { findings } = await examine({}, ['--only', 'mosip']);
  world.mosip.heal();
  expect(named(findings, 'mosip', 'packet client')).toMatchObject({ state: 'failed' });
  expect(named(findings, 'mosip', 'credential key')).toMatchObject({ state: 'ok' });
  expect(performance.now() - startedAt).toBeLessThan(9_000);
});

test('FHIR: metadata, and a search that shows whether our credentials are taken', async () => {
  const fine = await examine(world.fhirEnvironment, ['--only', 'fhir']);
  expect(fine.findings.map(({ about, state }) => [about, state])).toEqual([
    ['metadata', 'ok'],
    ['search', 'ok'],
  ]);
  const { findings } = await examine({ ...world.fhirEnvironment, FHIR_PASSWORD: 'not the password' }, [
    '--only',
    'fhir',
  ]);
  expect(named(findings, 'fhir', 'search')).toMatchObject({ state: 'failed' });
});

test('for people: one paragraph a finding; a name that is no check is a wrong call', async () => {
  const environment = { ...world.environment, OPENHIM_PASSWORD: 'not the password' };
  const { code, out } = await run(['doctor', '--only', 'openhim'], { environment });
  expect(code).toBe(1);
  expect(out).toContain(
    'failed     openhim: registration\n           OpenHIM core refuses the user or the password.\n           -> ',
  );
  expect(await run(['doctor', '--only', 'weather'], { environment })).toMatchObject({ code: 64, out: '' });
});
