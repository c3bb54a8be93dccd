import { expect, test } from '@jest/globals';
import { type Environment, FEWEST, faultsOf, settingsWith } from './environment.js';

const CLIENT: Environment = {
  OPENCRVS_AUTH_URL: 'http://auth.example:4040',
  OPENCRVS_CLIENT_ID: 'id',
  OPENCRVS_CLIENT_SECRET: 'secret',
};
const FHIR_URL = 'http://core:5001/fhir';
const GATEWAY = 'https://gateway.example';
const SEARCH: Environment = {
  OPENCRVS_GATEWAY_URL: GATEWAY,
  OPENCRVS_AUTH_URL: 'http://auth.example:4040',
  OPENCRVS_SEARCH_CLIENT_ID: 'search',
  OPENCRVS_SEARCH_CLIENT_SECRET: 'its secret',
};

test('as shipped nothing more is read and no notification taken', () => {
  const { readMore, recordSearch, notifications } = settingsWith({}).opencrvs;
  expect(recordSearch).toBeUndefined();
  expect(readMore).toEqual({ source: { kind: 'none' }, locationsUrl: undefined, parts: ['mother', 'father'] });
  expect(notifications).toBeUndefined();
});

test('an address for the write-back alone does not make us read', () => {
  expect(settingsWith({ OPENCRVS_FHIR_URL: FHIR_URL }).opencrvs.readMore.source).toEqual({ kind: 'none' });
});

test('reading more names the store and the parts', () => {
  const given = {
    OPENCRVS_READ_MORE: 'openhim-fhir',
    OPENCRVS_FHIR_URL: FHIR_URL,
    OPENCRVS_READ_PARTS: 'place, spouse',
  };
  const { readMore, client } = settingsWith({ ...CLIENT, ...given, OPENCRVS_LOCATIONS_URL: GATEWAY }).opencrvs;
  const source = { kind: 'openhim-fhir', url: FHIR_URL };
  expect(readMore).toEqual({ source, locationsUrl: GATEWAY, parts: ['place', 'spouse'] });
  expect(client).toBeDefined();
});

test('record search has a client and a quota of its own', () => {
  const { readMore, recordSearch, client } = settingsWith({
    ...SEARCH,
    OPENCRVS_READ_MORE: 'record-search',
    OPENCRVS_SEARCH_DAILY_QUOTA: '500',
  }).opencrvs;
  expect(readMore.source).toEqual({ kind: 'record-search' });
  expect(recordSearch).toMatchObject({
    gatewayUrl: GATEWAY,
    client: { clientId: 'search', clientSecret: 'its secret', scope: 'recordsearch' },
    dailyQuota: 500,
  });
  // Nothing else needs a client.
  expect(client).toBeUndefined();
});

test('a search client alone makes us read nothing, and can list', () => {
  const { readMore, recordSearch } = settingsWith(SEARCH).opencrvs;
  expect(readMore.source).toEqual({ kind: 'none' });
  expect(recordSearch).toMatchObject({ dailyQuota: 2000 });
});

test('events are read with our own client', () => {
  const given = { ...CLIENT, OPENCRVS_TOKEN_MODE: 'body', OPENCRVS_GATEWAY_URL: GATEWAY, OPENCRVS_READ_MORE: 'events' };
  const { readMore, client } = settingsWith(given).opencrvs;
  expect(readMore.source).toEqual({ kind: 'events', url: GATEWAY });
  expect(client).toMatchObject({ scope: 'record.read' });
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
  { name: 'searching without anything', given: { OPENCRVS_READ_MORE: 'record-search' }, faults: Object.keys(SEARCH) },
  {
    name: 'half a search client',
    given: { ...SEARCH, OPENCRVS_SEARCH_CLIENT_SECRET: '' },
    faults: ['OPENCRVS_SEARCH_CLIENT_SECRET'],
  },
  {
    name: 'reading events without a client and a gateway',
    given: { OPENCRVS_READ_MORE: 'events' },
    faults: ['OPENCRVS_GATEWAY_URL', ...Object.keys(CLIENT)],
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

test('documents are left where they are unless a setting says otherwise, and are limited in size', () => {
  expect(settingsWith({}).documents).toEqual({ pass: 'none', maxBytes: 2_097_152 });
  const given = { NATIONAL_ID_DOCUMENTS: 'passed-on', NATIONAL_ID_DOCUMENTS_MAX_BYTES: '1024' };
  expect(settingsWith(given).documents).toEqual({ pass: 'passed-on', maxBytes: 1024 });
  expect(faultsOf({ ...FEWEST, NATIONAL_ID_DOCUMENTS: 'all', NATIONAL_ID_DOCUMENTS_MAX_BYTES: '0' })).toEqual([
    'NATIONAL_ID_DOCUMENTS',
    'NATIONAL_ID_DOCUMENTS_MAX_BYTES',
  ]);
});
