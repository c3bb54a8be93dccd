import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type ConsoleValues, SettingsError } from '../../../src/config/index.js';
import { type Environment, settingsWith, temporaryFiles } from './environment.js';

const files = temporaryFiles();

/** The names at fault when the console says this over such an environment. */
function faultsUnder(given: ConsoleValues, environment: Environment = {}): string[] {
  try {
    settingsWith(environment).underConsole(given);
    return [];
  } catch (thrown) {
    if (thrown instanceof SettingsError) return thrown.problems.map(({ setting }) => setting);
    throw thrown;
  }
}

test('what the console does not say is as it was, whatever it said before', () => {
  const settings = settingsWith({ RETENTION_DAYS: '7' });
  const changed = settings.underConsole({ CALL_TIMEOUT_MS: '2000' });
  expect(changed).toMatchObject({ callTimeoutMs: 2_000, retentionDays: 7 });
  expect(changed.underConsole({ LOG_LEVEL: 'debug' })).toMatchObject({ callTimeoutMs: 10_000, logLevel: 'debug' });
});

test.each(['FHIR_TOKEN', 'MOSIP_WEBSUB_CALLBACK_URL', 'OPENHIM_TRUST_SELF_SIGNED', 'OUTBOUND_ALLOWED_HOSTS'] as const)(
  '%s never comes from the console',
  (name) => {
    expect(faultsUnder({ [name]: 'https://fhir.example' })).toEqual([name]);
  },
);

const NAMED = { OUTBOUND_ALLOWED_HOSTS: 'a.example, B.example:8443' };
const PLAIN = { FHIR_BASE_URL: 'http://here/r4' };
const SECURE = { FHIR_BASE_URL: 'https://here/r4' };

test.each([
  { name: 'a host that is named', url: 'https://a.example/x', environment: NAMED, taken: true },
  { name: 'any port of it', url: 'http://a.example:99/x', environment: NAMED, taken: true },
  { name: 'a port that is named', url: 'https://b.example:8443', environment: NAMED, taken: true },
  { name: 'another port than the one named', url: 'https://b.example', environment: NAMED, taken: false },
  { name: 'what begins like a host that is named', url: 'https://a.example.org', environment: NAMED, taken: false },
  { name: 'a name below it', url: 'https://x.a.example', environment: NAMED, taken: false },
  {
    name: 'the host of the environment, which is not named',
    url: 'https://fhir.example',
    environment: NAMED,
    taken: false,
  },
  { name: 'the host of the environment', url: 'http://here:81/other', environment: PLAIN, taken: true },
  { name: 'the same with TLS', url: 'https://here', environment: PLAIN, taken: true },
  { name: 'the same without TLS', url: 'http://here', environment: SECURE, taken: false },
  { name: 'a host that only the console names', url: 'https://there', environment: SECURE, taken: false },
  { name: 'credentials in the address', url: 'https://u:p@here', environment: SECURE, taken: false },
  { name: 'a host behind credentials', url: 'https://here@there', environment: SECURE, taken: false },
])('an address from the console: $name', ({ url, environment, taken }) => {
  expect(faultsUnder({ FHIR_BASE_URL: url, MOSIP_AUTH_URL: url }, environment)).toEqual(
    taken ? [] : ['MOSIP_AUTH_URL', 'FHIR_BASE_URL'],
  );
});

test('mappings are chosen among the folders of the deployment', () => {
  const dir = join(files.folder, 'mappings');
  mkdirSync(join(dir, 'chosen'), { recursive: true });
  const settings = settingsWith({ MAPPINGS_DIR: dir });
  expect(settings.nationalIdMappingsDir).toBe(dir);
  expect(settings.underConsole({ NATIONAL_ID_MAPPINGS: 'chosen' })).toMatchObject({
    nationalIdMappingsDir: join(dir, 'chosen'),
    mappingsDir: dir,
  });
  for (const name of ['none', '..', '../mappings', '/etc', '.']) {
    expect(faultsUnder({ NATIONAL_ID_MAPPINGS: name }, { MAPPINGS_DIR: dir })).toEqual(['NATIONAL_ID_MAPPINGS']);
  }
});

test('a system beside the chosen one counts only when nothing of it is missing', () => {
  const others = (environment: Environment) => settingsWith(environment).otherNationalIds.map(({ system }) => system);
  expect(others({ MOSIP_BASE_URL: 'http://mosip' })).toEqual([]);
});
