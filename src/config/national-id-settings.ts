import { serviceUrl } from '../outbound/index.js';
import { readCredentialKeys } from './credential-keys.js';
import { credentialProofSettings } from './credential-proof-settings.js';
import type {
  FhirApiSettings,
  FhirAuth,
  FhirSettings,
  MosipIdentityRepositorySettings,
  MosipSettings,
  NationalIdSettings,
} from './national-id-settings-type.js';
import { osiaSettings } from './osia-settings.js';
import type { Problem } from './problems.js';
import { type Environment, readForeignSecret } from './read-values.js';
import { Requirements } from './requirements.js';
import { type RestSettings, readRestFile } from './rest/index.js';
import { DEFINITIONS, type Values } from './settings/index.js';
import { identityAuthenticationSettings } from './verification-settings.js';

/** What the settings of national ID systems are made of. */
export interface NationalIdGiven {
  readonly values: Values;
  readonly environment: Environment;
  readonly indexKey: string;
}

/** Standard paths of MOSIP's services (reference/mosip.md 1.1). */
const MOSIP_PATHS = {
  MOSIP_AUTH_URL: '/v1/authmanager/authenticate/clientidsecretkey',
  MOSIP_PACKET_MANAGER_URL: '/commons/v1/packetmanager/createPacket',
  MOSIP_WORKFLOW_URL: '/registrationprocessor/v1/workflowmanager/workflowinstance',
  MOSIP_STATUS_URL: '/registrationprocessor/v1/registrationstatus/externalstatus/search',
  MOSIP_ID_REPOSITORY_URL: '/idrepository/v1',
  MOSIP_WEBSUB_HUB_URL: '/hub',
} as const;

function mosipAddress(name: keyof typeof MOSIP_PATHS, values: Values, requirements: Requirements): string {
  const given = values[name];
  // A hub is any address; only one without a path gets the standard one.
  if (given !== undefined && name === 'MOSIP_WEBSUB_HUB_URL' && new URL(given).pathname !== '/') return given;
  const base = requirements.need(name, given ?? values.MOSIP_BASE_URL, 'an http or https address, or MOSIP_BASE_URL');
  return base === '' ? '' : serviceUrl(base, MOSIP_PATHS[name]);
}

/** The registration processor can be asked where its address is known; nothing depends on it. */
function statusAddress({ MOSIP_STATUS_URL: given, MOSIP_BASE_URL: base }: Values): string | undefined {
  const address = given ?? base;
  return address === undefined ? undefined : serviceUrl(address, MOSIP_PATHS.MOSIP_STATUS_URL);
}

/** The identity repository, only where its own address is given: our client seldom has the roles for it. */
function identityRepository(values: Values, problems: Problem[]): MosipIdentityRepositorySettings | undefined {
  const { MOSIP_ID_REPOSITORY_URL: given, MOSIP_DEATH_ROUTE: deathRoute, MOSIP_LOST_CREDENTIAL: lost } = values;
  if (given === undefined) {
    if (deathRoute === 'packet' && lost === 'wait') return undefined;
    const setting = 'MOSIP_ID_REPOSITORY_URL';
    problems.push({ setting, expected: 'an http or https address, as other settings lead to the identity repository' });
    return undefined;
  }
  return {
    url: serviceUrl(given, MOSIP_PATHS.MOSIP_ID_REPOSITORY_URL),
    deathRoute,
    givesLostNumber: lost === 'uin',
    handlePostfix: values.MOSIP_HANDLE_POSTFIX,
  };
}

/** The keys that credentials are sealed for, as one PEM text. */
function credentialKeys(values: Values, requirements: Requirements, problems: Problem[]): string {
  const { MOSIP_CREDENTIAL_KEY_FILE: given, MOSIP_CREDENTIAL_KEY_PASSWORD: password } = values;
  const named = requirements.need(
    'MOSIP_CREDENTIAL_KEY_FILE',
    given,
    'a file with a key, for NATIONAL_ID_SYSTEM=mosip',
  );
  const paths = named.split(',').map((path) => path.trim());
  return readCredentialKeys(
    paths.filter((path) => path !== ''),
    password,
    problems,
  );
}

function schemaText(raw: string, problems: Problem[]): string {
  if (raw === '') return '';
  try {
    return JSON.stringify(JSON.parse(raw));
  } catch {
    problems.push({ setting: 'MOSIP_SCHEMA_FILE', expected: 'a file holding valid JSON' });
    return '';
  }
}

function mosipSettings(values: Values, problems: Problem[]): MosipSettings {
  const requirements = new Requirements(problems);
  const need = (name: Extract<keyof Values, `MOSIP_${string}`>, expected: string): string =>
    requirements.need(name, values[name]?.toString(), `${expected}, for NATIONAL_ID_SYSTEM=mosip`);
  for (const name of ['MOSIP_CENTER_ID', 'MOSIP_MACHINE_ID'] as const) {
    if (!/^\d{5}$/.test(values[name])) problems.push({ setting: name, expected: '5 digits' });
  }
  const partnerId = need('MOSIP_PARTNER_ID', 'our partner id');
  const credentialKey = credentialKeys(values, requirements, problems);
  return {
    authUrl: mosipAddress('MOSIP_AUTH_URL', values, requirements),
    packetManagerUrl: mosipAddress('MOSIP_PACKET_MANAGER_URL', values, requirements),
    workflowUrl: mosipAddress('MOSIP_WORKFLOW_URL', values, requirements),
    statusUrl: statusAddress(values),
    hubUrl: mosipAddress('MOSIP_WEBSUB_HUB_URL', values, requirements),
    appId: values.MOSIP_APP_ID,
    packetClient: {
      id: need('MOSIP_PACKET_CLIENT_ID', 'a client id'),
      secret: need('MOSIP_PACKET_CLIENT_SECRET', 'its secret'),
    },
    websubClient: {
      id: need('MOSIP_WEBSUB_CLIENT_ID', 'a client id'),
      secret: need('MOSIP_WEBSUB_CLIENT_SECRET', 'its secret'),
    },
    topic: values.MOSIP_WEBSUB_TOPIC ?? `${partnerId}/CREDENTIAL_ISSUED`,
    websubSecret: need('MOSIP_WEBSUB_SECRET', 'our secret at the hub'),
    callbackUrl: need('MOSIP_WEBSUB_CALLBACK_URL', 'our callback address as the hub reaches it'),
    credentialKey,
    dataShareUrl: values.MOSIP_DATA_SHARE_URL,
    statusPublisher: values.MOSIP_REPORT_CREDENTIAL_STATUS ? partnerId : undefined,
    credentialProof: credentialProofSettings(values, problems),
    centerId: values.MOSIP_CENTER_ID,
    machineId: values.MOSIP_MACHINE_ID,
    source: values.MOSIP_SOURCE,
    processes: {
      birth: values.MOSIP_PROCESS_NEW,
      death: values.MOSIP_PROCESS_DEATH,
      correction: values.MOSIP_PROCESS_UPDATE,
    },
    schemaVersion: values.MOSIP_SCHEMA_VERSION,
    schemaJson: schemaText(
      requirements.needFile('MOSIP_SCHEMA_FILE', values.MOSIP_SCHEMA_FILE, 'a JSON file'),
      problems,
    ),
    identityAuthentication: identityAuthenticationSettings(values, problems),
    identityRepository: identityRepository(values, problems),
  };
}

function fhirAuth(values: Values, requirements: Requirements): FhirAuth {
  switch (values.FHIR_AUTH) {
    case 'none':
      return { kind: 'none' };
    case 'basic':
      return {
        kind: 'basic',
        username: requirements.need('FHIR_USERNAME', values.FHIR_USERNAME, 'a user name, for FHIR_AUTH=basic'),
        password: requirements.need('FHIR_PASSWORD', values.FHIR_PASSWORD, 'a password, for FHIR_AUTH=basic'),
      };
    case 'bearer':
      return {
        kind: 'bearer',
        token: requirements.need('FHIR_TOKEN', values.FHIR_TOKEN, 'a token, for FHIR_AUTH=bearer'),
      };
    case 'client-credentials': {
      const why = 'for FHIR_AUTH=client-credentials';
      return {
        kind: 'client-credentials',
        tokenUrl: requirements.need('FHIR_TOKEN_URL', values.FHIR_TOKEN_URL, `an http or https address, ${why}`),
        clientId: requirements.need('FHIR_CLIENT_ID', values.FHIR_CLIENT_ID, `a client id, ${why}`),
        clientSecret: requirements.need('FHIR_CLIENT_SECRET', values.FHIR_CLIENT_SECRET, `its secret, ${why}`),
        scope: values.FHIR_SCOPE,
        sendIn: values.FHIR_CLIENT_AUTH,
      };
    }
  }
}

/** What callers of `/fhir` meet, whatever the national ID system is. */
export function fhirApiSettings(values: Values): FhirApiSettings {
  return {
    nationalIdSystem: values.FHIR_NATIONAL_ID_SYSTEM,
    registrationSystem: values.FHIR_REGISTRATION_SYSTEM,
    publicUrl: values.FHIR_PUBLIC_URL?.replace(/\/+$/, ''),
    defaultVersion: values.FHIR_DEFAULT_VERSION,
  };
}

function fhirSettings(values: Values, problems: Problem[]): FhirSettings {
  const requirements = new Requirements(problems);
  return {
    baseUrl: requirements.need(
      'FHIR_BASE_URL',
      values.FHIR_BASE_URL,
      'an http or https address, for NATIONAL_ID_SYSTEM=fhir',
    ),
    auth: fhirAuth(values, requirements),
    ...fhirApiSettings(values),
  };
}

/** Stands in for a file at fault; it never leaves `loadSettings`, which throws then. */
const NO_REST_SYSTEM: RestSettings = { baseUrl: '', auth: { kind: 'none' }, key: 'hex', operations: {} };

function restSettings(values: Values, environment: Environment, problems: Problem[]): RestSettings {
  const file = new Requirements(problems).needFile(
    'REST_CONFIG_FILE',
    values.REST_CONFIG_FILE,
    'a YAML or JSON file, for NATIONAL_ID_SYSTEM=rest',
  );
  if (file === '') return NO_REST_SYSTEM;
  const readSecret = (name: string) => readForeignSecret(name, environment, problems);
  const settings = readRestFile(file, readSecret, problems) ?? NO_REST_SYSTEM;
  return { ...settings, baseUrl: values.REST_BASE_URL?.replace(/\/+$/, '') ?? settings.baseUrl };
}

function settingsOf(
  system: NationalIdSettings['system'],
  given: NationalIdGiven,
  problems: Problem[],
): NationalIdSettings {
  const { values, environment, indexKey } = given;
  switch (system) {
    case 'mosip':
      return { system: 'mosip', mosip: mosipSettings(values, problems) };
    case 'osia':
      return { system: 'osia', osia: osiaSettings(values, indexKey, problems) };
    case 'fhir':
      return { system: 'fhir', fhir: fhirSettings(values, problems) };
    case 'rest':
      return { system: 'rest', rest: restSettings(values, environment, problems) };
  }
}

/** The settings of the chosen national ID system; those of the others are not asked for. */
export function nationalIdSettings(given: NationalIdGiven, problems: Problem[]): NationalIdSettings {
  return settingsOf(given.values.NATIONAL_ID_SYSTEM, given, problems);
}

/** The other national ID systems, where nothing is missing: they finish the events that were first sent to them. */
export function otherNationalIds(given: NationalIdGiven): readonly NationalIdSettings[] {
  const others = DEFINITIONS.NATIONAL_ID_SYSTEM.schema
    .unwrap()
    .options.filter((system) => system !== given.values.NATIONAL_ID_SYSTEM);
  return others.flatMap((system) => {
    const problems: Problem[] = [];
    const settings = settingsOf(system, given, problems);
    return problems.length === 0 ? [settings] : [];
  });
}
