import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MediatorError } from '../../../src/errors/index.js';
import { fhirSegments, targetUrl } from '../../../src/fhir-api/target.js';

const BASE = 'http://registry.internal:8080/fhir/r4';

test.each([
  { path: '/fhir', query: '', url: BASE },
  { path: '/fhir/', query: '', url: BASE },
  { path: '/fhir/Patient', query: 'identifier=a%7Cb&_count=1', url: `${BASE}/Patient?identifier=a%7Cb&_count=1` },
  { path: '/fhir/Patient/', query: '', url: `${BASE}/Patient` },
  { path: '/fhir/Patient/a-1.b/_history/2', query: '', url: `${BASE}/Patient/a-1.b/_history/2` },
  { path: '/fhir/Patient/$match', query: '', url: `${BASE}/Patient/$match` },
  { path: '/fhir/Patient/..a', query: '', url: `${BASE}/Patient/..a` },
])('$path passes', ({ path, query, url }) => {
  expect(targetUrl(BASE, fhirSegments(path), query)).toBe(url);
});

test.each([
  '/fhir/..',
  '/fhir/../admin',
  '/fhir/Patient/../../admin',
  '/fhir/Patient/.',
  '/fhir//evil.example/Patient',
  '/fhir/http://evil.example/Patient',
  '/fhir/Patient//1',
  '/fhir/Patient/%2e%2e',
  '/fhir/Patient/..%2fadmin',
  '/fhir/Patient\\..\\admin',
  '/fhir/Patient/a b',
  '/fhir/Patient/a?b',
  '/fhir/Patient/a#b',
  '/fhir/Patient/a@b',
  '/fhir/Patient/é',
  '/fhirx/Patient',
  '//evil.example/fhir',
  'fhir/Patient',
  '',
])('refuses %p', (path) => {
  expect(() => fhirSegments(path)).toThrow(expect.objectContaining({ code: 'url_invalid' }));
});

test('no path leaves the base', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', 'a', '@', ':', '?', '#')), (parts) => {
      let url: string;
      try {
        url = targetUrl(BASE, fhirSegments(`/fhir/${parts.join('')}`), '');
      } catch (thrown) {
        return thrown instanceof MediatorError;
      }
      return new URL(url).href.startsWith(BASE);
    }),
  );
});
