import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MediatorError } from '../errors/index.js';
import { clientCertificateSettings } from './client-certificate.js';
import { type ConsoleValues, overlayConsole } from './console-values.js';
import { embeddedStoreKeys, parseEncryptionKeys } from './keys.js';
import { loadMapping, ruleFile } from './mapping.js';
import { fhirApiSettings, nationalIdSettings, otherNationalIds } from './national-id-settings.js';
import { opencrvsSettings } from './opencrvs-settings.js';
import { type Problem, SettingsError } from './problems.js';
import { checkForProduction } from './production-checks.js';
import { type Environment, type ReadSettings, readSettingFile, readValues } from './read-values.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';
import type { OpenHimSettings, Settings, StoreSettings } from './settings-type.js';
import { storeSettings } from './store-settings.js';
import { esignetSettings } from './verification-settings.js';

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
  if (!values.OPENHIM_REGISTER) {
    if (values.OPENHIM_REPORT_OUTCOME) {
      problems.push({ setting: 'OPENHIM_REPORT_OUTCOME', expected: 'false, as OPENHIM_REGISTER is false' });
    }
    return undefined;
  }
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
    reportOutcome: values.OPENHIM_REPORT_OUTCOME,
  };
}

function inboundSettings(values: Values, problems: Problem[]): Settings['inbound'] {
  const {
    INBOUND_USERNAME: username,
    INBOUND_PASSWORD: password,
    INBOUND_PASSWORD_PREVIOUS: previousPassword,
  } = values;
  if ([username, password, previousPassword].every((value) => value === undefined)) return undefined;
  const requirements = new Requirements(problems);
  return {
    username: requirements.need('INBOUND_USERNAME', username, 'a user name, as INBOUND_PASSWORD is set'),
    password: requirements.need('INBOUND_PASSWORD', password, 'a password, as INBOUND_USERNAME is set'),
    previousPassword,
  };
}

function operatorSettings(values: Values, problems: Problem[]): Settings['operator'] {
  const { OPERATOR_USERNAME: username, OPERATOR_PASSWORD: password } = values;
  if (username === undefined && password === undefined) return undefined;
  const requirements = new Requirements(problems);
  return {
    username: requirements.need('OPERATOR_USERNAME', username, 'a user name, as OPERATOR_PASSWORD is set'),
    password: requirements.need('OPERATOR_PASSWORD', password, 'a password, as OPERATOR_USERNAME is set'),
  };
}

function warningsFor(values: Values, settings: Omit<Settings, 'warnings'>): string[] {
  const { store, opencrvs, inbound, nationalId } = settings;
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
    [
      opencrvs.writeBack.kind === 'countryconfig' && nationalId.system !== 'mosip',
      'OPENCRVS_WRITE_BACK=countryconfig: as shipped its mapping writes a token or VID, which only MOSIP gives',
    ],
    [
      inbound?.previousPassword !== undefined,
      'INBOUND_PASSWORD_PREVIOUS is set: the old password is still taken; remove it once OpenHIM has the new one',
    ],
    [inbound === undefined, 'INBOUND_USERNAME and INBOUND_PASSWORD are not set: /fhir refuses every caller'],
  ];
  return remarks.filter(([applies]) => applies).map(([, remark]) => remark);
}

function nationalIdMappingsDir({ MAPPINGS_DIR: dir, NATIONAL_ID_MAPPINGS: name }: Values, problems: Problem[]): string {
  if (name === undefined) return dir;
  const chosen = join(dir, name);
  if (!existsSync(chosen)) problems.push({ setting: 'NATIONAL_ID_MAPPINGS', expected: 'a folder below MAPPINGS_DIR' });
  return chosen;
}

/** The rule must compile now: at its first event it would be too late. */
function eligibilityRule({ MAPPINGS_DIR: dir, ELIGIBILITY_RULE: name }: Values, problems: Problem[]): string {
  if (name === 'all') return name;
  try {
    loadMapping(dir, ruleFile(name));
  } catch (thrown) {
    if (!(thrown instanceof MediatorError)) throw thrown;
    const expected = 'all, or the name of a file below MAPPINGS_DIR/rules that can be compiled';
    problems.push({ setting: 'ELIGIBILITY_RULE', expected });
  }
  return name;
}

/** Settings from values that were read; `problems` holds those of the reading. */
function settingsFrom(
  read: ReadSettings,
  environment: Environment,
  problems: Problem[],
  underConsole: Settings['underConsole'],
): Settings {
  const { values, sources } = read;
  const store = storeSettings(values, problems);
  const keys = keySettings(values, store, problems);
  // Without a key there is a problem already, and these settings are never used.
  const nationalIdGiven = { values, environment, indexKey: keys?.index ?? '' };
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
    statusPollMs: values.STATUS_POLL_HOURS * 3_600_000,
    birthCancellation: values.BIRTH_CANCELLATION,
    eligibilityRule: eligibilityRule(values, problems),
    submissionsPaused: values.SUBMISSIONS_PAUSED,
    callTimeoutMs: values.CALL_TIMEOUT_MS,
    retry: {
      firstMs: values.RETRY_FIRST_WAIT_MS,
      longestMs: values.RETRY_LONGEST_WAIT_MS,
      giveUpMs: values.RETRY_GIVE_UP_DAYS * 24 * 3_600_000,
    },
    inbound: inboundSettings(values, problems),
    operator: operatorSettings(values, problems),
    openhim: openhimSettings(values, problems),
    mediatorUrl: values.MEDIATOR_URL,
    openhimLogBodies: values.OPENHIM_LOG_BODIES,
    opencrvs: opencrvsSettings(values, problems),
    fhirApi: fhirApiSettings(values),
    documents: { pass: values.NATIONAL_ID_DOCUMENTS, maxBytes: values.NATIONAL_ID_DOCUMENTS_MAX_BYTES },
    nationalId: nationalIdSettings(nationalIdGiven, problems),
    otherNationalIds: otherNationalIds(nationalIdGiven),
    clientCertificate: clientCertificateSettings(values, problems),
    esignet: esignetSettings(values, problems),
    mappingsDir: values.MAPPINGS_DIR,
    nationalIdMappingsDir: nationalIdMappingsDir(values, problems),
    consoleSettings: values.OPENHIM_CONSOLE_SETTINGS,
    sources,
    underConsole,
  };
  if (settings.production) checkForProduction(values, settings, problems);
  if (problems.length > 0 || keys === undefined) throw new SettingsError(problems);
  const complete = { ...settings, keys };
  return Object.freeze({ ...complete, warnings: warningsFor(values, complete) });
}

/**
 * Reads and checks all settings from the environment and the file it names in `CONFIG_FILE`.
 *
 * @throws SettingsError (`settings_invalid`) with every problem at once, by name, without values
 */
export function loadSettings(environment: Environment): Settings {
  const problems: Problem[] = [];
  const base = readValues(environment, problems);
  const underConsole = (given: ConsoleValues): Settings => {
    const problems: Problem[] = [];
    return settingsFrom(overlayConsole(base, given, problems), environment, problems, underConsole);
  };
  return settingsFrom(base, environment, problems, underConsole);
}
