import { choice, flag, optionalWhole, secret, text, textOr, whole } from './definition.js';

const port = { min: 0, max: 65_535 };

export const service = {
  NODE_ENV: textOr(
    'development',
    'Set to `production` in a deployment: the embedded store and generated keys are then refused.',
  ),
  PORT: whole(port, 4000, 'Port of the listener; 0 takes a free one.'),
  HOST: textOr('0.0.0.0', 'Address the listener binds to.'),
  OPS_PORT: optionalWhole(port, 'Serves `/health/*` and `/metrics` on a port of their own (and no longer on `PORT`).'),
  LOG_LEVEL: choice(['debug', 'info', 'warn', 'error'], 'info', 'Lowest level that is logged.'),
  TLS_CERT_FILE: text('PEM certificate chain of our listener; with `TLS_KEY_FILE` the listener speaks HTTPS.'),
  TLS_KEY_FILE: text('PEM private key of our listener.'),
  DATABASE_URL: secret('PostgreSQL connection address. Without it the embedded PGlite store is used.'),
  ALLOW_EMBEDDED_STORE: flag(
    false,
    'Lets production run on the embedded store, which survives a crash of the process but not power loss.',
  ),
  DATA_DIR: textOr('data', 'Folder of the embedded store; used by one process at a time.'),
  DATA_ENCRYPTION_KEY: secret(
    'Key for personal data at rest: 32 bytes in base64, or several as `id:base64` separated by commas (the first writes, all read). Generated in `DATA_DIR` when absent on the embedded store outside production.',
  ),
  INDEX_KEY: secret(
    'Key for HMACs of identifiers and for the keys we send to the national ID system: at least 32 characters; it must never change. Generated like `DATA_ENCRYPTION_KEY`.',
  ),
  RETENTION_DAYS: whole(
    { min: 0, max: 36_500 },
    30,
    'Days after which the personal data of a settled event is removed.',
  ),
  ANSWER_DEADLINE_HOURS: whole(
    { min: 1, max: 8_760 },
    168,
    'Hours the national ID system has to answer a submission before the event is `stuck`.',
  ),
  BIRTH_CANCELLATION: choice(
    ['operator', 'deactivate'],
    'operator',
    'What the cancellation of a registered birth does: waits for an operator, or deactivates the identity.',
  ),
  INBOUND_USERNAME: text('User name that callers of `/fhir` present (basic authentication).'),
  INBOUND_PASSWORD: secret('Password that callers of `/fhir` present.'),
  FHIR_MAX_BODY_BYTES: whole({ min: 1024, max: 52_428_800 }, 10_485_760, 'Largest FHIR body taken or passed on.'),
  WEBHOOK_MAX_BODY_BYTES: whole(
    { min: 1024, max: 52_428_800 },
    52_428_800,
    'Largest webhook body taken; OpenCRVS itself sends up to 50 MiB.',
  ),
  CONFIG_FILE: text('JSON file with the same names as here; the environment wins over it.'),
};
