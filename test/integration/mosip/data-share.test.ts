import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeDelivery } from '../../peers/mosip-credential.js';
import { MOSIP_ACCOUNTS } from '../../peers/mosip-peer.js';
import { BIRTH } from '../../unit/mosip/events.js';
import { type MosipStage, setStage } from './set-up.js';

const SHARES = '/v1/datashare/get/';

let stage: MosipStage;
beforeEach(async () => {
  stage = await setStage({ fetchesShares: true });
});
afterEach(() => stage.close());

const read = (uri: string) => stage.system.callback?.read(makeDelivery(MOSIP_ACCOUNTS.topic, '', uri));
const fetched = () => stage.mosip.received.filter(({ path }) => path.startsWith(SHARES));

test('a credential that is not sent along is fetched', async () => {
  await stage.subscribed();
  stage.mosip.shareCredentials();
  await stage.submit(BIRTH);
  await stage.route.until(() => stage.route.deliveries.length === 1);
  const issued = stage.mosip.issued.get(stage.idOf(BIRTH));
  expect(stage.route.deliveries[0]?.answer).toEqual({
    outwardKey: stage.idOf(BIRTH),
    identity: { virtualId: issued?.vid, nationalId: issued?.uin },
  });
  expect(fetched()).toHaveLength(1);
});

test.each([
  { name: 'another host', uri: () => `http://127.0.0.2:9${SHARES}a/b/c` },
  { name: 'another port', uri: () => `http://127.0.0.1:9${SHARES}a/b/c` },
  { name: 'another folder', uri: () => `${stage.mosip.url}/v1/other/get/a` },
  { name: 'a folder that begins alike', uri: () => `${stage.mosip.url}/v1/datashare-of-others/get/a` },
  { name: 'a way out of the folder', uri: () => `${stage.mosip.url}${SHARES}../../../hub` },
  { name: 'credentials in it', uri: () => stage.mosip.url.replace('//', '//user:password@') + SHARES },
  { name: 'a query', uri: () => `${stage.mosip.url}${SHARES}a?b=c` },
  { name: 'no address', uri: () => 'share 17' },
])('nothing is called elsewhere, and our token goes nowhere: $name', async ({ uri }) => {
  const before = stage.mosip.received.length;
  await expect(read(uri())).rejects.toMatchObject({ code: 'credential_unreadable' });
  expect(stage.mosip.received).toHaveLength(before);
});

test('what is used up is unreadable, and waits for nothing', async () => {
  await expect(read(`${stage.mosip.url}${SHARES}a/b/gone`)).rejects.toMatchObject({ code: 'credential_unreadable' });
  expect(fetched()).toHaveLength(1);
});

test.each([
  { name: 'an outage', fault: { status: 503 } },
  { name: 'a cut', fault: { kind: 'reset' } },
  {
    name: 'more than a credential',
    fault: { status: 200, body: 'A'.repeat(2 * 1024 * 1024) },
    disposition: 'operator',
  },
] as const)(
  'a service that is away is asked again later, one that floods us is not: $name',
  async ({ fault, ...row }) => {
    stage.mosip.fail(({ path }) => path.startsWith(SHARES), fault, 5);
    await expect(read(`${stage.mosip.url}${SHARES}a/b/c`)).rejects.toMatchObject({
      disposition: 'disposition' in row ? row.disposition : 'retry',
    });
  },
);

test('without the address of the service nothing is fetched', async () => {
  const other = await setStage();
  try {
    const uri = `${other.mosip.url}${SHARES}a/b/c`;
    const reading = other.system.callback?.read(makeDelivery(MOSIP_ACCOUNTS.topic, '', uri));
    await expect(reading).rejects.toMatchObject({ code: 'credential_unreadable' });
    expect(other.mosip.received.filter(({ path }) => path.startsWith(SHARES))).toEqual([]);
  } finally {
    await other.close();
  }
});
