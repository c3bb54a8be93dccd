import { expect, test } from '@jest/globals';
import { createLocations } from '../../../src/opencrvs/index.js';
import type { OutboundResponse } from '../../../src/outbound/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { response, ScriptedOutbound } from './scripted-outbound.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const location = (code: string) => ({
  resourceType: 'Location',
  id: 'a',
  name: 'Lobozi',
  type: { coding: [{ code }] },
});
const MISS = { resourceType: 'OperationOutcome', issue: [] };

function setUp(answer: () => OutboundResponse | Promise<OutboundResponse>) {
  const clock = new ManualClock();
  const outbound = new ScriptedOutbound(answer);
  const locations = createLocations({ outbound, clock }, { url: 'https://gateway.example' });
  return { clock, outbound, locations, asked: () => outbound.requests.length };
}

test('asks the gateway, without a token', async () => {
  const { outbound, locations } = setUp(() => response(200, location('ADMIN_STRUCTURE')));
  expect(await locations.name('a')).toBe('Lobozi');
  expect(outbound.requests).toMatchObject([{ method: 'GET', url: 'https://gateway.example/location/a' }]);
  expect(outbound.requests[0]?.headers).not.toHaveProperty('authorization');
});

test.each(['ADMIN_STRUCTURE', 'CRVS_OFFICE', 'HEALTH_FACILITY'])('%s: once a day', async (code) => {
  const { clock, locations, asked } = setUp(() => response(200, location(code)));
  await locations.name('a');
  await clock.advance(DAY_MS - 1);
  await locations.read('a');
  expect(asked()).toBe(1);
  await clock.advance(1);
  await locations.read('a');
  expect(asked()).toBe(2);
});

test('many who ask at once cost one request', async () => {
  const { locations, asked } = setUp(() => response(200, location('ADMIN_STRUCTURE')));
  await Promise.all(Array.from({ length: 100 }, () => locations.name('a')));
  expect(asked()).toBe(1);
});

test.each(['PRIVATE_HOME', 'OTHER'])('%s is the address of a person: not kept', async (code) => {
  const { locations, asked } = setUp(() => response(200, location(code)));
  await locations.name('a');
  await locations.name('a');
  expect(asked()).toBe(2);
});

test.each([
  { name: 'a miss of the store behind, with status 200', answer: response(200, MISS) },
  { name: '404', answer: response(404) },
])('$name: there is none', async ({ answer }) => {
  const { locations } = setUp(() => answer);
  expect(await locations.read('a')).toBeUndefined();
});

test.each(['../token', 'a/b', '', 'a?b'])('%p is no id, and is not asked for', async (id) => {
  const { locations, asked } = setUp(() => response(200, location('ADMIN_STRUCTURE')));
  expect(await locations.name(id)).toBeUndefined();
  expect(asked()).toBe(0);
});

test.each([
  { name: 'a page', answer: response(200, '<html>'), code: 'peer_response_invalid' },
  { name: 'another resource', answer: response(200, { resourceType: 'Patient' }), code: 'peer_response_invalid' },
  { name: 'a fault', answer: response(500), code: 'peer_error' },
  { name: 'forbidden', answer: response(403), code: 'peer_error' },
])('$name: $code, and asked again the next time', async ({ answer, code }) => {
  const answers = [answer, response(200, location('ADMIN_STRUCTURE'))];
  const { locations } = setUp(() => answers.shift() ?? response(500));
  await expect(locations.name('a')).rejects.toMatchObject({ code });
  expect(await locations.name('a')).toBe('Lobozi');
});
