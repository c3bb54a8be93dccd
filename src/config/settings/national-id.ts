import { choice, flag, folderName, optionalChoice, secret, text, textOr, url, whole } from './definition.js';

export const nationalId = {
  NATIONAL_ID_SYSTEM: choice(
    ['mosip', 'osia', 'fhir', 'rest'],
    'mosip',
    'The national ID system behind this mediator.',
    {
      console: 'nationalIdSystem',
    },
  ),

  NATIONAL_ID_DOCUMENTS: choice(
    ['none', 'reference', 'passed-on'],
    'none',
    'What of the documents and pictures in a record its event keeps, encrypted, and the mapping for the national ID system may pass on: nothing, where OpenCRVS keeps them, or their content too. As shipped no mapping passes any on. See `docs/mappings.md`.',
  ),
  NATIONAL_ID_DOCUMENTS_MAX_BYTES: whole(
    { min: 1_024, max: 20_971_520 },
    2_097_152,
    'Bytes that the contents of the documents of one record may have together, for `passed-on`. A document that goes beyond is left without its content; the registration goes on.',
  ),
  NATIONAL_ID_CLIENT_KEY_FILE: text(
    'Private key of the client certificate that the national ID system, and its token endpoint, get where they ask for one (mutual TLS): PEM or PKCS#12, with or without the certificate.',
  ),
  NATIONAL_ID_CLIENT_KEY_PASSWORD: secret('Password of that file, where it has one.'),
  NATIONAL_ID_CLIENT_CERT_FILE: text(
    'That certificate as PEM, with those between it and its authority, where the file of the key does not hold it.',
  ),

  MOSIP_BASE_URL: url("Address below which MOSIP's services have their standard paths.", { console: 'mosipBaseUrl' }),
  MOSIP_AUTH_URL: url('Auth manager, where it differs from `MOSIP_BASE_URL`.', { console: 'mosipAuthUrl' }),
  MOSIP_PACKET_MANAGER_URL: url('Packet manager, where it differs from `MOSIP_BASE_URL`.', {
    console: 'mosipPacketManagerUrl',
  }),
  MOSIP_WORKFLOW_URL: url('Workflow manager, where it differs from `MOSIP_BASE_URL`.', { console: 'mosipWorkflowUrl' }),
  MOSIP_STATUS_URL: url(
    'Status search of the registration processor, where it differs from `MOSIP_BASE_URL`. The packet client needs a role that MOSIP lets search.',
    { console: 'mosipStatusUrl' },
  ),
  MOSIP_ID_REPOSITORY_URL: url(
    'Identity repository. Where it is set, identities are ended and given back there, and persons are looked up; the packet client needs roles that may read and update identities. Never taken from `MOSIP_BASE_URL`.',
  ),
  MOSIP_DEATH_ROUTE: choice(
    ['packet', 'repository', 'vid'],
    'packet',
    'Whether a death goes to MOSIP as a packet, ends the identity in the identity repository at once, or deactivates the VIDs of the person there and leaves the identity as it is.',
  ),
  MOSIP_LOST_CREDENTIAL: choice(
    ['wait', 'uin'],
    'wait',
    'What is done when MOSIP has processed a birth and its credential has not come: wait on, or read the UIN in the identity repository and answer with that.',
  ),
  MOSIP_HANDLE_POSTFIX: textOr(
    '@birthCertificateNumber',
    'What MOSIP puts behind the number of a birth registration to make a handle of it, for looking persons up.',
  ),
  MOSIP_WEBSUB_HUB_URL: url('WebSub hub, where it differs from `MOSIP_BASE_URL` + `/hub`.', {
    console: 'mosipWebsubHubUrl',
  }),
  MOSIP_APP_ID: textOr('admin', 'Application id sent to the auth manager.'),
  MOSIP_PACKET_CLIENT_ID: text('Client that creates packets and starts workflows.'),
  MOSIP_PACKET_CLIENT_SECRET: secret('Secret of that client.'),
  MOSIP_WEBSUB_CLIENT_ID: text('Partner client that subscribes at the hub.'),
  MOSIP_WEBSUB_CLIENT_SECRET: secret('Secret of that client.'),
  MOSIP_PARTNER_ID: text('Our partner id at MOSIP.'),
  MOSIP_WEBSUB_TOPIC: text('Topic of issued credentials; default `<MOSIP_PARTNER_ID>/CREDENTIAL_ISSUED`.'),
  MOSIP_WEBSUB_SECRET: secret('Our secret at the hub: key of the callback signature.'),
  MOSIP_WEBSUB_CALLBACK_URL: url('Address of our `/national-id/callback` as the hub reaches it.'),
  MOSIP_CREDENTIAL_KEY_FILE: text(
    'Private key (RSA) that decrypts credentials: PEM or PKCS#12. Several files, separated by commas, while keys are exchanged; a certificate in a file lets its key be chosen at once.',
  ),
  MOSIP_CREDENTIAL_KEY_PASSWORD: secret('Password of these files, where they have one.'),
  MOSIP_DATA_SHARE_URL: url(
    'Address below which credentials are fetched that MOSIP does not send along (`dataShareUri`). None is fetched from elsewhere; without it, none at all.',
  ),
  MOSIP_ISSUER_KEYS_FILE: text(
    'JSON file with the keys that MOSIP signs credentials with, and the JSON-LD contexts they use. See `docs/mosip.md`.',
  ),
  MOSIP_VERIFY_CREDENTIAL: optionalChoice(
    ['required', 'if-present', 'off'],
    "Whether a credential must carry MOSIP's own signature; one that is there must hold, unless `off`. The hub's signature is checked always. Default: `required` where `MOSIP_ISSUER_KEYS_FILE` is set, else `off`.",
  ),
  MOSIP_REPORT_CREDENTIAL_STATUS: flag(
    false,
    'Publishes `CREDENTIAL_STATUS_UPDATE` to the hub for each credential that was read. The partner client needs the role `PUBLISH_CREDENTIAL_STATUS_UPDATE_GENERAL`.',
  ),
  MOSIP_CENTER_ID: textOr('10001', 'Registration centre in packets and registration ids: 5 digits.'),
  MOSIP_MACHINE_ID: textOr('20042', 'Machine in packets and registration ids: 5 digits.'),
  MOSIP_SOURCE: textOr('OPENCRVS', 'Source of the packets, as MOSIP is configured to accept it.'),
  MOSIP_PROCESS_NEW: textOr('CRVS_NEW', 'Process of the packet for a birth, as MOSIP is configured to know it.'),
  MOSIP_PROCESS_DEATH: textOr('CRVS_DEATH', 'Process of the packet for a death.'),
  MOSIP_PROCESS_UPDATE: textOr('CRVS_UPDATE', 'Process of the packet for a corrected birth.'),
  MOSIP_SCHEMA_VERSION: textOr('0.100', 'Version of the identity schema.'),
  MOSIP_SCHEMA_FILE: textOr('config/mosip/id-schema.json', 'Identity schema sent with each packet.'),

  OSIA_BASE_URL: url("Address below which the OSIA system has OSIA's paths (`/v1/...`).", { console: 'osiaBaseUrl' }),
  OSIA_UIN_URL: url('UIN service, where it differs from `OSIA_BASE_URL`.'),
  OSIA_DATA_ACCESS_URL: url('Data access interface, where it differs from `OSIA_BASE_URL`.'),
  OSIA_NOTIFICATION_URL: url('Notification engine, where it differs from `OSIA_BASE_URL`.'),
  OSIA_TOKEN_URL: url('Token endpoint (OAuth 2.0 client credentials) of the OSIA system.'),
  OSIA_CLIENT_ID: text('Client whose tokens carry the scopes in `docs/osia.md`.'),
  OSIA_CLIENT_SECRET: secret('Secret of that client.'),
  OSIA_CLIENT_AUTH: choice(['header', 'body'], 'header', 'Where the token endpoint looks for these credentials.'),
  OSIA_REGISTRATION_ATTRIBUTE: textOr(
    'birthRegistrationNumber',
    'Attribute of a person that holds the number of the registered birth: by it a person is found again.',
  ),
  OSIA_PERSON_ATTRIBUTES: textOr(
    'firstName,lastName,dateOfBirth,gender',
    'Attributes that are asked of a person who is looked up, separated by commas.',
  ),
  OSIA_LOST_UIN: choice(
    ['stuck', 'ask-again'],
    'stuck',
    'After the UIN service was asked, gave no answer, and the registry does not know the person: the event is `stuck`, or another number is asked for. The latter only where a number that was lost harms nobody.',
  ),
  OSIA_NOTIFY: flag(false, 'Publishes `liveBirth`, `death` and `birthCancellation` to the notification engine.'),
  OSIA_NOTIFY_SOURCE: textOr('OpenCRVS', 'Our name in these notifications.'),
  OSIA_SUBSCRIBE: text(
    'Topics of the notification engine that the mediator subscribes to, separated by commas, e.g. `newPerson`. Default: none. A notification is a hint to look again, and no more.',
  ),
  OSIA_CALLBACK_URL: url(
    'Address of our `/national-id/callback` as the notification engine reaches it; a secret part is added. Not through OpenHIM: see `docs/osia.md`.',
  ),

  FHIR_BASE_URL: url('Base address of the FHIR R4 server.', { console: 'fhirBaseUrl' }),
  FHIR_AUTH: choice(
    ['none', 'basic', 'bearer', 'client-credentials'],
    'none',
    'How we authenticate at the FHIR server. A client certificate goes with any of them.',
  ),
  FHIR_USERNAME: text('User name for `FHIR_AUTH=basic`.'),
  FHIR_PASSWORD: secret('Password for `FHIR_AUTH=basic`.'),
  FHIR_TOKEN: secret('Token for `FHIR_AUTH=bearer`.'),
  FHIR_TOKEN_URL: url('Token endpoint (OAuth 2.0) for `FHIR_AUTH=client-credentials`.'),
  FHIR_CLIENT_ID: text('Client for `FHIR_AUTH=client-credentials`.'),
  FHIR_CLIENT_SECRET: secret('Secret of that client.'),
  FHIR_CLIENT_AUTH: choice(['header', 'body'], 'header', 'Where the token endpoint looks for these credentials.'),
  FHIR_SCOPE: text(
    'Scopes that tokens are asked for with, separated by blanks, e.g. `system/Patient.read system/Patient.write`. Default: none are named.',
  ),
  FHIR_NATIONAL_ID_SYSTEM: textOr(
    'urn:national-id',
    'Identifier system of the national ID, at the FHIR server and for callers of `/fhir`.',
  ),
  FHIR_REGISTRATION_SYSTEM: textOr(
    'urn:opencrvs:registration-number',
    'Identifier system of the registration number, at the FHIR server and for callers of `/fhir`.',
  ),
  FHIR_PUBLIC_URL: url(
    'Address of `/fhir` as its callers reach it, e.g. `https://openhim.example:5000/fhir`: links in answers begin with it. Default: the host that each request came to.',
  ),
  FHIR_DEFAULT_VERSION: choice(
    ['4.0', '3.0'],
    '4.0',
    "FHIR version of Patients in answers to callers that ask for none (`fhirVersion` in `Accept`); `3.0` is OpenCRVS's form.",
  ),

  REST_CONFIG_FILE: text(
    'YAML or JSON file that describes a national ID system with an HTTP interface of its own. See `docs/rest-systems.md`.',
  ),
  REST_BASE_URL: url('Address of that system, where it differs from `baseUrl` in the file.', {
    console: 'restBaseUrl',
  }),
};

export const mappings = {
  MAPPINGS_DIR: textOr('config/mappings', 'Folder of the JSONata mapping files.'),
  NATIONAL_ID_MAPPINGS: folderName(
    'Folder below `MAPPINGS_DIR` whose mappings for the national ID system (`mosip`, `osia`, `fhir`) are used. Default: those of `MAPPINGS_DIR` itself.',
    { console: 'nationalIdMappings' },
  ),
};
