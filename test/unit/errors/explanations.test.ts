import { expect, test } from '@jest/globals';
import { ERROR_CODES, EXPLANATIONS } from '../../../src/errors/index.js';

test('every code has its words, and no other', () => {
  expect(Object.keys(EXPLANATIONS).sort()).toEqual(Object.keys(ERROR_CODES).sort());
});

test.each(Object.entries(EXPLANATIONS))('%s is told in sentences, without words of the trade', (_, { why, todo }) => {
  for (const text of [why, todo]) {
    expect(text).toMatch(/^[A-Z].*[.]$/);
    expect(text).not.toMatch(/\b(peer|payload|null|undefined|HTTP|breaker|stack|exception)\b/i);
  }
});
