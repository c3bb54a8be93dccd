import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { outwardKey } from '../../../src/national-id/rest/outward-key.js';

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 });

test.each([
  { form: 'hex', expected: /^[0-9a-f]{32}$/ },
  { form: 'uuid', expected: /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/ },
  { form: 'digits', expected: /^\d{19}$/ },
] as const)('a key has its form and follows from the digest: $form', ({ form, expected }) => {
  fc.assert(
    fc.property(digests, (digest) => {
      expect(outwardKey(digest, form)).toMatch(expected);
      expect(outwardKey(digest, form)).toBe(outwardKey(Uint8Array.from(digest), form));
    }),
  );
  expect(outwardKey(Buffer.alloc(32, 1), form)).not.toBe(outwardKey(Buffer.alloc(32, 2), form));
});
