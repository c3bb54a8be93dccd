import { afterEach, expect, test } from '@jest/globals';
import { MosipIssuer } from '../../peers/mosip-issuer.js';
import { MOSIP_ACCOUNTS } from '../../peers/mosip-peer.js';
import { BIRTH, birth, correction, DEATH } from '../../unit/mosip/events.js';
import { type MosipStage, type StageOptions, setStage } from './set-up.js';

let stage: MosipStage;
afterEach(() => stage.close());

async function begin(options: StageOptions = {}): Promise<void> {
  stage = await setStage(options);
}

test.each([true, false])('a birth comes back with its numbers (thumbprint %s)', async (thumbprint) => {
  await begin({ peer: { thumbprint } });
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  const outwardKey = stage.idOf(BIRTH);
  const issued = stage.mosip.issued.get(outwardKey);
  expect(stage.route.deliveries[0]?.answer).toEqual({
    outwardKey,
    identity: { virtualId: issued?.vid, nationalId: issued?.uin },
  });
  const [delivery] = stage.route.received.filter(({ method }) => method === 'POST');
  expect(delivery?.path).toBe('/national-id/callback/');
  expect(delivery?.headers['link']).toContain(MOSIP_ACCOUNTS.topic);
  expect(stage.health('mosip-websub')?.state).toBe('ok');
});

test('a death comes back without numbers', async () => {
  await begin();
  await stage.subscribed();
  await stage.submit(DEATH);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  expect(stage.route.deliveries[0]?.answer).toEqual({ outwardKey: stage.idOf(DEATH), identity: {} });
});

test('a correction comes back as the answer to the correction', async () => {
  await begin();
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  const { identity } = stage.route.deliveries[0]?.answer ?? {};
  const event = correction({ registrationNumber: BIRTH.registrationNumber, subject: BIRTH.subject });
  await stage.submit(event, identity);
  await stage.route.until(() => stage.route.deliveries.length === 2);
  expect(stage.route.deliveries[1]?.answer).toEqual({ outwardKey: stage.idOf(event), identity });
});

test('a live subscription is asked for again without harm', async () => {
  await begin();
  await stage.subscribed();
  await stage.mosip.until(() => stage.mosip.requestsTo('/hub').length >= 4);
  expect(stage.mosip.hub.subscribers).toBe(1);
  expect(stage.health('mosip-websub')?.state).toBe('ok');
});

test('the hub is down at the start: nothing fails, and the subscription comes later', async () => {
  await begin();
  await stage.mosip.stop();
  stage.system.start();
  await expect(stage.submit(BIRTH)).rejects.toMatchObject({ code: 'peer_unreachable' });
  await stage.mosip.start();
  await stage.mosip.until(() => stage.mosip.hub.subscribers === 1);
});

test('the hub forgets us after a failed delivery, and delivers after the next subscription', async () => {
  await begin();
  await stage.subscribed();
  stage.route.fail((request) => request.method === 'POST', { status: 503 }, 1);
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.failedDeliveries === 1);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  expect(stage.route.deliveries[0]?.answer.outwardKey).toBe(stage.idOf(BIRTH));
});

test('our route is away for longer than the hub tries', async () => {
  await begin();
  await stage.subscribed();
  await stage.route.stop();
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.subscribers === 0 && stage.mosip.hub.failedDeliveries === 1);
  await stage.route.start();
  await stage.route.until(() => stage.route.deliveries.length === 1);
});

test('a hub that does not replay loses what it could not deliver', async () => {
  await begin({ peer: { redeliverOnSubscribe: false } });
  await stage.subscribed();
  stage.route.fail((request) => request.method === 'POST', { status: 503 }, 1);
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.failedDeliveries === 1);
  await stage.mosip.until(() => stage.mosip.hub.subscribers === 1);
  expect(stage.mosip.hub.undelivered).toBe(0);
  stage.mosip.resend(stage.idOf(BIRTH));
  await stage.route.until(() => stage.route.deliveries.length === 1);
});

test('credentials wait, arrive in another order, twice, or never', async () => {
  await begin();
  await stage.subscribed();
  stage.mosip.hold();
  const events = ['B1', 'B2', 'B3'].map((registrationNumber) => birth({ registrationNumber, subject: BIRTH.subject }));
  for (const event of events) await stage.submit(event);
  expect(stage.mosip.identities).toBe(0);
  stage.mosip.sendCopies(2);
  stage.mosip.dropCallbacks(1);
  stage.mosip.release({ reverse: true });
  await stage.mosip.until(() => stage.mosip.hub.delivered === 4);
  const [first, second] = events.map(stage.idOf);
  expect(stage.route.deliveries.map(({ answer }) => answer.outwardKey)).toEqual([second, second, first, first]);
  expect(new Set(stage.route.deliveries.map(({ id }) => id)).size).toBe(2);
  expect(stage.mosip.identities).toBe(3);
});

test('a restarted MOSIP remembers its subscriber and what it had issued', async () => {
  await begin();
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.delivered === 1);
  await stage.mosip.stop();
  await stage.mosip.start();
  // By then the dead connections of before are out of the way.
  const asked = stage.mosip.requestsTo('/hub').length;
  await stage.mosip.until(() => stage.mosip.requestsTo('/hub').length > asked);
  expect(await stage.submit(BIRTH)).toEqual({ result: 'pending' });
  expect(stage.mosip.identities).toBe(1);
  stage.mosip.resend(stage.idOf(BIRTH));
  await stage.mosip.until(() => stage.mosip.hub.delivered === 2);
});

test.each([
  {
    name: 'a topic of another partner',
    settings: { topic: 'other/CREDENTIAL_ISSUED' },
    words: 'does not let our client subscribe',
  },
  { name: 'a topic unknown to the hub', settings: { topic: 'crvs_partner/OTHER' }, words: 'does not know the topic' },
  { name: 'no secret', settings: { websubSecret: '' }, words: 'refuses the subscription' },
  {
    name: 'a client that may not log in',
    settings: { websubClient: { id: 'crvs_partner', secret: 'wrong' } },
    words: 'The auth manager answered KER-ATH-401',
  },
])('wrong settings of the subscription show in health: $name', async ({ settings, words }) => {
  await begin({ settings });
  stage.system.start();
  await stage.mosip.until(() => stage.health('mosip-websub')?.state === 'degraded');
  expect(stage.health('mosip-websub')?.detail).toContain(words);
  expect(stage.mosip.hub.subscribers).toBe(0);
});

test('a credential whose signature holds is read, one of a forger who knows the secret of the hub is not', async () => {
  const issuer = new MosipIssuer();
  await begin({ peer: { issuer }, settings: { credentialProof: issuer.settings } });
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  expect(stage.route.deliveries[0]?.answer.identity.nationalId).toBe(stage.mosip.issued.get(stage.idOf(BIRTH))?.uin);

  await stage.close();
  await begin({ settings: { credentialProof: issuer.settings } });
  await stage.subscribed();
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.failedDeliveries === 1);
  expect(stage.route.deliveries).toEqual([]);
});
