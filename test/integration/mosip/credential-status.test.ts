import { afterEach, expect, test } from '@jest/globals';
import { createKeyPair } from '../../peers/mosip-credential.js';
import { BIRTH } from '../../unit/mosip/events.js';
import { type MosipStage, type StageOptions, setStage } from './set-up.js';

let stage: MosipStage;
afterEach(() => stage.close());

async function begin(options: StageOptions = {}): Promise<void> {
  stage = await setStage({ settings: { statusPublisher: 'crvs_partner' }, ...options });
  await stage.subscribed();
}

const requestIdOfDelivery = (): unknown => {
  const delivery = stage.route.received.find(({ method }) => method === 'POST');
  return JSON.parse(delivery?.body.toString() ?? '{}').event.transactionId;
};

test('MOSIP is told of a credential that was read, by its own id of the request', async () => {
  await begin();
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.statuses.length === 1);
  expect(stage.mosip.hub.statuses).toMatchObject([{ status: 'served', requestId: requestIdOfDelivery() }]);
  expect(stage.route.deliveries).toHaveLength(1);
});

test('MOSIP is told of a credential that cannot be opened', async () => {
  await begin({ peer: { credentialKey: createKeyPair().publicKey } });
  await stage.submit(BIRTH);
  await stage.mosip.until(() => stage.mosip.hub.statuses.length === 1);
  expect(stage.mosip.hub.statuses).toMatchObject([{ status: 'serving_error_decrypt' }]);
});

test.each<{ name: string; options: StageOptions; isDown: boolean }>([
  { name: 'may not', options: { peer: { mayPublish: false } }, isDown: false },
  { name: 'cannot', options: {}, isDown: true },
])(
  'a client that $name tell it reads the credential all the same, and says so in the log',
  async ({ options, isDown }) => {
    await begin(options);
    if (isDown) stage.mosip.fail(({ query }) => query.get('hub.mode') === 'publish', { status: 503 });
    await stage.submit(BIRTH);
    await stage.route.until(() => stage.route.deliveries.length === 1);
    await stage.mosip.until(() => stage.lines.some((line) => line.includes('credential_status.not_told')));
    expect(stage.mosip.hub.statuses).toEqual([]);
  },
);

test('as shipped nothing is published', async () => {
  await begin({ settings: {} });
  await stage.submit(BIRTH);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  await stage.system.stop();
  expect(stage.mosip.received.filter(({ query }) => query.get('hub.mode') === 'publish')).toEqual([]);
});
