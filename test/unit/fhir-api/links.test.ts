import { expect, test } from '@jest/globals';
import { createLinkRewriter } from '../../../src/fhir-api/links.js';

const BASE = 'http://registry.internal:8080/r4';
const links = createLinkRewriter(BASE);
const rewrite = (text: string): string => links.body(Buffer.from(text)).toString();

test.each([
  { name: 'absolute', value: `${BASE}/Patient/1/_history/2`, is: '/fhir/Patient/1/_history/2' },
  { name: 'absolute path', value: '/r4/Patient/1', is: '/fhir/Patient/1' },
  { name: 'relative', value: 'Patient/1', is: '/fhir/Patient/1' },
  { name: 'another internal host, same path', value: 'https://node-3.internal/r4/Patient/1', is: '/fhir/Patient/1' },
  { name: 'elsewhere', value: 'http://registry.internal:8080/login', is: undefined },
  { name: 'escaping', value: `${BASE}/../login`, is: undefined },
  { name: 'no address', value: 'http://', is: undefined },
])('a location that is $name', ({ value, is }) => {
  expect(links.location(value)).toBe(is);
});

test.each([
  { name: 'a full url', from: `{"fullUrl":"${BASE}/Patient/1"}`, to: '{"fullUrl":"/fhir/Patient/1"}' },
  { name: 'a page', from: `{"url":"${BASE}?_getpages=x"}`, to: '{"url":"/fhir?_getpages=x"}' },
  { name: 'the base alone', from: `{"url": "${BASE}"}`, to: '{"url": "/fhir"}' },
  {
    name: 'escaped slashes',
    from: `{"url":"${BASE.replaceAll('/', '\\/')}\\/Patient\\/1"}`,
    to: '{"url":"/fhir\\/Patient\\/1"}',
  },
  { name: 'a name, not a link', from: `{"system" : "${BASE}/sid/nid"}`, to: `{"system" : "${BASE}/sid/nid"}` },
  { name: 'a longer path', from: `{"url":"${BASE}b/Patient"}`, to: `{"url":"${BASE}b/Patient"}` },
])('in a body: $name', ({ from, to }) => {
  expect(rewrite(from)).toBe(to);
});

test('a body that does not name the host is handed on as the same bytes', () => {
  const bytes = Buffer.from('{"resourceType":"Patient"}');

  expect(links.body(bytes)).toBe(bytes);
});
