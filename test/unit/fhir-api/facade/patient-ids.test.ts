import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPatientIds } from '../../../../src/fhir-api/facade/patient-ids.js';

const ids = createPatientIds('a key of the tests');

test('an id leads back to its number, and is one that FHIR takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), fc.boolean(), (number, isNational) => {
      const key = isNational ? { nationalId: number } : { registrationNumber: number };
      const id = ids.idOf(key);
      if (Buffer.byteLength(number) > 31) return id === undefined;
      expect(id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
      expect(createPatientIds('a key of the tests').idOf(key)).toBe(id);
      expect(ids.keyOf(id ?? '')).toEqual(key);
      return true;
    }),
  );
});

test('an id tells nothing of its number, also not by likeness', () => {
  const [one = '', other = ''] = ['4407183925', '4407183926'].map((nationalId) => ids.idOf({ nationalId }));
  expect(one.slice(0, 8)).not.toBe(other.slice(0, 8));
  expect(one.slice(-8)).not.toBe(other.slice(-8));
  expect(ids.idOf({ registrationNumber: '4407183925' })).not.toBe(one);
});

test('an id of another key, one that was changed, and what is none are nobody', () => {
  const id = ids.idOf({ nationalId: '4407183925' }) ?? '';
  const changed = (id.startsWith('A') ? 'B' : 'A') + id.slice(1);
  const foreign = createPatientIds('another key').idOf({ nationalId: '4407183925' }) ?? '';
  for (const none of [foreign, changed, id.slice(0, -1), `${id}A`, '', '1', '4407183925', 'x'.repeat(64)]) {
    expect(ids.keyOf(none)).toBeUndefined();
  }
});
