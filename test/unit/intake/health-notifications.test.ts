import { expect, test } from '@jest/globals';
import request from 'supertest';
import { MediatorError } from '../../../src/errors/index.js';
import { createApp } from '../../../src/http/index.js';
import { healthNotificationRoutes } from '../../../src/intake/index.js';
import type { NotificationReceipt } from '../../../src/opencrvs/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { healthNotification } from '../../support/notifications.js';
import { readEnvelope, THROUGH_OPENHIM } from './doors.js';

const PATH = '/opencrvs/notifications';
const INBOUND = { username: 'clinic', password: 'a password' };

function door(answer: () => NotificationReceipt = () => ({ trackingId: 'B123456', recordId: 'record-1' })) {
  const sent: unknown[] = [];
  const { log, lines } = createMemoryLog();
  const notifications = {
    send: async (notification: unknown) => {
      sent.push(notification);
      return answer();
    },
  };
  const routes = healthNotificationRoutes(notifications, { maxBodyBytes: 64 * 1024 });
  const options = { urn: 'urn:mediator:test', inbound: INBOUND, renderers: {} };
  const app = createApp({ clock: systemClock, log, metrics: createMetrics() }, routes, options);
  const post = (body: unknown, type = 'application/fhir+json') =>
    request(app)
      .post(PATH)
      .auth(INBOUND.username, INBOUND.password)
      .set('content-type', type)
      .send(typeof body === 'string' ? body : JSON.stringify(body));
  return { app, sent, lines, post };
}

test.each(['application/json', 'application/fhir+json'])(
  '%s: passed on, and the tracking id answered',
  async (type) => {
    const { sent, post } = door();
    const notification = healthNotification();
    const response = await post(notification, type);
    expect([response.status, response.body]).toEqual([201, { trackingId: 'B123456', recordId: 'record-1' }]);
    expect(sent).toEqual([notification]);
  },
);

test.each([
  { name: 'no JSON', body: '{"resourceType":', type: 'application/json', status: 400, code: 'json_invalid' },
  { name: 'no notification', body: '{}', type: 'application/json', status: 422, code: 'payload_invalid' },
  { name: 'another type', body: 'x', type: 'text/plain', status: 415, code: 'media_type_unsupported' },
])('$name: $status', async ({ body, type, status, code }) => {
  const { sent, post } = door();
  const response = await post(body, type);
  expect([response.status, response.body.code]).toEqual([status, code]);
  expect(sent).toEqual([]);
});

test('nobody passes without credentials', async () => {
  const { app, sent } = door();
  const response = await request(app).post(PATH).set('content-type', 'application/json').send(healthNotification());
  expect(response.status).toBe(401);
  expect(sent).toEqual([]);
});

test('through OpenHIM: in the envelope, and a failure does not ask for a rerun, which would make a second record', async () => {
  const refuse = () => {
    throw new MediatorError('peer_timeout');
  };
  const response = await door(refuse)
    .post(healthNotification())
    .set(THROUGH_OPENHIM)
    .serialize((raw: unknown) => raw as string);
  const envelope = readEnvelope(response.text, response.headers['content-type']);
  expect(envelope.response.status).toBe(504);
  expect(envelope.error).toBeUndefined();
});

test('nothing of the person reaches the log', async () => {
  const { lines, post } = door();
  await post(healthNotification());
  expect(lines.join('\n')).not.toMatch(/Thandiwe|Phiri/);
});
