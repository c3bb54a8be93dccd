import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { registrationId } from '../../../src/national-id/mosip/registration-id.js';

const PLACE = { centerId: '10001', machineId: '20042' };
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

test('is centre, machine and the last 19 digits of the digest as a number', () => {
  const small = Buffer.alloc(32);
  small.writeUInt8(42, 31);
  expect(registrationId(small, PLACE)).toBe('10001200420000000000000000042');
});

test('has 29 digits for every digest, the same for the same digest', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
      const id = registrationId(bytes, PLACE);
      expect(id).toMatch(/^1000120042\d{19}$/);
      expect(registrationId(Uint8Array.from(bytes), PLACE)).toBe(id);
    }),
  );
});

test('differs between 10,000 events', () => {
  const ids = new Set(Array.from({ length: 10_000 }, (_, index) => registrationId(digest(`event ${index}`), PLACE)));
  expect(ids.size).toBe(10_000);
});
