import { createPrivateKey } from 'node:crypto';
import { serviceUrl } from '../outbound/index.js';
import type { Problem } from './problems.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';
import type { FhirAuth, FhirSettings, MosipSettings, NationalIdSettings } from './settings-type.js';

/** Standard paths of MOSIP's services (reference/mosip.md 1.1). */
const MOSIP_PATHS = {
  MOSIP_AUTH_URL: '/v1/authmanager/authenticate/clientidsecretkey',
  MOSIP_PACKET_MANAGER_URL: '/commons/v1/packetmanager/createPacket',
  MOSIP_WORKFLOW_URL: '/registrationprocessor/v1/workflowmanager/workflowinstance',
  MOSIP_WEBSUB_HUB_URL: '/hub',
} as const;

function mosipAddress(name: keyof typeof MOSIP_PATHS, values: Values, requirements: Requirements): string {
  const given = values[name];
  // A hub is any address; only one without a path gets the standard one.
  if (given !== undefined && name === 'MOSIP_WEBSUB_HUB_URL' && new URL(given).pathname !== '/') return given;
  const base = requirements.need(name, given ?? values.MOSIP_BASE_URL, 'an http or https address, or MOSIP_BASE_URL');
  return base === '' ? '' : serviceUrl(base, MOSIP_PATHS[name]);
}

function checkPrivateKey(pem: string, problems: Problem[]): void {
  if (pem === '') return;
  try {
    if (createPrivateKey(pem).asymmetricKeyType === 'rsa') return;
  } catch {
    // Falls through to the problem: the error of the parser says nothing an operator could use.
  }
  problems.push({ setting: 'MOSIP_CREDENTIAL_KEY_FILE', expected: 'a PEM file with an unencrypted RSA private key' });
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
    requirements.need(name, values[name], `${expected}, for NATIONAL_ID_SYSTEM=mosip`);
  for (const name of ['MOSIP_CENTER_ID', 'MOSIP_MACHINE_ID'] as const) {
    if (!/^\d{5}$/.test(values[name])) problems.push({ setting: name, expected: '5 digits' });
  }
  const partnerId = need('MOSIP_PARTNER_ID', 'our partner id');
  const credentialKey = requirements.needFile(
    'MOSIP_CREDENTIAL_KEY_FILE',
    values.MOSIP_CREDENTIAL_KEY_FILE,
    'a PEM file, for NATIONAL_ID_SYSTEM=mosip',
  );
  checkPrivateKey(credentialKey, problems);
  return {
    authUrl: mosipAddress('MOSIP_AUTH_URL', values, requirements),
    packetManagerUrl: mosipAddress('MOSIP_PACKET_MANAGER_URL', values, requirements),
    workflowUrl: mosipAddress('MOSIP_WORKFLOW_URL', values, requirements),
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
  }
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
    nationalIdSystem: values.FHIR_NATIONAL_ID_SYSTEM,
    registrationSystem: values.FHIR_REGISTRATION_SYSTEM,
  };
}

/** The settings of the chosen national ID system only; those of the others are not asked for. */
export function nationalIdSettings(values: Values, problems: Problem[]): NationalIdSettings {
  switch (values.NATIONAL_ID_SYSTEM) {
    case 'mosip':
      return { system: 'mosip', mosip: mosipSettings(values, problems) };
    case 'fhir':
      return { system: 'fhir', fhir: fhirSettings(values, problems) };
  }
}
