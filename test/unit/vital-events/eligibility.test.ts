import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createEligibilityRule, type VitalEvent } from '../../../src/vital-events/index.js';
import { temporaryFiles } from '../config/environment.js';

const SHIPPED = join(import.meta.dirname, '../../../config/mappings');
const files = temporaryFiles();

const BIRTH: VitalEvent = {
  kind: 'birth',
  registrationNumber: '2024B1',
  subject: {
    names: [{ given: ['Canary-Given'], family: 'Canary-Family' }],
    birthDate: { value: '2024-01-28', approximate: false },
    identifiers: [],
    nationalities: [],
    addresses: [],
  },
};

function rule(expression: string) {
  files.write('rules/test.jsonata', expression);
  return createEligibilityRule(files.folder, 'test');
}

test.each([
  { expression: 'kind = "birth"', verdict: { eligible: true } },
  { expression: '{ "eligible": true, "reason": "unused" }', verdict: { eligible: true } },
  { expression: 'kind = "death"', verdict: { eligible: false, reason: 'By the rule test.' } },
  { expression: '{ "eligible": false, "reason": "No." }', verdict: { eligible: false, reason: 'No.' } },
  {
    expression: '{ "eligible": false, "reason": subject.names[0].family }',
    verdict: { eligible: false, reason: 'By the rule test.' },
  },
])('$expression', async ({ expression, verdict }) => {
  expect(await rule(expression)(BIRTH)).toEqual(verdict);
});

test('without a rule everything goes', async () => {
  expect(await createEligibilityRule(files.folder, 'all')(BIRTH)).toEqual({ eligible: true });
});

test.each([
  { name: 'a text', expression: 'subject.names[0].family' },
  { name: 'nothing', expression: 'none' },
  { name: 'a failure', expression: '$number(subject.names[0].family)' },
])('a rule that gives $name is a fault, told without data', async ({ expression }) => {
  await expect(rule(expression)(BIRTH)).rejects.toMatchObject({
    code: 'mapping_failed',
    message: expect.not.stringContaining('Canary'),
  });
});

test('a rule that does not compile, or is not there, is a fault at once', () => {
  expect(() => rule('(')).toThrow(expect.objectContaining({ code: 'mapping_failed' }));
  expect(() => createEligibilityRule(files.folder, 'absent')).toThrow(
    expect.objectContaining({ code: 'mapping_failed' }),
  );
});

test.each([
  { name: 'a whole birth', change: {}, eligible: true },
  { name: 'a child without a name', change: { names: [] }, eligible: false },
  { name: 'a year alone', change: { birthDate: { value: '2024', approximate: true } }, eligible: false },
  { name: 'no date', change: { birthDate: undefined }, eligible: false },
])('as shipped, complete-births: $name', async ({ change, eligible }) => {
  const shipped = createEligibilityRule(SHIPPED, 'complete-births');
  const event: VitalEvent = { ...BIRTH, subject: { ...BIRTH.subject, ...change } };
  expect(await shipped(event)).toMatchObject({ eligible });
  expect(await shipped({ ...event, kind: 'death' })).toEqual({ eligible: true });
});
