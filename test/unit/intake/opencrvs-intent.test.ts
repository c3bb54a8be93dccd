import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { webhookRoutes } from '../../../src/intake/index.js';
import { createSubscription, type Subscription } from '../../../src/opencrvs/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { appOver, readEnvelope, THROUGH_OPENHIM } from './doors.js';

const PATH = '/opencrvs/webhooks';
const TOPICS = ['BIRTH_REGISTERED', 'DEATH_REGISTERED'];

/** The real subscription, never started: it only knows its topics. */
function idleSubscription(): Subscription {
  const clock = new ManualClock();
  const tokens = { get: async () => 'token', drop: () => undefined, stop: () => undefined };
  const outbound = createOutboundClient({ clock, metrics: createMetrics() });
  return createSubscription(
    { outbound, clock, tokens, log: createMemoryLog().log, health: createHealth(clock) },
    { webhooksUrl: 'http://127.0.0.1:9', callbackUrl: `https://us.example${PATH}`, secret: 'sha', topics: TOPICS },
  );
}

function door(subscription: Subscription | undefined): Express {
  const accept = () => Promise.reject(new Error('a check of intent delivers nothing'));
  return appOver(
    webhookRoutes({ accept, log: createMemoryLog().log, subscription }, { secrets: [], maxBodyBytes: 1_024 }),
  ).app;
}

describe('the check of our intent', () => {
  /** As OpenCRVS asks (reference/opencrvs.md 3.2). */
  const ask = (app: Express, query: string) =>
    request(app).get(`${PATH}?${query}`).set('content-type', 'application/json');
  const asking = (challenge: string, topic = 'BIRTH_REGISTERED'): string =>
    `mode=subscribe&challenge=${encodeURIComponent(challenge)}&topic=${topic}`;

  test.each(['q+/+/8+zY3N1cGVyPQ==', '++++////++++////++8=', randomBytes(16).toString('base64')])(
    'gives the challenge back as it was: %s',
    async (challenge) => {
      const response = await ask(door(idleSubscription()), asking(challenge));
      expect(response.status).toBe(200);
      expect(response.type).toBe('application/json');
      expect(response.text).toBe(JSON.stringify({ challenge }));
    },
  );

  test('through OpenHIM too', async () => {
    const response = await ask(door(idleSubscription()), asking('+/=='))
      .set(THROUGH_OPENHIM)
      .buffer(true)
      .parse(asText);
    const envelope = readEnvelope(response.body as string, response.headers['content-type']);
    expect(envelope.response).toMatchObject({ status: 200, body: '{"challenge":"+/=="}' });
  });

  test.each([
    { name: 'a topic that is not ours', query: asking('x', 'MARRIAGE_REGISTERED'), status: 404 },
    { name: 'no challenge', query: 'mode=subscribe&topic=BIRTH_REGISTERED', status: 400 },
    { name: 'no topic', query: 'mode=subscribe&challenge=x', status: 400 },
    { name: 'a challenge that comes twice', query: `${asking('x')}&challenge=y`, status: 400 },
    { name: 'another mode', query: asking('x').replace('=subscribe', '=unsubscribe'), status: 404 },
    { name: 'nothing', query: '', status: 400 },
  ])('refuses $name: $status', async ({ query, status }) => {
    const response = await ask(door(idleSubscription()), query);
    expect(response.status).toBe(status);
    expect(response.body).not.toHaveProperty('challenge');
  });

  test('refuses any where no subscription is made by us', async () => {
    expect((await ask(door(undefined), asking('x'))).status).toBe(404);
  });

  test('no other method is taken', async () => {
    const response = await request(door(idleSubscription())).put(PATH).set('content-type', 'application/json').send({});
    expect(response.status).toBe(405);
    expect(response.headers['allow']).toBe('GET, POST');
  });
});

/** supertest does not know the envelope's content type as text. */
function asText(response: request.Response, done: (error: Error | null, body: string) => void): void {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks).toString('utf8')));
}
