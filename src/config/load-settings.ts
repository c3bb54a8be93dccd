import { embeddedStoreKeys, parseEncryptionKeys } from './keys.js';
import { nationalIdSettings } from './national-id-settings.js';
import { opencrvsSettings } from './opencrvs-settings.js';
import { type Problem, SettingsError } from './problems.js';
import { readSettingFile, readValues } from './read-values.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';
import type { OpenHimSettings, Settings, StoreSettings } from './settings-type.js';

function storeSettings(values: Values, problems: Problem[]): StoreSettings {
  if (values.DATABASE_URL !== undefined) {
    if (!/^postgres(ql)?:\/\//.test(values.DATABASE_URL)) {
      problems.push({ setting: 'DATABASE_URL', expected: 'a postgres:// address' });
    }
    return { kind: 'postgres', url: values.DATABASE_URL };
  }
  if (values.NODE_ENV === 'production' && !values.ALLOW_EMBEDDED_STORE) {
    problems.push({
      setting: 'DATABASE_URL',
      expected: 'a postgres:// address (production refuses the embedded store unless ALLOW_EMBEDDED_STORE=true)',
    });
  }
  return { kind: 'embedded', dataDir: values.DATA_DIR };
}

function keySettings(values: Values, store: StoreSettings, problems: Problem[]): Settings['keys'] | undefined {
  const mayGenerate = store.kind === 'embedded' && values.NODE_ENV !== 'production';
  const missing = values.DATA_ENCRYPTION_KEY === undefined || values.INDEX_KEY === undefined;
  const generated = missing && mayGenerate ? embeddedStoreKeys(store.dataDir, problems) : undefined;
  const encryption = values.DATA_ENCRYPTION_KEY ?? generated?.dataEncryptionKey;
  const index = values.INDEX_KEY ?? generated?.indexKey;
  // Where keys can be generated and were not, the folder's problem has been told.
  if (!mayGenerate) {
    const requirements = new Requirements(problems);
    requirements.need('DATA_ENCRYPTION_KEY', encryption, 'a key (32 bytes in base64)');
    requirements.need('INDEX_KEY', index, 'a key of at least 32 characters');
  }
  if (index !== undefined && index.length < 32) {
    problems.push({ setting: 'INDEX_KEY', expected: 'at least 32 characters' });
  }
  const keys = encryption === undefined ? undefined : parseEncryptionKeys(encryption, problems);
  return keys === undefined || index === undefined ? undefined : { encryption: keys, index };
}

function tlsSettings(values: Values, problems: Problem[]): Settings['http']['tls'] {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = values;
  if (certFile === undefined && keyFile === undefined) return undefined;
  const requirements = new Requirements(problems);
  const cert = requirements.needFile('TLS_CERT_FILE', certFile, 'a PEM file, as TLS_KEY_FILE is set');
  const key = requirements.needFile('TLS_KEY_FILE', keyFile, 'a PEM file, as TLS_CERT_FILE is set');
  return { cert, key };
}

function openhimSettings(values: Values, problems: Problem[]): OpenHimSettings | undefined {
  if (!values.OPENHIM_REGISTER) return undefined;
  const requirements = new Requirements(problems);
  const why = 'as OPENHIM_REGISTER is not false';
  return {
    apiUrl: requirements.need('OPENHIM_API_URL', values.OPENHIM_API_URL, `an http or https address, ${why}`),
    username: requirements.need('OPENHIM_USERNAME', values.OPENHIM_USERNAME, `a user name, ${why}`),
    password: requirements.need('OPENHIM_PASSWORD', values.OPENHIM_PASSWORD, `a password, ${why}`),
    trustSelfSigned: values.OPENHIM_TRUST_SELF_SIGNED,
    ca:
      values.OPENHIM_CA_FILE === undefined
        ? undefined
        : readSettingFile('OPENHIM_CA_FILE', values.OPENHIM_CA_FILE, problems),
    heartbeatMs: values.OPENHIM_HEARTBEAT_MS,
  };
}

function inboundSettings(values: Values, problems: Problem[]): Settings['inbound'] {
  if (values.INBOUND_USERNAME === undefined && values.INBOUND_PASSWORD === undefined) return undefined;
  const requirements = new Requirements(problems);
  return {
    username: requirements.need('INBOUND_USERNAME', values.INBOUND_USERNAME, 'a user name, as INBOUND_PASSWORD is set'),
    password: requirements.need('INBOUND_PASSWORD', values.INBOUND_PASSWORD, 'a password, as INBOUND_USERNAME is set'),
  };
}

function warningsFor(values: Values, settings: Omit<Settings, 'warnings'>): string[] {
  const { store, opencrvs, inbound } = settings;
  const remarks: [boolean, string][] = [
    [
      store.kind === 'embedded',
      'embedded store: survives a crash of the process, not power loss; use PostgreSQL in production',
    ],
    [
      store.kind === 'embedded' && (values.DATA_ENCRYPTION_KEY === undefined || values.INDEX_KEY === undefined),
      'keys were generated in DATA_DIR: set DATA_ENCRYPTION_KEY and INDEX_KEY',
    ],
    [values.OPENHIM_TRUST_SELF_SIGNED, 'OPENHIM_TRUST_SELF_SIGNED: the certificate of OpenHIM core is not checked'],
    [values.OPENHIM_LOG_BODIES, 'OPENHIM_LOG_BODIES: personal data is written into OpenHIM orchestrations'],
    [
      opencrvs.shaSecrets.length === 0 && !['gateway-graphql', 'events'].includes(opencrvs.writeBack.kind),
      'OPENCRVS_SHA_SECRET is not set: the webhook route refuses every event',
    ],
    [
      opencrvs.shaSecrets.length > 0 && opencrvs.writeBack.kind === 'none',
      'OPENCRVS_WRITE_BACK=none: outcomes are not told to OpenCRVS',
    ],
    [inbound === undefined, 'INBOUND_USERNAME and INBOUND_PASSWORD are not set: /fhir refuses every caller'],
  ];
  return remarks.filter(([applies]) => applies).map(([, remark]) => remark);
}

/**
 * Reads and checks all settings from the environment and the file it names in `CONFIG_FILE`.
 *
 * @throws SettingsError (`settings_invalid`) with every problem at once, by name, without values
 */
export function loadSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const problems: Problem[] = [];
  const values = readValues(environment, problems);
  const store = storeSettings(values, problems);
  const keys = keySettings(values, store, problems);
  const settings = {
    production: values.NODE_ENV === 'production',
    http: {
      host: values.HOST,
      port: values.PORT,
      opsPort: values.OPS_PORT,
      tls: tlsSettings(values, problems),
      webhookMaxBodyBytes: values.WEBHOOK_MAX_BODY_BYTES,
      fhirMaxBodyBytes: values.FHIR_MAX_BODY_BYTES,
    },
    logLevel: values.LOG_LEVEL,
    store,
    retentionDays: values.RETENTION_DAYS,
    answerDeadlineMs: values.ANSWER_DEADLINE_HOURS * 3_600_000,
    birthCancellation: values.BIRTH_CANCELLATION,
    inbound: inboundSettings(values, problems),
    openhim: openhimSettings(values, problems),
    openhimLogBodies: values.OPENHIM_LOG_BODIES,
    opencrvs: opencrvsSettings(values, problems),
    nationalId: nationalIdSettings(values, problems),
    mappingsDir: values.MAPPINGS_DIR,
  };
  if (problems.length > 0 || keys === undefined) throw new SettingsError(problems);
  const complete = { ...settings, keys };
  return Object.freeze({ ...complete, warnings: warningsFor(values, complete) });
}
