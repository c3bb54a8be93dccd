import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadMapping } from '../../../src/config/index.js';
import { toMediatorError } from '../../../src/errors/index.js';
import { temporaryFiles } from './environment.js';

const files = temporaryFiles();
const CANARY = 'Canary-7f3b';

function mapping(expression: string) {
  files.write('test.jsonata', expression);
  return loadMapping(files.folder, 'test.jsonata');
}

describe('apply', () => {
  test.each([
    { name: 'a value', expression: 'name.given[0]', input: { name: { given: ['Zoë'] } }, output: 'Zoë' },
    { name: 'an object', expression: '{"n": name}', input: { name: 'Zoë' }, output: { n: 'Zoë' } },
    {
      name: 'an object without what is missing',
      expression: '{"n": name, "m": none}',
      input: { name: 1 },
      output: { n: 1 },
    },
    { name: 'nothing', expression: 'none', input: { name: 1 }, output: undefined },
    { name: 'null', expression: 'name', input: { name: null }, output: null },
    { name: 'a list at the top', expression: '$.n', input: [{ n: 1 }, { n: 2 }], output: [1, 2] },
    { name: 'no input', expression: '"fixed"', input: undefined, output: 'fixed' },
  ])('gives $name', async ({ expression, input, output }) => {
    expect(await mapping(expression).apply(input)).toStrictEqual(output);
  });

  test('gives plain arrays, without the marks of JSONata', async () => {
    const output = await mapping('{"list": people.name}').apply({ people: [{ name: 'a' }, { name: 'b' }] });
    const { list } = output as { list: unknown[] };
    expect(Object.getOwnPropertyNames(list)).toEqual(['0', '1', 'length']);
    expect(Object.getOwnPropertySymbols(list)).toEqual([]);
  });

  test('leaves the input as it was, and does not hand it out', async () => {
    const input = { person: { names: ['a'] } };
    const output = (await mapping('person').apply(input)) as typeof input.person;
    output.names.push('b');
    expect(input).toEqual({ person: { names: ['a'] } });
  });

  test('many at once do not mix', async () => {
    const { apply } = mapping('($wait := function($n) { $n = 0 ? name : $wait($n - 1) }; $wait(20))');
    const names = Array.from({ length: 50 }, (_, index) => `name ${index}`);
    expect(await Promise.all(names.map((name) => apply({ name })))).toEqual(names);
  });
});

test('one evaluation ends before the next begins: a limit of time is for its own work', async () => {
  const { apply } = mapping('($a := a; $a + b)');
  const seen: string[] = [];
  const input = (name: string) => ({
    get a() {
      return seen.push(`${name} a`);
    },
    get b() {
      return seen.push(`${name} b`);
    },
  });
  const failing = mapping('$number(name)').apply({ name: CANARY });
  await Promise.allSettled([apply(input('first')), failing, apply(input('second'))]);
  expect([...new Set(seen)]).toEqual(['first a', 'first b', 'second a', 'second b']);
});

test.each([
  {
    name: 'of the object',
    expression: '{ "fullName": name, "dateOfBirth": $number(name), "gender": "F" }',
    where: ' in the field dateOfBirth, D3030',
  },
  { name: 'of an object in it', expression: '{ "a": { "b": [1, $number(name)] } }', where: ' in the field a, D3030' },
  {
    name: 'none, in a function behind a table of words',
    expression: '( $words := { "male": "M" }; $f := function($x) { $number($x) }; { "a": $f(name) } )',
    where: ', D3030',
  },
])('a failure names the field that could not be made: $name', async ({ expression, where }) => {
  await expect(mapping(expression).apply({ name: CANARY })).rejects.toMatchObject({
    code: 'mapping_failed',
    message: expect.stringMatching(new RegExp(`^The mapping test.jsonata failed${where} at \\d+\\.$`)),
  });
});

test('an endless loop ends as mapping_timeout, and the mapping can be used again', async () => {
  const { apply } = mapping('($f := function($x) { $f($x) }; stop ? "stopped" : $f(name))');
  const startedAt = Date.now();
  await expect(apply({ stop: false, name: CANARY })).rejects.toMatchObject({
    code: 'mapping_timeout',
    message: expect.not.stringContaining(CANARY),
  });
  expect(Date.now() - startedAt).toBeLessThan(5_000);
  expect(await apply({ stop: true })).toBe('stopped');
});

test.each([
  { name: 'a text that is no number', expression: '$number(name)' },
  { name: 'a sum with a text', expression: '1 + name' },
  { name: 'a call of what is no function', expression: 'name(1)' },
  { name: 'an argument of the wrong kind', expression: '$sum(name)' },
  { name: 'a date that is none', expression: '$toMillis(name)' },
  { name: 'an error of its own', expression: '$error(name)' },
  { name: 'an assertion', expression: '$assert(false, name)' },
  { name: 'an expression inside', expression: '$eval(name & "(")' },
  { name: 'a recursion without end', expression: '($f := function($x) { $f($x) & name }; $f(name))' },
  { name: 'a function as result', expression: '($n := name; function() { $n })' },
])('a failure names file and place, never the data: $name', async ({ expression }) => {
  const thrown: unknown = await mapping(expression)
    .apply({ name: CANARY })
    .catch((error: unknown) => error);
  const error = toMediatorError(thrown);
  expect(error.code).toBe('mapping_failed');
  expect(error.message).toMatch(/^The mapping test\.jsonata failed(, [A-Z]\d+)?( at \d+)?\.$/);
  expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(CANARY);
  expect(error.cause).toBeUndefined();
});

describe('loadMapping', () => {
  const codeOf = (load: () => unknown): unknown => {
    try {
      return load();
    } catch (thrown) {
      return toMediatorError(thrown).code;
    }
  };

  test('a file that is missing', () => {
    expect(() => loadMapping(files.folder, 'none.jsonata')).toThrow('The mapping none.jsonata failed, ENOENT.');
    expect(codeOf(() => loadMapping(files.folder, 'none.jsonata'))).toBe('mapping_failed');
  });

  test.each([
    { name: 'a bracket too few', expression: '{"a": (1' },
    { name: 'words', expression: 'not a mapping' },
    { name: 'nothing', expression: '' },
  ])('a file that does not compile: $name', ({ expression }) => {
    expect(codeOf(() => mapping(expression))).toBe('mapping_failed');
    expect(() => mapping(expression)).toThrow(/^The mapping test\.jsonata failed, S\d+ at \d+\.$/);
  });

  test.each([
    'mosip/birth.jsonata',
    'mosip/death.jsonata',
    'fhir/birth.jsonata',
    'fhir/patient-to-downstream.jsonata',
    'fhir/patient-from-downstream.jsonata',
    'opencrvs/countryconfig.jsonata',
    'opencrvs/openhim-fhir.jsonata',
    'opencrvs/gateway-graphql.jsonata',
    'opencrvs/events.jsonata',
    'opencrvs/event-document.jsonata',
    'opencrvs/registration-number.jsonata',
  ])('%s, as shipped, compiles', (file) => {
    expect(() => loadMapping(join(import.meta.dirname, '../../../config/mappings'), file)).not.toThrow();
  });
});
