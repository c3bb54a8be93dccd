import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createLinkRewriter } from '../../../src/fhir-api/links.js';

const BASE = 'http://registry.internal:8080/r4';
const links = createLinkRewriter(BASE);
const rewrite = (text: string): string => links.body(Buffer.from(text), '/fhir').toString();

test.each([
  { name: 'absolute', value: `${BASE}/Patient/1/_history/2`, is: '/fhir/Patient/1/_history/2' },
  { name: 'absolute path', value: '/r4/Patient/1', is: '/fhir/Patient/1' },
  { name: 'relative', value: 'Patient/1', is: '/fhir/Patient/1' },
  { name: 'another internal host, same path', value: 'https://node-3.internal/r4/Patient/1', is: '/fhir/Patient/1' },
  { name: 'elsewhere', value: 'http://registry.internal:8080/login', is: undefined },
  { name: 'escaping', value: `${BASE}/../login`, is: undefined },
  { name: 'no address', value: 'http://', is: undefined },
])('a location that is $name', ({ value, is }) => {
  expect(links.location(value, '/fhir')).toBe(is);
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
  {
    name: 'the other scheme',
    from: `{"url":"${BASE.replace('http', 'https')}/Patient"}`,
    to: '{"url":"/fhir/Patient"}',
  },
  { name: 'narrative', from: `{"div":"<a href=\\"${BASE}/x\\">"}`, to: '{"div":"<a href=\\"/fhir/x\\">"}' },
  { name: 'XML', from: `<fullUrl value="${BASE}/Patient/1"/>`, to: '<fullUrl value="/fhir/Patient/1"/>' },
  { name: 'a name in XML', from: `<system value="${BASE}/sid"/>`, to: `<system value="${BASE}/sid"/>` },
  { name: 'several', from: `"${BASE}/a","é","${BASE}/b"`, to: '"/fhir/a","é","/fhir/b"' },
  { name: 'nothing but the base', from: BASE, to: '/fhir' },
  {
    name: 'another host',
    from: '{"url":"http://registry.internal/r4/Patient"}',
    to: '{"url":"http://registry.internal/r4/Patient"}',
  },
  { name: 'a longer path', from: `{"url":"${BASE}b/Patient"}`, to: `{"url":"${BASE}b/Patient"}` },
])('in a body: $name', ({ from, to }) => {
  expect(rewrite(from)).toBe(to);
});

test('a body that does not name the host is handed on as the same bytes', () => {
  const bytes = Buffer.from('{"resourceType":"Patient"}');

  expect(links.body(bytes, '/fhir')).toBe(bytes);
});

/** What comes out of the stream when a body comes in these pieces. */
const streamed = (pieces: readonly Buffer[]): Promise<Buffer> =>
  buffer(Readable.from(pieces, { objectMode: true }).pipe(links.stream('https://him.gov/fhir')));

test('in a stream: the same, wherever it is cut', async () => {
  const word = fc.constantFrom(
    BASE,
    `${BASE}/Patient/1`,
    `${BASE}b`,
    '"system": "',
    '"url":"',
    'http://',
    'é',
    '","',
    '\\/',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word), fc.array(fc.nat(60)), async (words, lengths) => {
      const bytes = Buffer.from(words.join(''));
      const pieces: Buffer[] = [];
      let rest = bytes;
      for (const length of lengths) {
        pieces.push(rest.subarray(0, length + 1));
        rest = rest.subarray(length + 1);
      }
      const whole = links.body(bytes, 'https://him.gov/fhir');
      expect((await streamed([...pieces, rest].filter(({ length }) => length > 0))).toString()).toBe(whole.toString());
    }),
  );
});

test('a stream holds back only what may be an address', async () => {
  const stream = links.stream('/fhir');
  const seen: string[] = [];
  stream.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
  for (const text of [
    '{"resourceType":"Bundle"',
    ',"x":"h',
    'igh"',
    `,"url":"${BASE.slice(0, 20)}`,
    `${BASE.slice(20)}/1"}`,
  ]) {
    await new Promise((resolve) => stream.write(Buffer.from(text), resolve));
  }

  expect(seen).toEqual(['{"resourceType":"Bundle"', ',"x":"', 'high"', ',"url":"', '/fhir/1"}']);
});
