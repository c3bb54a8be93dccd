import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Problem, readRestFile } from '../../../src/config/index.js';
import { FEWEST, problemsOf, settingsWith, temporaryFiles } from '../config/environment.js';

const files = temporaryFiles();
const VALID = {
  baseUrl: 'http://system.example/api/',
  operations: {
    issue: {
      method: 'POST',
      path: '/people',
      body: '{}',
      answers: [{ status: 201, result: 'issued', identity: '{ "nationalId": body.id }' }],
    },
  },
};

function problems(content: unknown, secrets: Readonly<Record<string, string>> = {}): readonly Problem[] {
  const found: Problem[] = [];
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  readRestFile(text, (name) => secrets[name], found);
  return found;
}

const placesOf = (content: unknown): string[] => problems(content).map(({ setting }) => setting);
const withIssue = (change: object) => ({ ...VALID, operations: { issue: { ...VALID.operations.issue, ...change } } });
const secretOf = (name: string): string => `$\{${name}}`;

test('a small file is enough; JSON is as good as YAML', () => {
  expect(problems(VALID)).toEqual([]);
  expect(problems('baseUrl: http://a.example\noperations: {}\n')).toEqual([]);
});

test('every problem is told at once, each with its place', () => {
  const answers = [{ status: 999, result: 'issued', identity: '1 +' }, { status: 200 }];
  const content = { ...withIssue({ method: 'FETCH', answers }), auth: { kind: 'bearer' }, extra: 1 };
  expect(placesOf(content)).toEqual([
    'REST_CONFIG_FILE: auth.token',
    'REST_CONFIG_FILE: operations.issue.method',
    'REST_CONFIG_FILE: operations.issue.answers[0].status',
    'REST_CONFIG_FILE: operations.issue.answers[0].identity',
    'REST_CONFIG_FILE: operations.issue.answers[1].result',
    'REST_CONFIG_FILE',
  ]);
});

test.each([
  { name: 'text that is no YAML', content: 'a: [1', expected: /valid YAML or JSON \(\w+ at line \d+\)/ },
  { name: 'nothing', content: '', expected: /expected object/ },
])('$name', ({ content, expected }) => {
  expect(problems(content)).toEqual([{ setting: 'REST_CONFIG_FILE', expected: expect.stringMatching(expected) }]);
});

test.each([
  { name: 'an expression that does not compile', change: { body: '{"a": (1' }, place: 'body' },
  { name: 'a placeholder without an expression', change: { path: '/people/{id}' }, place: 'parameters.id' },
  { name: 'an expression without a placeholder', change: { parameters: { id: '1' } }, place: 'parameters.id' },
  { name: 'a path that leads elsewhere', change: { path: '//other.example' }, place: 'path' },
  { name: 'a query in the path', change: { path: '/people?all' }, place: 'path' },
  { name: 'a header that is ours', change: { headers: { Host: '"x"' } }, place: 'headers.Host' },
  { name: 'a name that is no header', change: { headers: { 'a b': '"x"' } }, place: 'headers.a b' },
  { name: 'a look-up without status', change: { once: 'look-up' }, place: 'once' },
  { name: 'another word for once', change: { once: 'always' }, place: 'once' },
  { name: 'no rule', change: { answers: [] }, place: 'answers' },
  {
    name: 'waiting for what cannot come',
    change: { answers: [{ status: 202, result: 'pending' }] },
    place: 'answers[0].result',
  },
  {
    name: 'a result of another operation',
    change: { answers: [{ status: 200, result: 'match' }] },
    place: 'answers[0].result',
  },
  {
    name: 'a refusal without words',
    change: { answers: [{ status: 422, result: 'refused', code: 'NO' }] },
    place: 'answers[0].reason',
  },
])('$name', ({ change, place }) => {
  expect(placesOf(withIssue(change))).toEqual([`REST_CONFIG_FILE: operations.issue.${place}`]);
});

describe('secrets', () => {
  const auth = { kind: 'bearer', token: secretOf('SYSTEM_TOKEN') };

  test('stand in the environment, never in the file', () => {
    expect(problems({ ...VALID, auth }, { SYSTEM_TOKEN: 'x' })).toEqual([]);
    expect(problems({ ...VALID, auth: { kind: 'bearer', token: 'Canary' } })).toEqual([
      { setting: 'REST_CONFIG_FILE: auth.token', expected: expect.not.stringContaining('Canary') },
    ]);
  });

  test('that are missing are told by name', () => {
    const basic = { kind: 'basic', username: secretOf('SYSTEM_USER'), password: secretOf('SYSTEM_PASSWORD') };
    expect(problems({ ...VALID, auth: basic }).map(({ expected }) => expected)).toEqual([
      expect.stringContaining('SYSTEM_USER or SYSTEM_USER_FILE'),
      expect.stringContaining('SYSTEM_PASSWORD'),
    ]);
  });
});

describe('the settings', () => {
  const rest = (content: object, more: Readonly<Record<string, string>> = {}) => ({
    NATIONAL_ID_SYSTEM: 'rest',
    REST_CONFIG_FILE: files.write('system.json', content),
    ...more,
  });

  test('read the file, and take another address from the environment', () => {
    const { nationalId } = settingsWith(rest(VALID));
    expect(nationalId).toMatchObject({ system: 'rest', rest: { baseUrl: 'http://system.example/api' } });
    const other = settingsWith(rest(VALID, { REST_BASE_URL: 'http://test.example/' }));
    expect(other.nationalId).toMatchObject({ rest: { baseUrl: 'http://test.example' } });
  });

  test('read a secret from the environment or from the file that it names', () => {
    const content = { ...VALID, auth: { kind: 'bearer', token: secretOf('SYSTEM_TOKEN') } };
    const SYSTEM_TOKEN_FILE = files.write('token', 'from a file\n');
    for (const [given, token] of [
      [{ SYSTEM_TOKEN: 'from the environment' }, 'from the environment'],
      [{ SYSTEM_TOKEN_FILE }, 'from a file'],
    ] as const) {
      expect(settingsWith(rest(content, given)).nationalId).toMatchObject({ rest: { auth: { token } } });
    }
  });

  test('keep our own secrets to ourselves', () => {
    const content = { ...VALID, auth: { kind: 'bearer', token: secretOf('INDEX_KEY') } };
    expect(() => settingsWith(rest(content))).toThrow(/auth\.token: .*INDEX_KEY/);
  });

  test('ask for the file', () => {
    expect(() => settingsWith({ NATIONAL_ID_SYSTEM: 'rest' })).toThrow(/REST_CONFIG_FILE: a YAML or JSON file/);
    const REST_CONFIG_FILE = join(files.folder, 'none.yaml');
    expect(() => settingsWith({ NATIONAL_ID_SYSTEM: 'rest', REST_CONFIG_FILE })).toThrow(/REST_CONFIG_FILE.*ENOENT/);
  });

  test('the file is not looked at for another system', () => {
    expect(problemsOf({ ...FEWEST, REST_CONFIG_FILE: join(files.folder, 'none.yaml') })).toEqual([]);
  });
});
