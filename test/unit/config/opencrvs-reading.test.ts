import { expect, test } from '@jest/globals';
import { type Environment, FEWEST, faultsOf, settingsWith } from './environment.js';

const CLIENT: Environment = {
  OPENCRVS_AUTH_URL: 'http://auth.example:4040',
  OPENCRVS_CLIENT_ID: 'id',
  OPENCRVS_CLIENT_SECRET: 'secret',
};
const FHIR_URL = 'http://core:5001/fhir';
const GATEWAY = 'https://gateway.example';

test('as shipped nothing more is read and no notification taken', () => {
  const { readMore, notifications } = settingsWith({}).opencrvs;
  expect(readMore).toEqual({ fhirUrl: undefined, locationsUrl: undefined, parts: ['mother', 'father'] });
  expect(notifications).toBeUndefined();
});

test('an address for the write-back alone does not make us read', () => {
  expect(settingsWith({ OPENCRVS_FHIR_URL: FHIR_URL }).opencrvs.readMore.fhirUrl).toBeUndefined();
});

test('reading more names the store and the parts', () => {
  const given = {
    OPENCRVS_READ_MORE: 'openhim-fhir',
    OPENCRVS_FHIR_URL: FHIR_URL,
    OPENCRVS_READ_PARTS: 'place, spouse',
  };
  const { readMore, client } = settingsWith({ ...CLIENT, ...given, OPENCRVS_LOCATIONS_URL: GATEWAY }).opencrvs;
  expect(readMore).toEqual({ fhirUrl: FHIR_URL, locationsUrl: GATEWAY, parts: ['place', 'spouse'] });
  expect(client).toBeDefined();
});

test('notifications go with the one client, or with one of type HEALTH', () => {
  const given = { ...CLIENT, OPENCRVS_NOTIFICATION_URL: GATEWAY, OPENCRVS_FHIR_URL: FHIR_URL };
  expect(settingsWith(given).opencrvs.notifications).toEqual({ url: GATEWAY, client: undefined, fhirUrl: FHIR_URL });
  const health = { OPENCRVS_HEALTH_CLIENT_ID: 'health', OPENCRVS_HEALTH_CLIENT_SECRET: 'its secret' };
  expect(settingsWith({ ...given, ...health }).opencrvs.notifications?.client).toMatchObject({
    clientId: 'health',
    clientSecret: 'its secret',
    scope: 'notification-api',
  });
});

test.each<{ name: string; given: Environment; faults: readonly string[] }>([
  {
    name: 'reading without a store',
    given: { ...CLIENT, OPENCRVS_READ_MORE: 'openhim-fhir' },
    faults: ['OPENCRVS_FHIR_URL'],
  },
  {
    name: 'reading without a client',
    given: { OPENCRVS_READ_MORE: 'openhim-fhir', OPENCRVS_FHIR_URL: FHIR_URL },
    faults: Object.keys(CLIENT),
  },
  { name: 'a part that is none', given: { OPENCRVS_READ_PARTS: 'mother,uncle' }, faults: ['OPENCRVS_READ_PARTS'] },
  {
    name: 'notifications without a client',
    given: { OPENCRVS_NOTIFICATION_URL: GATEWAY },
    faults: Object.keys(CLIENT),
  },
  {
    name: 'half a HEALTH client',
    given: { ...CLIENT, OPENCRVS_NOTIFICATION_URL: GATEWAY, OPENCRVS_HEALTH_CLIENT_ID: 'health' },
    faults: ['OPENCRVS_HEALTH_CLIENT_SECRET'],
  },
])('$name is told', ({ given, faults }) => {
  expect(faultsOf({ ...FEWEST, ...given })).toEqual(faults);
});
