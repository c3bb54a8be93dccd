import { serviceUrl } from '../outbound/index.js';
import type {
  NotificationSettings,
  OpenCrvsClientSettings,
  OpenCrvsSettings,
  OpenCrvsTokenSettings,
  ReadMoreSource,
  RecordSearchSettings,
  WriteBackSettings,
} from './opencrvs-settings-type.js';
import type { Problem } from './problems.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';

/** What a system client is asked to have: 2.x has no scope of its own for national ID systems. */
const DEFAULT_SCOPE = { json: 'nationalId', query: 'nationalId', body: 'record.read' } as const;

function clientSettings(values: Values, isNeeded: boolean, problems: Problem[]): OpenCrvsClientSettings | undefined {
  // The address of auth alone asks for nothing: the tokens that are sent to us are checked with it.
  const given = [values.OPENCRVS_CLIENT_ID, values.OPENCRVS_CLIENT_SECRET];
  if (!isNeeded && given.every((value) => value === undefined)) return undefined;
  const requirements = new Requirements(problems);
  const why = 'as a call to OpenCRVS is configured';
  const tokenMode = values.OPENCRVS_TOKEN_MODE;
  const gateway = tokenMode === 'body' ? values.OPENCRVS_GATEWAY_URL : undefined;
  const authUrl = gateway === undefined ? values.OPENCRVS_AUTH_URL : serviceUrl(gateway, '/auth');
  return {
    authUrl: requirements.need('OPENCRVS_AUTH_URL', authUrl, `an http or https address, ${why}`),
    tokenMode,
    clientId: requirements.need('OPENCRVS_CLIENT_ID', values.OPENCRVS_CLIENT_ID, `the system client's id, ${why}`),
    clientSecret: requirements.need('OPENCRVS_CLIENT_SECRET', values.OPENCRVS_CLIENT_SECRET, `its secret, ${why}`),
    scope: values.OPENCRVS_SCOPE ?? DEFAULT_SCOPE[tokenMode],
  };
}

function writeBackSettings(values: Values, problems: Problem[]): WriteBackSettings {
  const requirements = new Requirements(problems);
  const gatewayUrl = values.OPENCRVS_GATEWAY_URL;
  const answered = gatewayUrl === undefined ? {} : { gatewayUrl };
  switch (values.OPENCRVS_WRITE_BACK) {
    case 'none':
      return { kind: 'none' };
    case 'countryconfig': {
      const expected = 'an http or https address, for OPENCRVS_WRITE_BACK=countryconfig';
      const url = requirements.need('OPENCRVS_WRITE_BACK_URL', values.OPENCRVS_WRITE_BACK_URL, expected);
      return { kind: 'countryconfig', url, ...answered };
    }
    case 'openhim-fhir': {
      const expected = 'an http or https address, for OPENCRVS_WRITE_BACK=openhim-fhir';
      const url = requirements.need('OPENCRVS_FHIR_URL', values.OPENCRVS_FHIR_URL, expected);
      return { kind: 'openhim-fhir', url, ...answered };
    }
    case 'gateway-graphql':
    case 'events': {
      const kind = values.OPENCRVS_WRITE_BACK;
      const expected = `an http or https address, for OPENCRVS_WRITE_BACK=${kind}`;
      requirements.need(
        'OPENCRVS_AUTH_URL',
        values.OPENCRVS_AUTH_URL,
        `${expected}: what is answered comes with a token`,
      );
      return { kind, url: requirements.need('OPENCRVS_GATEWAY_URL', gatewayUrl, expected) };
    }
  }
}

function tokenSettings(values: Values): OpenCrvsTokenSettings | undefined {
  const { OPENCRVS_AUTH_URL: authUrl, OPENCRVS_TOKEN_ISSUER: issuer, OPENCRVS_TOKEN_AUDIENCE: audience } = values;
  return authUrl === undefined ? undefined : { authUrl, issuer, audience };
}

function readMoreSource(values: Values, problems: Problem[]): ReadMoreSource {
  const kind = values.OPENCRVS_READ_MORE;
  const requirements = new Requirements(problems);
  const expected = `an http or https address, for OPENCRVS_READ_MORE=${kind}`;
  switch (kind) {
    case 'none':
    case 'record-search':
      return { kind };
    case 'openhim-fhir':
      return { kind, url: requirements.need('OPENCRVS_FHIR_URL', values.OPENCRVS_FHIR_URL, expected) };
    case 'events':
      return { kind, url: requirements.need('OPENCRVS_GATEWAY_URL', values.OPENCRVS_GATEWAY_URL, expected) };
  }
}

/** Of the types of system client only RECORD_SEARCH may search; its token has this scope (reference 1.1). */
const SEARCH_SCOPE = 'recordsearch';

function recordSearchSettings(values: Values, problems: Problem[]): RecordSearchSettings | undefined {
  const { OPENCRVS_SEARCH_CLIENT_ID: clientId, OPENCRVS_SEARCH_CLIENT_SECRET: clientSecret } = values;
  const isAsked = values.OPENCRVS_READ_MORE === 'record-search' || (clientId ?? clientSecret) !== undefined;
  if (!isAsked) return undefined;
  const requirements = new Requirements(problems);
  const why = 'as a client of type RECORD_SEARCH is needed';
  const address = `an http or https address, ${why}`;
  return {
    gatewayUrl: requirements.need('OPENCRVS_GATEWAY_URL', values.OPENCRVS_GATEWAY_URL, address),
    client: {
      authUrl: requirements.need('OPENCRVS_AUTH_URL', values.OPENCRVS_AUTH_URL, address),
      tokenMode: values.OPENCRVS_TOKEN_MODE,
      clientId: requirements.need('OPENCRVS_SEARCH_CLIENT_ID', clientId, `its id, ${why}`),
      clientSecret: requirements.need('OPENCRVS_SEARCH_CLIENT_SECRET', clientSecret, `its secret, ${why}`),
      scope: SEARCH_SCOPE,
    },
    dailyQuota: values.OPENCRVS_SEARCH_DAILY_QUOTA,
  };
}

/** Of the types of system client only HEALTH may send notifications; its token has this scope (reference 1.1). */
const HEALTH_SCOPE = 'notification-api';

function healthClientSettings(values: Values, problems: Problem[]): OpenCrvsClientSettings | undefined {
  const { OPENCRVS_HEALTH_CLIENT_ID: clientId, OPENCRVS_HEALTH_CLIENT_SECRET: clientSecret } = values;
  if (clientId === undefined && clientSecret === undefined) return undefined;
  const requirements = new Requirements(problems);
  const why = 'as a client of type HEALTH is configured';
  return {
    authUrl: requirements.need('OPENCRVS_AUTH_URL', values.OPENCRVS_AUTH_URL, `an http or https address, ${why}`),
    tokenMode: values.OPENCRVS_TOKEN_MODE,
    clientId: requirements.need('OPENCRVS_HEALTH_CLIENT_ID', clientId, `its id, ${why}`),
    clientSecret: requirements.need('OPENCRVS_HEALTH_CLIENT_SECRET', clientSecret, `its secret, ${why}`),
    scope: HEALTH_SCOPE,
  };
}

function notificationSettings(values: Values, problems: Problem[]): NotificationSettings | undefined {
  const { OPENCRVS_NOTIFICATION_URL: url, OPENCRVS_FHIR_URL: fhirUrl } = values;
  const client = healthClientSettings(values, problems);
  return url === undefined ? undefined : { url, client, fhirUrl };
}

const DAY_HOURS = 24;

/** By default once a day, where registrations can be listed. */
function reconcileEveryMs(given: number | undefined, canList: boolean, problems: Problem[]): number | undefined {
  const hours = given ?? (canList ? DAY_HOURS : 0);
  if (hours > 0 && !canList) {
    const expected =
      '0, as neither OPENCRVS_SEARCH_CLIENT_ID nor OPENCRVS_READ_MORE=events lets registrations be listed';
    problems.push({ setting: 'RECONCILE_EVERY_HOURS', expected });
  }
  return hours === 0 ? undefined : hours * 3_600_000;
}

/** Ways back that call OpenCRVS with the token of our system client; the others use one that came with the event. */
const CLIENT_WAYS: ReadonlySet<WriteBackSettings['kind']> = new Set(['countryconfig', 'openhim-fhir']);

/** Sources that are read with the same token. */
const CLIENT_SOURCES: ReadonlySet<ReadMoreSource['kind']> = new Set(['openhim-fhir', 'events']);

/** The OpenCRVS side; each part may be left out as long as nothing configured needs it. */
export function opencrvsSettings(values: Values, problems: Problem[]): OpenCrvsSettings {
  const { OPENCRVS_WEBHOOKS_URL: webhooksUrl, OPENCRVS_CALLBACK_URL: callbackUrl } = values;
  const shaSecrets = (values.OPENCRVS_SHA_SECRET ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const requirements = new Requirements(problems);
  if (webhooksUrl !== undefined) {
    const why = 'as OPENCRVS_WEBHOOKS_URL is set';
    requirements.need('OPENCRVS_CALLBACK_URL', callbackUrl, `our webhook address as OpenCRVS reaches it, ${why}`);
    requirements.need('OPENCRVS_SHA_SECRET', shaSecrets[0], `the system client's sha_secret, ${why}`);
  }
  const writeBack = writeBackSettings(values, problems);
  const readMore = {
    source: readMoreSource(values, problems),
    locationsUrl: values.OPENCRVS_LOCATIONS_URL,
    parts: values.OPENCRVS_READ_PARTS,
  };
  const recordSearch = recordSearchSettings(values, problems);
  const canList = recordSearch !== undefined || readMore.source.kind === 'events';
  const notifications = notificationSettings(values, problems);
  const needsClient =
    webhooksUrl !== undefined ||
    CLIENT_WAYS.has(writeBack.kind) ||
    CLIENT_SOURCES.has(readMore.source.kind) ||
    (notifications !== undefined && notifications.client === undefined);
  return {
    shaSecrets,
    client: clientSettings(values, needsClient, problems),
    tokens: tokenSettings(values),
    subscription: webhooksUrl === undefined ? undefined : { webhooksUrl, callbackUrl: callbackUrl ?? '' },
    writeBack,
    readMore,
    recordSearch,
    reconcileEveryMs: reconcileEveryMs(values.RECONCILE_EVERY_HOURS, canList, problems),
    notifications,
  };
}
