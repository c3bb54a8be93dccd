import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadSettings } from '../../../src/config/index.js';
import {
  type Environment,
  FEWEST,
  faultsOf,
  PRODUCTION,
  problemsOf,
  settingsWith,
  temporaryFiles,
} from './environment.js';

const files = temporaryFiles();
const { DATA_ENCRYPTION_KEY = '', INDEX_KEY = '', ...NO_KEYS } = FEWEST;

describe('the store', () => {
  test.each([
    { name: 'nothing', environment: {}, store: { kind: 'embedded', dataDir: 'data' } },
    { name: 'DATA_DIR', environment: { DATA_DIR: '/var/x' }, store: { kind: 'embedded', dataDir: '/var/x' } },
    {
      name: 'DATABASE_URL',
      environment: { DATABASE_URL: 'postgres://u:p@db:5432/m', DATA_DIR: '/var/x' },
      store: { kind: 'postgres', url: 'postgres://u:p@db:5432/m', poolSize: 16 },
    },
    {
      name: 'DATABASE_URL, spelt out',
      environment: { DATABASE_URL: 'postgresql://db/m' },
      store: { kind: 'postgres', url: 'postgresql://db/m', poolSize: 16 },
    },
    {
      name: 'production and DATABASE_URL',
      environment: { ...PRODUCTION, DATABASE_URL: 'postgres://db/m' },
      store: { kind: 'postgres', url: 'postgres://db/m', poolSize: 16 },
    },
    {
      name: 'production and ALLOW_EMBEDDED_STORE',
      environment: { ...PRODUCTION, ALLOW_EMBEDDED_STORE: 'true' },
      store: { kind: 'embedded', dataDir: 'data' },
    },
  ])('by $name', ({ environment, store }) => {
    expect(settingsWith(environment as Environment).store).toEqual(store);
  });

  test.each([
    { name: 'production without an address', environment: PRODUCTION },
    { name: 'with ALLOW_EMBEDDED_STORE=false', environment: { ...PRODUCTION, ALLOW_EMBEDDED_STORE: 'false' } },
  ])('refused: $name', ({ environment }) => {
    expect(problemsOf({ ...FEWEST, ...(environment as Environment) })).toEqual([
      { setting: 'DATABASE_URL', expected: expect.stringContaining('ALLOW_EMBEDDED_STORE=true') },
    ]);
  });
});

describe('keys that nobody gave', () => {
  const inFolder = (name: string, more: Environment = {}): Environment => ({
    ...NO_KEYS,
    DATA_DIR: join(files.folder, name),
    ...more,
  });

  test('are made in DATA_DIR, for the owner alone, and are the same after a restart', () => {
    const environment = inFolder('fresh/below');
    const first = loadSettings(environment);
    expect(statSync(join(files.folder, 'fresh/below/keys.json')).mode & 0o777).toBe(0o600);
    expect(first.keys.encryption).toHaveLength(1);
    expect(first.keys.encryption[0].key).toHaveLength(32);
    expect(first.keys.index.length).toBeGreaterThanOrEqual(32);
    expect(loadSettings(environment).keys).toEqual(first.keys);
  });

  test('differ from folder to folder', () => {
    expect(loadSettings(inFolder('one')).keys).not.toEqual(loadSettings(inFolder('two')).keys);
  });

  test('one that is given is used, the other made', () => {
    const settings = loadSettings(inFolder('half', { DATA_ENCRYPTION_KEY }));
    expect(settings.keys.encryption[0].key.toString('base64')).toBe(DATA_ENCRYPTION_KEY);
    expect(settings.keys.index.length).toBeGreaterThanOrEqual(32);
  });

  test('nothing is made where both are given', () => {
    settingsWith({ DATA_DIR: join(files.folder, 'untouched') });
    expect(() => statSync(join(files.folder, 'untouched'))).toThrow('ENOENT');
  });

  test.each([
    { name: 'in production', more: { ...PRODUCTION, ALLOW_EMBEDDED_STORE: 'true' } },
    { name: 'on PostgreSQL', more: { DATABASE_URL: 'postgres://db/m' } },
  ])('are not made $name', ({ more }) => {
    expect(faultsOf(inFolder('forbidden', more as Environment))).toEqual(['DATA_ENCRYPTION_KEY', 'INDEX_KEY']);
    expect(() => statSync(join(files.folder, 'forbidden'))).toThrow('ENOENT');
  });

  test.each([
    { name: 'no JSON', content: 'canary' },
    { name: 'a key missing', content: '{"dataEncryptionKey":"canary"}' },
  ])('a damaged keys.json is refused and left as it is: $name', ({ name, content }) => {
    const environment = inFolder(name);
    loadSettings(environment);
    const path = join(files.folder, name, 'keys.json');
    writeFileSync(path, content);
    expect(faultsOf(environment)).toEqual(['DATA_DIR']);
    expect(readFileSync(path, 'utf8')).toBe(content);
  });

  test('a folder that cannot be made is refused', () => {
    const below = join(files.write('a-file', ''), 'data');
    expect(faultsOf(inFolder('', { DATA_DIR: below }))).toEqual(['DATA_DIR']);
  });
});

describe('DATA_ENCRYPTION_KEY', () => {
  const bytes = (fill: number, length = 32): Buffer => Buffer.alloc(length, fill);
  /** Holds every character that differs between the two alphabets. */
  const odd = Buffer.from('fb'.repeat(16) + 'ff'.repeat(16), 'hex');

  test.each([
    { name: 'base64', given: odd.toString('base64'), keys: [['default', odd]] },
    { name: 'base64url, without padding', given: odd.toString('base64url'), keys: [['default', odd]] },
    { name: 'with an id', given: `2024-01:${bytes(1).toString('base64')}`, keys: [['2024-01', bytes(1)]] },
    {
      name: 'several, in their order',
      given: `new:${bytes(2).toString('base64')}, old:${bytes(1).toString('base64')}`,
      keys: [
        ['new', bytes(2)],
        ['old', bytes(1)],
      ],
    },
    {
      name: 'a new one beside one that had no id',
      given: `new:${bytes(2).toString('base64')},${bytes(1).toString('base64')}`,
      keys: [
        ['new', bytes(2)],
        ['default', bytes(1)],
      ],
    },
  ])('takes: $name', ({ given, keys }) => {
    const { encryption } = settingsWith({ DATA_ENCRYPTION_KEY: given }).keys;
    expect(encryption.map(({ id, key }) => [id, key])).toEqual(keys);
  });

  test.each([
    { name: '31 bytes', given: bytes(1, 31).toString('base64') },
    { name: '33 bytes', given: bytes(1, 33).toString('base64') },
    { name: 'hexadecimal', given: bytes(1).toString('hex') },
    { name: 'a pass phrase', given: 'a pass phrase of some length, no key' },
    { name: 'one good and one bad', given: `a:${bytes(1).toString('base64')},b:short` },
    { name: 'a comma at the end', given: `${bytes(1).toString('base64')},` },
    { name: 'two keys with one id', given: `a:${bytes(1).toString('base64')},a:${bytes(2).toString('base64')}` },
    { name: 'two keys without an id', given: `${bytes(1).toString('base64')},${bytes(2).toString('base64')}` },
    { name: 'an empty id', given: `:${bytes(1).toString('base64')}` },
  ])('refuses: $name', ({ given }) => {
    expect(faultsOf({ ...FEWEST, DATA_ENCRYPTION_KEY: given })).toEqual(['DATA_ENCRYPTION_KEY']);
  });
});

test.each([
  { length: 31, faults: ['INDEX_KEY'] },
  { length: 32, faults: [] },
])('an INDEX_KEY of $length characters', ({ length, faults }) => {
  expect(faultsOf({ ...FEWEST, INDEX_KEY: INDEX_KEY.padEnd(64).slice(0, length) })).toEqual(faults);
});
