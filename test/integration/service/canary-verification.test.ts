import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ESignetPeer } from '../../peers/esignet-peer.js';
import { errorReply } from '../../peers/mosip-auth.js';
import { IDA_PATH } from '../../peers/mosip-ida.js';
import { CANARY, PERSONAL_CANARIES, QUOTED } from '../../support/canary.js';
import { LeakWatch, leaksIn } from '../../support/leak-watch.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { INBOUND, startWorld, type World } from '../../support/world.js';

const CLAIM = {
  nid: CANARY.nationalId,
  dob: CANARY.birthDate,
  name: { firstname: CANARY.given, surname: CANARY.family },
  gender: 'female',
};
const inEnglish = (value: string): string => JSON.stringify([{ language: 'eng', value }]);

const folder = mkdtempSync(join(tmpdir(), 'mediator-verification-'));
let world: World;
let esignet: ESignetPeer;
let running: RunningService;
let watch: LeakWatch;
let secrets: readonly string[];
let environment: Record<string, string>;

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};

/** The lines of a PEM text that tell it from others. */
const linesOf = (pem: string): readonly string[] => pem.trim().split('\n').slice(1, -1);

beforeAll(async () => {
  world = await startWorld();
  esignet = await new ESignetPeer().start();
  const ida = world.mosip.ida.settings(world.mosip.url);
  environment = {
    MOSIP_MISP_LICENCE_KEY: ida.licenceKey,
    MOSIP_PARTNER_API_KEY: ida.partnerApiKey,
    MOSIP_IDA_CERT_FILE: file('ida.pem', ida.certificate),
    MOSIP_SIGNING_KEY_FILE: file('signing.pem', ida.signingKey),
    MOSIP_SIGNING_CERT_FILE: file('signing-cert.pem', ida.signingCertificate),
    MOSIP_IDA_DOMAIN_URI: ida.domainUri,
    ESIGNET_TOKEN_URL: esignet.tokenUrl,
    ESIGNET_USERINFO_URL: esignet.userInfoUrl,
    ESIGNET_JWKS_URL: esignet.keySetUrl,
    ESIGNET_CLIENT_KEY_FILE: file('client.pem', esignet.client.privateKey),
  };
  running = await startSettledService(world, environment);
  watch = new LeakWatch({ world, running, environment: { ...world.environment, ...environment } });
  secrets = [ida.licenceKey, ida.partnerApiKey, ...linesOf(ida.signingKey), ...linesOf(esignet.client.privateKey)];
}, 60_000);

afterAll(async () => {
  await running.service.stop();
  await esignet.stop();
  await world.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A question, directly or as core passes it on. */
function ask(path: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const credentials = Buffer.from(`${INBOUND.username}:${INBOUND.password}`).toString('base64');
  return watch.call(`http://127.0.0.1:${world.port}`, path, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

test('claims, true and false, by our credentials and by a token of OpenCRVS', async () => {
  const { uin } = world.mosip.processor.identities.make({
    fullName: inEnglish(`${CANARY.given} ${CANARY.family}`),
    dateOfBirth: CANARY.birthDate.replaceAll('-', '/'),
    gender: inEnglish('Female'),
  });
  expect(await (await ask('/verify', { ...CLAIM, nid: uin })).json()).toEqual({ result: 'match', reasons: [] });
  expect(await (await ask('/verify', CLAIM)).json()).toEqual({ result: 'not-found', reasons: [] });
  expect(await (await ask('/verify/age', { nid: uin, years: 3 })).json()).toEqual({ result: 'yes' });
  const authorization = `Bearer ${world.opencrvs.system.issueToken()}`;
  expect(await (await ask('/verify', { ...CLAIM, nid: uin }, { authorization })).text()).toBe('verified');
  expect((await ask('/verify', CLAIM, { authorization: 'Bearer x.y.z' })).status).toBe(401);
});

test('an orchestration shows the service, without the keys', async () => {
  const response = await ask('/verify', CLAIM, { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' });
  const text = await response.text();
  expect(JSON.parse(text).orchestrations).toMatchObject([{ request: { path: IDA_PATH } }]);
  expect(leaksIn([{ where: 'the envelope', text }], [...PERSONAL_CANARIES, ...secrets])).toEqual([]);
});

test('MOSIP fails, refuses us, and quotes what it was sent', async () => {
  const isIda = ({ path }: { path: string }): boolean => path.startsWith(IDA_PATH);
  const ida = world.mosip.ida.settings('');
  world.mosip.fail(isIda, { status: 500, body: `${QUOTED} ${ida.licenceKey}` }, 1);
  expect((await ask('/verify', CLAIM)).status).toBe(503);
  world.mosip.fail(isIda, { kind: 'garbage' }, 1);
  expect((await ask('/verify', CLAIM)).status).toBe(503);
  world.mosip.fail(isIda, errorReply(QUOTED, QUOTED), 1);
  expect((await ask('/verify', CLAIM)).status).toBe(503);
  world.mosip.ida.insteadOfAnswer = [{ code: 'IDA-MPA-007', message: `${QUOTED} ${ida.licenceKey}` }];
  expect((await ask('/verify', CLAIM)).status).toBe(502);
  world.mosip.ida.insteadOfAnswer = [];
});

test('claims that are none', async () => {
  expect((await ask('/verify', { ...CLAIM, [CANARY.family]: QUOTED })).status).toBe(422);
  expect((await ask('/verify', { ...CLAIM, dob: CANARY.family })).status).toBe(422);
});

test('people who log in at e-Signet, which then fails and quotes them', async () => {
  const body = { clientId: esignet.client.id, redirectUri: esignet.client.redirectUri };
  const logIn = (): Promise<Response> => {
    const code = esignet.logIn({ name: `${CANARY.given} ${CANARY.family}`, birthdate: CANARY.birthDate });
    return ask(`/esignet/get-oidp-user-info?code=${code}&state=${CANARY.family}`, body);
  };
  expect(await (await logIn()).json()).toMatchObject({ name: { firstname: CANARY.given, surname: CANARY.family } });
  esignet.fail('/userinfo', { status: 200, body: QUOTED }, 1);
  expect((await logIn()).status).toBe(502);
  esignet.fail('/token', { status: 400, body: JSON.stringify({ error: QUOTED }) }, 1);
  expect((await logIn()).status).toBe(502);
});

test('after all this, nothing of a person and no key can be seen', async () => {
  const outputs = [
    ...running.lines.map((text) => ({ where: 'the log', text })),
    ...(await Promise.all(
      ['/metrics', '/health/ready'].map(async (path) => ({
        where: path,
        text: await (await fetch(`http://127.0.0.1:${world.port}${path}`)).text(),
      })),
    )),
  ];
  expect(leaksIn(outputs, [...watch.canaries(), ...secrets])).toEqual([]);
  const addresses = esignet.received.map(({ path, rawQuery }) => ({
    where: 'an address',
    text: `${path}?${rawQuery}`,
  }));
  expect(leaksIn(addresses, [...watch.canaries(), ...secrets])).toEqual([]);
  // The address of identity authentication holds the keys, by MOSIP's design.
  const leaks = await watch.leaks();
  expect(leaks.filter((leak) => !leak.includes(`MosipPeer: ${IDA_PATH}`))).toEqual([]);
});
