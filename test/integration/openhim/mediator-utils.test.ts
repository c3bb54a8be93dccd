import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { loadMediatorConfig } from '../../../src/openhim/index.js';
import {
  type CoreAccess,
  createMediatorUtils,
  type MediatorUtilsOptions,
} from '../../../src/openhim/mediator-utils.js';
import type { Fault } from '../../peers/http-peer.js';
import { OpenHimCorePeer } from '../../peers/openhim-core-peer.js';
import { selfSigned } from '../../support/self-signed.js';

const CONFIG = loadMediatorConfig(join(import.meta.dirname, '..', '..', '..', 'mediator.json'));
const SECRET = 'correct horse battery';
const NEVER = new AbortController().signal;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  delete process.env['HTTP_PROXY'];
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startCore(tls?: { key: string; cert: string }): Promise<OpenHimCorePeer> {
  const core = await new OpenHimCorePeer({ password: SECRET, ...(tls === undefined ? {} : { tls }) }).start();
  cleanups.push(() => core.stop());
  return core;
}

function utilsFor(core: { url: string }, access: Partial<CoreAccess> = {}, options: MediatorUtilsOptions = {}) {
  const base = { username: 'mediator@openhim.org', password: SECRET, trustSelfSigned: false, ca: undefined };
  const utils = createMediatorUtils({ apiUrl: core.url, ...base, ...access }, options);
  cleanups.push(() => utils.close());
  return utils;
}

/** The error a call ends with; fails when it does not. */
async function errorOf(call: Promise<unknown>): Promise<MediatorError> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof MediatorError)) throw new Error(`no MediatorError but ${String(thrown)}`);
  return thrown;
}

test('registers, and the heartbeat brings the stored config', async () => {
  const core = await startCore();
  const utils = utilsFor(core);
  await utils.registerMediator(CONFIG, NEVER);
  expect(core.mediators.get(CONFIG.urn)?.doc.version).toBe(CONFIG.version);
  expect(await utils.fetchConfig(CONFIG.urn, NEVER)).toEqual({ known: true, config: CONFIG.config });
  expect(core.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /mediators',
    'POST /mediators/urn:mediator:national-id-mediator/heartbeat',
  ]);
});

test('a mediator without stored config, or one core does not know, is told apart', async () => {
  const core = await startCore();
  const utils = utilsFor(core);
  expect(await utils.fetchConfig(CONFIG.urn, NEVER)).toEqual({ known: false });
  const { urn, version } = CONFIG;
  core.mediators.set(urn, { doc: { urn, version }, lastHeartbeat: undefined, uptime: undefined, configModified: 0 });
  expect(await utils.fetchConfig(CONFIG.urn, NEVER)).toEqual({ known: true, config: {} });
});

test('an address with a last slash, and a urn that needs encoding, reach the right place', async () => {
  const core = await startCore();
  const utils = utilsFor({ url: `${core.url}/` });
  await utils.fetchConfig('urn:x:a/../b?c', NEVER);
  expect(core.received[0]).toMatchObject({ path: '/mediators/urn:x:a%2F..%2Fb%3Fc/heartbeat', rawQuery: '' });
});

test.each<{ name: string; fault: Fault; code: string; words: RegExp }>([
  { name: '401', fault: { status: 401, body: 'Unauthorized' }, code: 'peer_unauthorized', words: /OPENHIM_PASSWORD/ },
  { name: '403', fault: { status: 403 }, code: 'peer_misconfigured', words: /group admin .*mediator-manage-all/ },
  { name: '400', fault: { status: 400 }, code: 'peer_misconfigured', words: /mediator\.json/ },
  { name: '404', fault: { status: 404 }, code: 'peer_misconfigured', words: /OPENHIM_API_URL/ },
  { name: '500', fault: { status: 500 }, code: 'peer_error', words: /HTTP 500/ },
  { name: '503', fault: { status: 503 }, code: 'peer_unavailable', words: /HTTP 503/ },
  { name: 'a page with 200', fault: { status: 200, body: '<html>' }, code: 'peer_misconfigured', words: /HTTP 200/ },
  { name: 'a reset', fault: { kind: 'reset' }, code: 'peer_unreachable', words: /begin with https/ },
  { name: 'a cut answer', fault: { kind: 'cut' }, code: 'peer_response_invalid', words: /cut off/ },
  {
    name: 'an answer too large',
    fault: { status: 201, body: 'x'.repeat(2_000) },
    code: 'peer_response_too_large',
    words: /too large/,
  },
])('a registration answered by $name says what to look at', async ({ fault, code, words }) => {
  const core = await startCore();
  core.fail('/mediators', fault);
  const error = await errorOf(utilsFor(core, {}, { maxResponseBytes: 1_000 }).registerMediator(CONFIG, NEVER));
  expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
  expect(error.cause).toBeUndefined();
});

test('an address below which core has nothing is told by the 200 it answers', async () => {
  const core = await startCore();
  const error = await errorOf(utilsFor({ url: `${core.url}/api` }).registerMediator(CONFIG, NEVER));
  expect(error).toMatchObject({
    code: 'peer_misconfigured',
    message: expect.stringMatching(/HTTP 200.*OPENHIM_API_URL/),
  });
});

test('a heartbeat answered by an HTML page is no config', async () => {
  const core = await startCore();
  core.fail('/heartbeat', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>console</html>' });
  const error = await errorOf(utilsFor(core).fetchConfig(CONFIG.urn, NEVER));
  expect(error).toMatchObject({ code: 'peer_response_invalid', message: expect.stringContaining('OPENHIM_API_URL') });
});

test('a redirect is not followed: the password goes to core alone', async () => {
  const [core, other] = [await startCore(), await startCore()];
  core.fail('/mediators', { status: 307, headers: { location: `${other.url}/mediators` } });
  expect(await errorOf(utilsFor(core).registerMediator(CONFIG, NEVER))).toMatchObject({ code: 'peer_misconfigured' });
  expect(other.received).toEqual([]);
});

test('a proxy of the environment is not used', async () => {
  const [core, proxy] = [await startCore(), await startCore()];
  process.env['HTTP_PROXY'] = proxy.url;
  await utilsFor(core).registerMediator(CONFIG, NEVER);
  expect(proxy.received).toEqual([]);
});

test.each([
  { name: 'the time limit', limit: 50, code: 'peer_timeout' },
  { name: 'the caller', limit: 60_000, code: 'peer_unreachable' },
])('a hanging core: $name ends the call and closes its socket', async ({ limit, code }) => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connected = once(server, 'connection');
  const caller = new AbortController();
  const call = errorOf(utilsFor({ url }, {}, { timeoutMs: limit }).fetchConfig(CONFIG.urn, caller.signal));
  const [socket] = await connected;
  const closed = once(socket, 'close');
  if (code !== 'peer_timeout') caller.abort();
  expect(await call).toMatchObject({ code });
  await closed;
});

test.each<{ name: string; access: (cert: string) => Partial<CoreAccess>; words: RegExp | undefined }>([
  { name: 'without its authority', access: () => ({}), words: /OPENHIM_CA_FILE/ },
  { name: 'with its authority', access: (ca) => ({ ca }), words: undefined },
  { name: 'with every certificate trusted', access: () => ({ trustSelfSigned: true }), words: undefined },
])('a self-signed core, $name', async ({ access, words }) => {
  const tls = selfSigned();
  const core = await startCore(tls);
  const call = utilsFor(core, access(tls.cert)).registerMediator(CONFIG, NEVER);
  if (words === undefined) await call;
  else {
    expect(await errorOf(call)).toMatchObject({
      code: 'peer_certificate_invalid',
      message: expect.stringMatching(words),
    });
  }
  expect(core.mediators.size).toBe(words === undefined ? 1 : 0);
});

test('a certificate for another host is told apart from one not trusted', async () => {
  const tls = selfSigned('10.9.8.7');
  const core = await startCore(tls);
  const error = await errorOf(utilsFor(core, { ca: tls.cert }).registerMediator(CONFIG, NEVER));
  expect(error).toMatchObject({
    code: 'peer_certificate_invalid',
    message: expect.stringContaining('names localhost alone'),
  });
});

test.each([
  { scheme: 'http', code: 'peer_unreachable', words: /begin with https/ },
  { scheme: 'https', code: 'peer_timeout', words: /does not speak TLS.* begin with http\./ },
])('$scheme where core speaks the other says so', async ({ scheme, code, words }) => {
  const core = await startCore(scheme === 'http' ? selfSigned() : undefined);
  const url = core.url.replace(/^https?/, scheme);
  const error = await errorOf(utilsFor({ url }, {}, { timeoutMs: 500 }).registerMediator(CONFIG, NEVER));
  expect(error).toMatchObject({ code, message: expect.stringMatching(words) });
});

test('https where a plain server such as a proxy refuses the greeting says so too', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await errorOf(utilsFor({ url }).registerMediator(CONFIG, NEVER));
  expect(error).toMatchObject({ code: 'peer_unreachable', message: expect.stringMatching(/begin with http\./) });
});

test('two clients in one process keep their transports apart', async () => {
  const tls = selfSigned();
  const core = await startCore(tls);
  const trusting = utilsFor(core, { ca: tls.cert });
  const wary = utilsFor(core);
  const results = await Promise.allSettled([
    trusting.registerMediator(CONFIG, NEVER),
    wary.registerMediator(CONFIG, NEVER),
    trusting.fetchConfig(CONFIG.urn, NEVER),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a core that is away is unreachable, and the error keeps nothing of the call', async () => {
  const core = await startCore();
  await core.stop();
  const error = await errorOf(utilsFor(core).registerMediator(CONFIG, NEVER));
  expect(error).toMatchObject({ code: 'peer_unreachable', unanswered: true });
  expect(error.message).toBe('OpenHIM core cannot be reached (ECONNREFUSED).');
  expect(error.cause).toBeUndefined();
});
