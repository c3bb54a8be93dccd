import { expect, test } from '@jest/globals';
import { channelAddress } from '../../../src/fhir-api/channel-address.js';
import type { InboundRequest } from '../../../src/http/index.js';

const at = (headers: InboundRequest['headers'], options: Parameters<typeof channelAddress>[1] = {}): string =>
  channelAddress({ headers } as InboundRequest, options);

test.each([
  { name: 'called directly', headers: { host: 'mediator:4000' }, is: 'http://mediator:4000/fhir' },
  {
    name: "through OpenHIM's HTTP port",
    headers: { 'x-forwarded-host': 'him.gov:5001' },
    is: 'http://him.gov:5001/fhir',
  },
  {
    name: "through OpenHIM's TLS port",
    headers: { 'x-forwarded-host': 'him.gov:5000' },
    is: 'https://him.gov:5000/fhir',
  },
  {
    name: 'through a proxy that says the scheme',
    headers: { 'x-forwarded-host': 'fhir.gov', 'x-forwarded-proto': 'https', host: 'mediator:4000' },
    is: 'https://fhir.gov/fhir',
  },
  {
    name: 'through several proxies: as the first was asked',
    headers: { 'x-forwarded-host': 'fhir.gov, him:5001', 'x-forwarded-proto': 'https, http' },
    is: 'https://fhir.gov/fhir',
  },
  { name: 'by IPv6', headers: { host: '[::1]:4000' }, is: 'http://[::1]:4000/fhir' },
  { name: 'without a host', headers: {}, is: '/fhir' },
  { name: 'with a host that is none', headers: { host: 'evil.test/x?' }, is: '/fhir' },
  { name: 'with a host that breaks out', headers: { 'x-forwarded-host': 'a"},{"x' }, is: '/fhir' },
  {
    name: 'with a scheme that is none',
    headers: { host: 'm', 'x-forwarded-proto': 'javascript' },
    is: 'http://m/fhir',
  },
])('a request $name', ({ headers, is }) => {
  expect(at(headers)).toBe(is);
});

test('a listener with TLS is https, and a configured address wins over all', () => {
  expect(at({ host: 'mediator' }, { isTls: true })).toBe('https://mediator/fhir');
  expect(at({ host: 'mediator' }, { publicUrl: 'https://him.gov/registry' })).toBe('https://him.gov/registry');
});
