import { expect, test } from '@jest/globals';
import request from 'supertest';
import { webhookRoutes } from '../../../src/intake/index.js';
import { signWebhook } from '../../../src/opencrvs/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { fixture } from '../../support/fixtures.js';
import { appOver } from './doors.js';

const BODY = JSON.stringify(fixture('opencrvs/birth-registered.webhook.json'));

test.each([
  { name: 'right', signature: signWebhook(Buffer.from(BODY), 'sha'), told: ['passed'] },
  { name: 'by another secret', signature: signWebhook(Buffer.from(BODY), 'rotated'), told: ['failed'] },
  { name: 'missing: not sent by OpenCRVS', signature: undefined, told: [] },
])('the watch is told of a signature that is $name', async ({ signature, told }) => {
  const heard: string[] = [];
  const signatures = { passed: () => void heard.push('passed'), failed: () => void heard.push('failed') };
  const accept = async () => ({ id: 'event-1', isRepeat: false });
  const { app } = appOver(
    webhookRoutes(
      { accept, log: createMemoryLog().log, subscription: undefined, signatures },
      { secrets: ['sha'], maxBodyBytes: 1_000_000 },
    ),
  );
  const post = request(app).post('/opencrvs/webhooks').set('content-type', 'application/json');
  if (signature !== undefined) post.set('x-hub-signature', signature);
  await post.send(BODY);
  expect(heard).toEqual(told);
});
