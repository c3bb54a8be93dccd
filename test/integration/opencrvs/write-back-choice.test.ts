import { afterEach, expect, test } from '@jest/globals';
import type { WriteBackSettings } from '../../../src/config/index.js';
import type { Delivery } from '../../../src/opencrvs/index.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { OpenCrvsGatewayPeer } from '../../peers/opencrvs-gateway-peer.js';
import { fixture } from '../../support/fixtures.js';
import { type ClientSide, startClientSide } from './client-side.js';

const RECORD_ID = '0e4fd2cc-5a94-4f0b-9f2e-0f6a2fd3f8a1';
const NUMBER = '2024BQX7T4N';

let side: ClientSide;
let gateway: OpenCrvsGatewayPeer;
let events: OpenCrvsEventsPeer;
afterEach(() => Promise.all([side.stop(), gateway.stop(), events.stop()]));

/** An OpenCRVS 1.9, whose gateway is in front of records in FHIR and of events. */
async function start(settings: (gatewayUrl: string) => WriteBackSettings) {
  side = await startClientSide();
  const { system, records } = side.opencrvs;
  events = await new OpenCrvsEventsPeer(system).start();
  gateway = await new OpenCrvsGatewayPeer(system, events).start();
  records.load(fixture('opencrvs/birth-registered.webhook.json'));
  const record = gateway.addRecord(RECORD_ID);
  const { id: eventId } = events.events.load(fixture('opencrvs/event-document-birth.json'));
  const { id: actionId } = events.events.pendingAction(eventId);

  const writeBack = side.writeBack(settings(gateway.url));
  const deliver = (replyTo: unknown) => {
    const delivery: Delivery = {
      event: {
        kind: 'birth',
        registrationNumber: NUMBER,
        subject: { names: [], identifiers: [], nationalities: [], addresses: [] },
      },
      outcome: { result: 'issued', identity: { virtualId: 'vid-1' } },
      outwardKey: 'aid-1',
      replyTo,
      signal: new AbortController().signal,
    };
    return writeBack.deliver(delivery);
  };
  const replies = {
    graphql: { via: 'graphql', recordId: RECORD_ID, token: system.issueReplyToken({ recordId: RECORD_ID }) },
    events: {
      via: 'events',
      eventId,
      actionId,
      action: 'REGISTER',
      token: system.issueReplyToken({ eventId, actionId }),
    },
  };
  return {
    kind: writeBack.kind,
    deliver,
    replies,
    record,
    verdicts: () => events.events.verdictsOn(eventId, actionId),
  };
}

const countryConfig = (gatewayUrl: string): WriteBackSettings => ({
  kind: 'countryconfig',
  url: side.opencrvs.countryConfig.url,
  gatewayUrl,
});

test.each<{ name: string; settings: (gatewayUrl: string) => WriteBackSettings }>([
  { name: 'gateway-graphql', settings: (url) => ({ kind: 'gateway-graphql', url }) },
  { name: 'events', settings: (url) => ({ kind: 'events', url }) },
  { name: 'countryconfig', settings: countryConfig },
])('with $name, records and actions that wait are each answered where they wait', async ({ name, settings }) => {
  const { kind, deliver, replies, record, verdicts } = await start(settings);
  expect(kind).toBe(name);
  expect(await deliver(replies.graphql)).toEqual({ result: 'delivered' });
  expect(record).toMatchObject({ status: 'REGISTERED', registrationNumbers: [NUMBER] });
  expect(verdicts()).toEqual([]);
  expect(await deliver(replies.events)).toEqual({ result: 'delivered' });
  expect(verdicts()).toMatchObject([{ status: 'Accepted', registrationNumber: NUMBER }]);
  expect(side.opencrvs.countryConfig.writes).toEqual([]);
});

test('an event that waits for no answer goes the configured way', async () => {
  const { deliver } = await start(countryConfig);
  expect(await deliver(undefined)).toEqual({ result: 'delivered' });
  expect(side.opencrvs.countryConfig.writes).toMatchObject([{ BRN: NUMBER }]);
  expect(gateway.received).toEqual([]);
});

test('where OpenCRVS is to be told nothing, a request for an answer changes nothing', async () => {
  const { deliver, replies } = await start(() => ({ kind: 'none' }));
  expect(await deliver(replies.graphql)).toMatchObject({ result: 'not-offered' });
  expect(gateway.received).toEqual([]);
});
