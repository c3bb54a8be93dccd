import { afterEach, expect, test } from '@jest/globals';
import { createFhirReads, createHealthNotifications, parseNotification } from '../../../src/opencrvs/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { type NotificationVersion, OpenCrvsNotificationPeer } from '../../peers/opencrvs-notification-peer.js';
import { CLINIC, healthNotification, type NotificationParts, OFFICE } from '../../support/notifications.js';
import { startClientSide } from './client-side.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** An OpenCRVS of this version with a HEALTH client, and our way to it. */
async function start(version: NotificationVersion, { scopes = ['declare', 'notification-api'], fhir = true } = {}) {
  const { opencrvs, outbound, clock, tokens, stop } = await startClientSide({ scopes });
  const gateway = await new OpenCrvsNotificationPeer(opencrvs.system, opencrvs.records, version).start();
  stops.push(stop, () => gateway.stop());
  for (const place of [OFFICE, CLINIC]) opencrvs.records.store(place);
  const { log, lines } = createMemoryLog();
  const reads = fhir ? createFhirReads({ outbound, clock, tokens }, opencrvs.fhir.baseUrl) : undefined;
  const notifications = createHealthNotifications({ outbound, clock, log, tokens, fhir: reads }, gateway.url);
  const send = (parts: NotificationParts = {}) =>
    notifications.send(parseNotification(healthNotification(parts)), new AbortController().signal);
  return { opencrvs, gateway, lines, send };
}

test.each<{ version: NotificationVersion; kind: 'birth' | 'death' }>([
  { version: '1.2', kind: 'birth' },
  { version: '1.2', kind: 'death' },
  { version: '1.7', kind: 'birth' },
  { version: '1.7', kind: 'death' },
])('$version takes a $kind and the tracking id comes back', async ({ version, kind }) => {
  const { gateway, opencrvs, send } = await start(version);
  const receipt = await send({ kind });
  expect(receipt.trackingId).toMatch(kind === 'birth' ? /^B/ : /^D/);
  expect(gateway.trackingIds).toEqual([receipt.trackingId]);
  expect(opencrvs.records.read('Composition', receipt.recordId ?? '')).toBeDefined();
});

test('1.2 without FHIR reads: the record id alone', async () => {
  const { send } = await start('1.2', { fhir: false });
  expect(await send()).toEqual({ recordId: expect.any(String) });
});

test('1.2 with FHIR reads that fail: the notification was taken all the same', async () => {
  const { opencrvs, lines, send } = await start('1.2');
  opencrvs.fhir.fail(() => true, { status: 500 });
  expect(await send()).toEqual({ recordId: expect.any(String) });
  expect(lines.join('\n')).toContain('notification.tracking_id_unknown');
});

test.each([
  { name: 'an unknown office', parts: { office: 'nowhere' }, says: /the office/ },
  { name: 'an unknown place', parts: { place: 'nowhere' }, says: /the Encounter or its location/ },
])('1.7 says $name with status 500; the caller is told what is wrong', async ({ parts, says }) => {
  const { send } = await start('1.7');
  await expect(send(parts)).rejects.toMatchObject({ code: 'payload_invalid', message: expect.stringMatching(says) });
});

test('a token of another type of client', async () => {
  const { send } = await start('1.7', { scopes: ['nationalId'] });
  await expect(send()).rejects.toMatchObject({ code: 'peer_misconfigured', message: expect.stringMatching(/HEALTH/) });
});

test.each([
  {
    name: 'bad request',
    fault: { status: 400, body: '{"statusCode":400,"message":"Thandiwe"}' },
    code: 'payload_invalid',
  },
  { name: 'no such route', fault: { status: 404 }, code: 'peer_misconfigured' },
  { name: 'own fault', fault: { status: 500, body: '{"statusCode":500,"message":"Thandiwe"}' }, code: 'peer_error' },
  { name: 'a fault of the service behind', fault: { status: 200, body: '{"statusCode":500}' }, code: 'peer_error' },
  { name: 'a page', fault: { status: 200, body: '<html>Thandiwe' }, code: 'peer_response_invalid' },
  {
    name: 'another resource',
    fault: { status: 200, body: '{"resourceType":"Bundle"}' },
    code: 'peer_response_invalid',
  },
  { name: 'not there', fault: { status: 503 }, code: 'peer_unavailable' },
  { name: 'lost answer', fault: { kind: 'cut' }, code: 'peer_response_invalid' },
] as const)('$name: $code', async ({ fault, code }) => {
  const { gateway, send } = await start('1.7');
  gateway.fail('/notification', fault);
  const failure = await send().catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code });
  expect(String(failure)).not.toContain('Thandiwe');
});

test('where it is not known whether OpenCRVS took it, the caller is told so, and it is not sent again', async () => {
  const { gateway, send } = await start('1.7');
  gateway.fail('/notification', { kind: 'cut' });
  await expect(send()).rejects.toMatchObject({ unanswered: true, message: expect.stringMatching(/not known/) });
  expect(gateway.requestsTo('/notification')).toHaveLength(1);
});

test('without a token nothing was sent, and nothing else is said', async () => {
  const { opencrvs, gateway, send } = await start('1.7');
  await opencrvs.auth.stop();
  await expect(send()).rejects.toMatchObject({ unanswered: true, message: expect.not.stringMatching(/not known/) });
  expect(gateway.received).toEqual([]);
});
