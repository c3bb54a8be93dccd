import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import { loadSettings, type MosipSettings, type Settings, SettingsError } from '../../../src/config/index.js';

export type Environment = Readonly<Record<string, string>>;

const KEY = Buffer.alloc(32, 1).toString('base64');

/** The fewest settings that are valid: a FHIR server behind, no OpenHIM, no OpenCRVS, keys given. */
export const FEWEST: Environment = {
  NATIONAL_ID_SYSTEM: 'fhir',
  FHIR_BASE_URL: 'http://fhir.example/r4',
  OPENHIM_REGISTER: 'false',
  DATA_ENCRYPTION_KEY: KEY,
  INDEX_KEY: 'an index key for tests, long enough to pass',
};

/** What MOSIP needs; `keyFile` is that of credentials. */
export const mosipEnvironment = (keyFile: string): Environment => ({
  NATIONAL_ID_SYSTEM: 'mosip',
  MOSIP_BASE_URL: 'https://mosip.example',
  MOSIP_PACKET_CLIENT_ID: 'packet',
  MOSIP_PACKET_CLIENT_SECRET: 'packet secret',
  MOSIP_WEBSUB_CLIENT_ID: 'websub',
  MOSIP_WEBSUB_CLIENT_SECRET: 'websub secret',
  MOSIP_PARTNER_ID: 'partner',
  MOSIP_WEBSUB_SECRET: 'hub secret',
  MOSIP_WEBSUB_CALLBACK_URL: 'https://us.example/national-id/callback',
  MOSIP_CREDENTIAL_KEY_FILE: keyFile,
});

/** What production asks for besides. */
export const PRODUCTION: Environment = {
  NODE_ENV: 'production',
  INBOUND_USERNAME: 'openhim',
  INBOUND_PASSWORD: 'a password that nobody has published',
};

/** The names at fault, in order; none where the settings are valid. */
export function faultsOf(environment: Environment): string[] {
  return problemsOf(environment).map(({ setting }) => setting);
}

export function problemsOf(environment: Environment): SettingsError['problems'] {
  try {
    loadSettings(environment);
    return [];
  } catch (thrown) {
    if (thrown instanceof SettingsError) return thrown.problems;
    throw thrown;
  }
}

/** The settings from the fewest and these. */
export function settingsWith(environment: Environment = {}): Settings {
  return loadSettings({ ...FEWEST, ...environment });
}

/** The settings of MOSIP in this environment. */
export function mosipSettings(environment: Environment): MosipSettings {
  const { nationalId } = settingsWith(environment);
  if (nationalId.system !== 'mosip') throw new Error('another system was read');
  return nationalId.mosip;
}

/** A folder for the files of one test file; removed at its end. */
export function temporaryFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'mediator-config-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    /** Writes a file and gives its path; what is no text is written as JSON. */
    write(name: string, content: unknown): string {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      const isWhole = typeof content === 'string' || content instanceof Uint8Array;
      writeFileSync(path, isWhole ? content : JSON.stringify(content));
      return path;
    },
  };
}

/** PEM text of a private key. */
export function privateKey(type: 'rsa' | 'ec' = 'rsa'): string {
  const { privateKey: key } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
