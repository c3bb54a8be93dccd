import { choice, flag, optionalWhole, ruleName, secret, text, textOr, whole } from './definition.js';

const port = { min: 0, max: 65_535 };

export const service = {
  NODE_ENV: textOr(
    'development',
    'Set to `production` in a deployment: the embedded store, generated keys and published secrets are then refused, and inbound credentials are asked for.',
  ),
  PORT: whole(port, 4000, 'Port of the listener; 0 takes a free one.'),
  HOST: textOr('0.0.0.0', 'Address the listener binds to.'),
  OPS_PORT: optionalWhole(port, 'Serves `/health/*` and `/metrics` on a port of their own (and no longer on `PORT`).'),
  LOG_LEVEL: choice(['debug', 'info', 'warn', 'error'], 'info', 'Lowest level that is logged.', {
    console: 'logLevel',
  }),
  TLS_CERT_FILE: text('PEM certificate chain of our listener; with `TLS_KEY_FILE` the listener speaks HTTPS.'),
  TLS_KEY_FILE: text('PEM private key of our listener.'),
  DATABASE_URL: secret('PostgreSQL connection address. Without it the embedded PGlite store is used.'),
  DATABASE_CA_FILE: text(
    'PEM certificates of the authority that vouches for the database server. Connections are then encrypted and the server is checked, as with `sslmode=verify-full`.',
  ),
  DATABASE_POOL_SIZE: whole(
    { min: 10, max: 200 },
    16,
    'Most connections of one instance to the database; their sum over all instances must stay below its limit.',
  ),
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
    'Days after the end of an event (settled, skipped, closed, or refused and told) and after the receipt of an answer, when their personal data is removed.',
  ),
  ANSWER_DEADLINE_HOURS: whole(
    { min: 1, max: 8_760 },
    168,
    'Hours the national ID system has to answer a submission before the event is `stuck`.',
    { console: 'answerDeadlineHours' },
  ),
  STATUS_POLL_HOURS: whole(
    { min: 1, max: 168 },
    6,
    'Hours without an answer after which the national ID system is asked where a submission stands, where it can be asked; each further wait doubles, up to a day.',
  ),
  BIRTH_CANCELLATION: choice(
    ['operator', 'deactivate'],
    'operator',
    'What the cancellation of a registered birth does: waits for an operator, or deactivates the identity.',
    { console: 'birthCancellation' },
  ),
  ELIGIBILITY_RULE: ruleName(
    'all',
    'Which registrations go to the national ID system: `all`, or the name of a file `rules/NAME.jsonata` below `MAPPINGS_DIR`. The others are `skipped`.',
    { console: 'eligibilityRule' },
  ),
  SUBMISSIONS_PAUSED: flag(
    false,
    'Hands nothing over to the national ID system. Events are taken and wait; answers and their way back go on.',
    { console: 'pauseSubmissions' },
  ),
  CALL_TIMEOUT_MS: whole(
    { min: 1_000, max: 15_000 },
    10_000,
    'Milliseconds that a call to another system may take; one event may need three of them within a minute.',
    { console: 'callTimeoutMs' },
  ),
  RETRY_FIRST_WAIT_MS: whole(
    { min: 100, max: 60_000 },
    1_000,
    'Milliseconds before the second try of a step; they double with each failure.',
    { console: 'retryFirstWaitMs' },
  ),
  RETRY_LONGEST_WAIT_MS: whole(
    { min: 1_000, max: 3_600_000 },
    300_000,
    'Longest wait between tries while the other system answers with errors; at most 20 s while it does not answer.',
    { console: 'retryLongestWaitMs' },
  ),
  RETRY_GIVE_UP_DAYS: whole(
    { min: 1, max: 365 },
    7,
    'Days of answers that are errors after which an event is `stuck`. Time without any answer does not count.',
    { console: 'retryGiveUpDays' },
  ),
  INBOUND_USERNAME: text('User name that callers of `/fhir` present (basic authentication).'),
  INBOUND_PASSWORD: secret('Password that callers of `/fhir` present.'),
  INBOUND_PASSWORD_PREVIOUS: secret(
    'Password that is taken as well while `INBOUND_PASSWORD` replaces it. Remove it once every caller has the new one.',
  ),
  OPERATOR_USERNAME: text('User name of the operators, for `/operator` and the `events` commands.'),
  OPERATOR_PASSWORD: secret('Password of the operators. Without it and the user name `/operator` answers 503.'),
  FHIR_MAX_BODY_BYTES: whole(
    { min: 1024, max: 52_428_800 },
    10_485_760,
    'Largest FHIR body taken, and the largest answer that goes into an envelope or is translated.',
  ),
  WEBHOOK_MAX_BODY_BYTES: whole(
    { min: 1024, max: 52_428_800 },
    52_428_800,
    'Largest webhook body taken; OpenCRVS itself sends up to 50 MiB.',
  ),
  CONFIG_FILE: text('JSON or YAML (`.yaml`, `.yml`) file with the same names as here; the environment wins over it.'),
};
