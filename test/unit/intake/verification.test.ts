import { expect, test } from '@jest/globals';
import request from 'supertest';
import { createApp } from '../../../src/http/index.js';
import { verificationRoutes } from '../../../src/intake/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

const { log, lines } = createMemoryLog();
const app = createApp({ clock: systemClock, log, metrics: createMetrics() }, verificationRoutes('mosip'), {
  urn: 'urn:mediator:test',
  inbound: { username: 'openhim', password: 'right' },
  renderers: {},
});
const CLAIM = { nid: '4838629174620184', dob: '2024-01-28', name: { firstname: 'Canary', surname: 'Canary' } };

test('asks for credentials first', async () => {
  expect((await request(app).post('/verify').send(CLAIM)).status).toBe(401);
  expect((await request(app).post('/verify').auth('openhim', 'wrong').send(CLAIM)).status).toBe(401);
});

test('then says that the system is not asked, and shows nothing of the claim', async () => {
  const response = await request(app).post('/verify').auth('openhim', 'right').send(CLAIM);
  expect(response.status).toBe(501);
  expect(response.body).toMatchObject({ code: 'not_supported' });
  expect(response.text + lines.join('\n')).not.toMatch(/Canary|4838629174620184|2024-01-28/);
});
