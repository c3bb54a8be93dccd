import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadSettings, SECTIONS, SettingsError } from '../../../src/config/index.js';
import { FEWEST, faultsOf, problemsOf, temporaryFiles } from './environment.js';

const files = temporaryFiles();
const CANARY = 'canary-7f3b';
const NAMES = Object.values(SECTIONS).flatMap((section) => Object.keys(section));

test('the fewest settings are valid', () => {
  expect(faultsOf(FEWEST)).toEqual([]);
});

test('every problem is told at once, one a line, by name and with what was expected', () => {
  const environment = {
    PORT: '70000',
    RETENTION_DAYS: 'x',
    LOG_LEVEL: 'loud',
    OPENHIM_LOG_BODIES: 'perhaps',
    OPENCRVS_AUTH_URL: 'ftp://auth.example',
    NATIONAL_ID_SYSTEM: 'fhir',
    DATABASE_URL: 'mysql://db.example',
    INDEX_KEY: 'short',
  };
  expect(problemsOf(environment)).toEqual([
    { setting: 'PORT', expected: 'whole number, 0 to 65535' },
    { setting: 'LOG_LEVEL', expected: 'one of debug, info, warn, error' },
    { setting: 'RETENTION_DAYS', expected: 'whole number, 0 to 36500' },
    { setting: 'OPENHIM_LOG_BODIES', expected: 'true or false' },
    { setting: 'OPENCRVS_AUTH_URL', expected: 'http or https address' },
    { setting: 'DATABASE_URL', expected: 'a postgres:// address' },
    { setting: 'DATA_ENCRYPTION_KEY', expected: 'a key (32 bytes in base64)' },
    { setting: 'INDEX_KEY', expected: 'at least 32 characters' },
    { setting: 'OPENHIM_API_URL', expected: 'an http or https address, as OPENHIM_REGISTER is not false' },
    { setting: 'OPENHIM_USERNAME', expected: 'a user name, as OPENHIM_REGISTER is not false' },
    { setting: 'OPENHIM_PASSWORD', expected: 'a password, as OPENHIM_REGISTER is not false' },
    { setting: 'FHIR_BASE_URL', expected: 'an http or https address, for NATIONAL_ID_SYSTEM=fhir' },
  ]);
  const error = new SettingsError(problemsOf(environment));
  expect(error.code).toBe('settings_invalid');
  expect(error.message.split('\n')).toHaveLength(13);
  expect(error.message).toContain('\n  PORT: whole number, 0 to 65535\n');
});

test.each([
  { name: 'PORT', values: ['', '0', '4000', '65535'], wrong: ['-1', '65536', '4000.5', '4e3', '0x10', ' ', 'http'] },
  { name: 'RETENTION_DAYS', values: ['0', '30'], wrong: [' ', '-1', '36501', 'thirty'] },
  { name: 'OPS_PORT', values: ['', '9090'], wrong: [' ', '1.5', '65536'] },
  { name: 'OPENHIM_LOG_BODIES', values: ['true', 'false', '1', '0', 'TRUE'], wrong: ['yes', 'on', ' true'] },
  { name: 'LOG_LEVEL', values: ['debug', 'error'], wrong: ['Debug', 'trace', 'none'] },
  {
    name: 'FHIR_BASE_URL',
    values: ['http://h', 'https://h:8443/fhir', 'http://127.0.0.1:80'],
    wrong: ['h', 'h:8080/fhir', 'ftp://h', 'http://', '//h', 'file:///etc/passwd'],
  },
])('$name is read strictly', ({ name, values, wrong }) => {
  for (const value of values) expect([value, faultsOf({ ...FEWEST, [name]: value })]).toEqual([value, []]);
  for (const value of wrong) expect([value, faultsOf({ ...FEWEST, [name]: value })]).toEqual([value, [name]]);
});

/** Everything an error could show. */
function shown(thrown: unknown): string {
  if (!(thrown instanceof SettingsError)) throw thrown;
  return `${thrown.message}\n${thrown.stack}\n${JSON.stringify(thrown.problems)}\n${String(thrown.cause)}`;
}

/** What loadSettings says about an environment; empty where it is valid. */
function complaint(environment: Readonly<Record<string, string>>): string {
  try {
    loadSettings(environment);
    return '';
  } catch (thrown) {
    return shown(thrown);
  }
}

test('no value is ever shown: one canary in every setting, and in a file for every secret', () => {
  const everywhere = Object.fromEntries(NAMES.map((name) => [name, CANARY]));
  const inFiles = Object.fromEntries(NAMES.map((name) => [`${name}_FILE`, files.write(`${CANARY}.secret`, CANARY)]));
  const noFiles = Object.fromEntries(NAMES.map((name) => [`${name}_FILE`, join(files.folder, CANARY, name)]));
  for (const given of [everywhere, inFiles, noFiles]) {
    for (const system of ['mosip', 'fhir']) {
      const said = complaint({ ...given, DATA_DIR: join(files.folder, CANARY), NATIONAL_ID_SYSTEM: system });
      expect(said).toContain('The settings are not valid');
      expect(said).not.toContain(CANARY);
    }
  }
});

test('no value is ever shown: a canary in any form in any settings', () => {
  const value = fc
    .tuple(
      fc.constantFrom('', 'http://', 'https://h/', 'postgres://', 'id:', 'a,b:', '{"', '-----BEGIN PRIVATE KEY-----\n'),
      fc.string({ maxLength: 5 }),
    )
    .map(([prefix, more]) => `${prefix}${CANARY}${more}`);
  const choices = {
    OPENCRVS_WRITE_BACK: ['none', 'countryconfig', 'openhim-fhir'],
    FHIR_AUTH: ['basic', 'bearer', 'client-credentials'],
  };
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: NAMES.length }),
      fc.record({
        NATIONAL_ID_SYSTEM: fc.constantFrom('mosip', 'fhir'),
        NODE_ENV: fc.constantFrom('test', 'production'),
        OPENCRVS_WRITE_BACK: fc.constantFrom(...choices.OPENCRVS_WRITE_BACK),
        FHIR_AUTH: fc.constantFrom(...choices.FHIR_AUTH),
      }),
      (given, chosen) => {
        expect(complaint({ ...given, ...chosen, DATA_DIR: join(files.folder, 'data') })).not.toContain(CANARY);
      },
    ),
    { numRuns: 300 },
  );
});

test('no value of a settings file is ever shown', () => {
  const content = Object.fromEntries([...NAMES, 'UNKNOWN'].map((name) => [name, CANARY]));
  const said = complaint({ CONFIG_FILE: files.write('canaries.json', content), NODE_ENV: 'production' });
  expect(said).toContain('CONFIG_FILE: UNKNOWN: a known setting name');
  expect(said).not.toContain(CANARY);
});
