import { choice, choices, optionalWhole, secret, text, textOr, url, whole } from './definition.js';

export const opencrvs = {
  OPENCRVS_AUTH_URL: url(
    'Address of the OpenCRVS auth service: `/authenticateSystemClient` or `/token` hangs below it, and `/.well-known` with the key by which tokens sent to `/opencrvs/registrations` are checked.',
  ),
  OPENCRVS_GATEWAY_URL: url(
    'Address of the OpenCRVS gateway, e.g. `https://gateway.example`: `/auth/token` (for `OPENCRVS_TOKEN_MODE=body`), `/graphql` and `/events` hang below it: there records and actions that wait are answered, and more is read where `OPENCRVS_READ_MORE` says so.',
  ),
  OPENCRVS_TOKEN_MODE: choice(
    ['json', 'query', 'body'],
    'json',
    '`json` for OpenCRVS 1.0 to 1.2 (`/authenticateSystemClient`), `query` for 1.3 to 1.9 (`/token`), `body` for 2.x (`/auth/token` of the gateway, else `/token` below `OPENCRVS_AUTH_URL`).',
  ),
  OPENCRVS_TOKEN_ISSUER: textOr('opencrvs:auth-service', 'Issuer that the tokens of OpenCRVS name.'),
  OPENCRVS_TOKEN_AUDIENCE: textOr(
    'opencrvs:countryconfig-user',
    'Audience that a token sent to `/opencrvs/registrations` must name.',
  ),
  OPENCRVS_CLIENT_ID: text('Client id of the OpenCRVS system client.'),
  OPENCRVS_CLIENT_SECRET: secret('Client secret of the OpenCRVS system client.'),
  OPENCRVS_SHA_SECRET: secret(
    "The system client's `sha_secret`: key of the webhook signature. Several, separated by commas, while one replaces another.",
  ),
  OPENCRVS_SCOPE: text(
    'Scope that the token must carry for the configured work; default `nationalId`, for `OPENCRVS_TOKEN_MODE=body` `record.read`.',
  ),
  OPENCRVS_WEBHOOKS_URL: url('Address of the OpenCRVS webhooks service. Without it no subscription is made.'),
  OPENCRVS_CALLBACK_URL: url(
    'Address of our `/opencrvs/webhooks` as OpenCRVS reaches it, directly or through an OpenHIM channel.',
  ),
  OPENCRVS_WRITE_BACK: choice(
    ['none', 'countryconfig', 'openhim-fhir', 'gateway-graphql', 'events'],
    'none',
    'How the outcome returns: the country configuration endpoint, the FHIR store through OpenHIM, the record that waits for it at the gateway (1.7 to 1.9), the action that waits for it (OpenCRVS 1.9 and later), or not at all. An event that came with the address for its answer is answered there whatever is chosen, except with `none`.',
  ),
  OPENCRVS_WRITE_BACK_URL: url('Address of the country configuration service (for `countryconfig`).'),
  OPENCRVS_FHIR_URL: url(
    'Base address of the OpenCRVS FHIR store, e.g. `http://openhim-core:5001/fhir` (for `openhim-fhir`).',
  ),
  OPENCRVS_READ_MORE: choice(
    ['none', 'openhim-fhir', 'record-search', 'events'],
    'none',
    'Where the parts that an event lacks are read: nowhere, in the FHIR store at `OPENCRVS_FHIR_URL` (OpenCRVS 1.0 to 1.4), at `OPENCRVS_GATEWAY_URL` with the client of `OPENCRVS_SEARCH_CLIENT_ID` (1.5 to 1.9), or there with our own (2.x). See `docs/reading-more.md`.',
  ),
  OPENCRVS_READ_PARTS: choices(
    ['mother', 'father', 'spouse', 'informant', 'place'],
    ['mother', 'father'],
    'Parts that the mapping needs: only an event that lacks one of them is read.',
  ),
  OPENCRVS_SEARCH_CLIENT_ID: text('Client id of a system client of type RECORD_SEARCH, for `record-search`.'),
  OPENCRVS_SEARCH_CLIENT_SECRET: secret('Client secret of that client.'),
  OPENCRVS_SEARCH_DAILY_QUOTA: whole(
    { min: 1, max: 1_000_000 },
    2000,
    'Searches that the client may make in one day (UTC). OpenCRVS has the same limit, as it was registered.',
  ),
  RECONCILE_EVERY_HOURS: optionalWhole(
    { min: 0, max: 720 },
    'Hours between two reconciliations with OpenCRVS, which take in registrations that were never delivered; 0: none. Default: 24 where registrations can be listed (with `OPENCRVS_SEARCH_CLIENT_ID`, or `OPENCRVS_READ_MORE=events`), else 0. See `docs/reconciliation.md`.',
  ),
  OPENCRVS_LOCATIONS_URL: url(
    'Address of the OpenCRVS gateway (1.2 to 1.9) to read places from, each once a day; `/location` hangs below it. Without it they are read from the FHIR store, if at all.',
  ),
  OPENCRVS_NOTIFICATION_URL: url(
    'Address of the OpenCRVS gateway (1.2 to 1.9) to which `/opencrvs/notifications` passes the notifications of health systems; `/notification` hangs below it. Without it there is no such route.',
  ),
  OPENCRVS_HEALTH_CLIENT_ID: text(
    'Client id of a system client of type HEALTH, for notifications, where `OPENCRVS_CLIENT_ID` is of another type.',
  ),
  OPENCRVS_HEALTH_CLIENT_SECRET: secret('Client secret of that client.'),
};
