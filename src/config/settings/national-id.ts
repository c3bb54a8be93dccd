import { choice, secret, text, textOr, url } from './definition.js';

export const nationalId = {
  NATIONAL_ID_SYSTEM: choice(['mosip', 'fhir'], 'mosip', 'The national ID system behind this mediator.'),

  MOSIP_BASE_URL: url("Address below which MOSIP's services have their standard paths."),
  MOSIP_AUTH_URL: url('Auth manager, where it differs from `MOSIP_BASE_URL`.'),
  MOSIP_PACKET_MANAGER_URL: url('Packet manager, where it differs from `MOSIP_BASE_URL`.'),
  MOSIP_WORKFLOW_URL: url('Workflow manager, where it differs from `MOSIP_BASE_URL`.'),
  MOSIP_WEBSUB_HUB_URL: url('WebSub hub, where it differs from `MOSIP_BASE_URL` + `/hub`.'),
  MOSIP_APP_ID: textOr('admin', 'Application id sent to the auth manager.'),
  MOSIP_PACKET_CLIENT_ID: text('Client that creates packets and starts workflows.'),
  MOSIP_PACKET_CLIENT_SECRET: secret('Secret of that client.'),
  MOSIP_WEBSUB_CLIENT_ID: text('Partner client that subscribes at the hub.'),
  MOSIP_WEBSUB_CLIENT_SECRET: secret('Secret of that client.'),
  MOSIP_PARTNER_ID: text('Our partner id at MOSIP.'),
  MOSIP_WEBSUB_TOPIC: text('Topic of issued credentials; default `<MOSIP_PARTNER_ID>/CREDENTIAL_ISSUED`.'),
  MOSIP_WEBSUB_SECRET: secret('Our secret at the hub: key of the callback signature.'),
  MOSIP_WEBSUB_CALLBACK_URL: url('Address of our `/national-id/callback` as the hub reaches it.'),
  MOSIP_CREDENTIAL_KEY_FILE: text('PEM private key (RSA) that decrypts credentials.'),
  MOSIP_CENTER_ID: textOr('10001', 'Registration centre in packets and registration ids: 5 digits.'),
  MOSIP_MACHINE_ID: textOr('20042', 'Machine in packets and registration ids: 5 digits.'),
  MOSIP_SOURCE: textOr('OPENCRVS', 'Source of the packets, as MOSIP is configured to accept it.'),
  MOSIP_PROCESS_NEW: textOr('CRVS_NEW', 'Process of the packet for a birth, as MOSIP is configured to know it.'),
  MOSIP_PROCESS_DEATH: textOr('CRVS_DEATH', 'Process of the packet for a death.'),
  MOSIP_PROCESS_UPDATE: textOr('CRVS_UPDATE', 'Process of the packet for a corrected birth.'),
  MOSIP_SCHEMA_VERSION: textOr('0.100', 'Version of the identity schema.'),
  MOSIP_SCHEMA_FILE: textOr('config/mosip/id-schema.json', 'Identity schema sent with each packet.'),

  FHIR_BASE_URL: url('Base address of the FHIR R4 server.'),
  FHIR_AUTH: choice(['none', 'basic', 'bearer'], 'none', 'How we authenticate at the FHIR server.'),
  FHIR_USERNAME: text('User name for `FHIR_AUTH=basic`.'),
  FHIR_PASSWORD: secret('Password for `FHIR_AUTH=basic`.'),
  FHIR_TOKEN: secret('Token for `FHIR_AUTH=bearer`.'),
  FHIR_NATIONAL_ID_SYSTEM: textOr(
    'urn:national-id',
    'Identifier system under which the FHIR server keeps the national ID.',
  ),
  FHIR_REGISTRATION_SYSTEM: textOr(
    'urn:opencrvs:registration-number',
    'Identifier system under which we send the registration number.',
  ),
};

export const mappings = {
  MAPPINGS_DIR: textOr('config/mappings', 'Folder of the JSONata mapping files.'),
};
