import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quoted } from '../../../src/openhim/json-text.js';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const quotedText = (text: string): string => bytesOf(quoted(Buffer.from(text))).toString('utf8');

test.each([
  { name: 'nothing', text: '' },
  { name: 'plain text', text: 'Zoë Łukasz 名 🙂' },
  { name: 'every short escape', text: '\b\t\n\f\r"\\' },
  { name: 'an odd number of bytes', text: '{"a":"b"}' },
  { name: 'an escape as the last, odd byte', text: 'ab"' },
  { name: 'an escape after an even number', text: 'a"' },
  { name: 'a single quotation mark', text: '"' },
  { name: 'control characters that have none', text: 'a\u0000é\u001f"c' },
  { name: 'JSON', text: JSON.stringify({ a: ['b', { 'c"': 'd\n' }] }, undefined, 2) },
  { name: 'more than is kept space for', text: 'é"'.repeat(600_000) },
])('$name is written as JSON.stringify does', ({ text }) => {
  expect(quotedText(text)).toBe(JSON.stringify(text));
});

test('any text comes back when it is parsed, whatever was quoted before', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(JSON.parse(quotedText(text))).toBe(Buffer.from(text).toString('utf8'));
    }),
  );
});

test('bytes that are no UTF-8 pass as they are', () => {
  const bytes = Buffer.from([0x22, 0xff, 0xc3, 0x28]);

  expect(bytesOf(quoted(bytes))).toEqual(Buffer.from([0x22, 0x5c, 0x22, 0xff, 0xc3, 0x28, 0x22]));
});
