import { choice, secret, text, textOr, url } from './definition.js';

export const opencrvs = {
  OPENCRVS_AUTH_URL: url(
    'Address of the OpenCRVS auth service (`/authenticateSystemClient` or `/token` hangs below it).',
  ),
  OPENCRVS_TOKEN_MODE: choice(
    ['json', 'query'],
    'json',
    '`json` for OpenCRVS 1.0 to 1.2 (`/authenticateSystemClient`), `query` for 1.3 to 1.9 (`/token`).',
  ),
  OPENCRVS_CLIENT_ID: text('Client id of the OpenCRVS system client.'),
  OPENCRVS_CLIENT_SECRET: secret('Client secret of the OpenCRVS system client.'),
  OPENCRVS_SHA_SECRET: secret(
    "The system client's `sha_secret`: key of the webhook signature. Several, separated by commas, while one replaces another.",
  ),
  OPENCRVS_SCOPE: textOr('nationalId', 'Scope that the token must carry for the configured work.'),
  OPENCRVS_WEBHOOKS_URL: url('Address of the OpenCRVS webhooks service. Without it no subscription is made.'),
  OPENCRVS_CALLBACK_URL: url(
    'Address of our `/opencrvs/webhooks` as OpenCRVS reaches it, directly or through an OpenHIM channel.',
  ),
  OPENCRVS_WRITE_BACK: choice(
    ['none', 'countryconfig', 'openhim-fhir'],
    'none',
    'How the outcome returns: the country configuration endpoint, the FHIR store through OpenHIM, or not at all.',
  ),
  OPENCRVS_WRITE_BACK_URL: url('Address of the country configuration service (for `countryconfig`).'),
  OPENCRVS_FHIR_URL: url(
    'Base address of the OpenCRVS FHIR store, e.g. `http://openhim-core:5001/fhir` (for `openhim-fhir`).',
  ),
};
