import { expect, test } from '@jest/globals';
import { type Environment, FEWEST, faultsOf, settingsWith } from '../config/environment.js';

const SEARCH: Environment = {
  OPENCRVS_GATEWAY_URL: 'https://gateway.example',
  OPENCRVS_AUTH_URL: 'http://auth.example:4040',
  OPENCRVS_SEARCH_CLIENT_ID: 'search',
  OPENCRVS_SEARCH_CLIENT_SECRET: 'its secret',
};
const EVENTS: Environment = {
  OPENCRVS_GATEWAY_URL: 'https://gateway.example',
  OPENCRVS_AUTH_URL: 'http://auth.example:4040',
  OPENCRVS_CLIENT_ID: 'id',
  OPENCRVS_CLIENT_SECRET: 'secret',
  OPENCRVS_READ_MORE: 'events',
};
const HOUR_MS = 3_600_000;

test.each([
  { name: 'by a search client', given: SEARCH, everyMs: 24 * HOUR_MS },
  { name: 'at the events service', given: EVENTS, everyMs: 24 * HOUR_MS },
  { name: 'as often as it says', given: { ...EVENTS, RECONCILE_EVERY_HOURS: '6' }, everyMs: 6 * HOUR_MS },
  { name: 'never where it is switched off', given: { ...SEARCH, RECONCILE_EVERY_HOURS: '0' }, everyMs: undefined },
  { name: 'never where nothing can be listed', given: {}, everyMs: undefined },
])('reconciles $name', ({ given, everyMs }) => {
  expect(settingsWith(given).opencrvs.reconcileEveryMs).toBe(everyMs);
});

test('cannot be switched on where nothing can be listed', () => {
  expect(faultsOf({ ...FEWEST, RECONCILE_EVERY_HOURS: '24' })).toEqual(['RECONCILE_EVERY_HOURS']);
});
