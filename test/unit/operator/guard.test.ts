import { expect, test } from '@jest/globals';
import request from 'supertest';
import { createApp, jsonReply } from '../../../src/http/index.js';
import { createOperatorGuard } from '../../../src/operator/guard.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

const OPERATORS = { username: 'operators', password: 'right' };
const FREE = 10;

function setUp() {
  const clock = new ManualClock();
  const metrics = createMetrics();
  const guarded = { by: createOperatorGuard({ clock, metrics }, OPERATORS) };
  const route = { methods: ['get'], path: '/operator', guarded, handler: async () => jsonReply(200, {}) } as const;
  const app = createApp({ clock, log: createMemoryLog().log, metrics }, [route], {
    urn: 'urn:test',
    inbound: undefined,
    renderers: {},
  });
  return {
    clock,
    ask: (password?: string) => {
      const call = request(app).get('/operator');
      return password === undefined ? call : call.auth(OPERATORS.username, password);
    },
    refused: async () =>
      (await metrics.operatorRefusal.get()).values.map(({ labels, value }) => [labels.outcome, value]),
  };
}

test('who has guessed ten passwords waits, with the right one too, and is then let in', async () => {
  const { clock, ask, refused } = setUp();
  for (let guess = 0; guess < FREE; guess += 1) expect((await ask(`guess ${guess}`)).status).toBe(401);
  const answer = await ask(OPERATORS.password);
  expect(answer.status).toBe(429);
  expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '6' });
  expect(answer.headers).not.toHaveProperty('www-authenticate');
  expect(answer.body).toMatchObject({ status: 429, code: 'credentials_throttled' });
  expect(await refused()).toEqual([
    ['credentials_invalid', FREE],
    ['credentials_throttled', 1],
  ]);
  await clock.advance(6_000);
  expect((await ask(OPERATORS.password)).status).toBe(200);
});

test('what shows no password guesses nothing, and neither does what shows the right one', async () => {
  const { ask, refused } = setUp();
  for (let call = 0; call < 2 * FREE; call += 1) {
    expect((await ask()).status).toBe(401);
    expect((await ask(OPERATORS.password)).status).toBe(200);
  }
  expect(await refused()).toEqual([]);
});
