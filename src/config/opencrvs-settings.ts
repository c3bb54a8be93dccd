import type { Problem } from './problems.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';
import type { OpenCrvsClientSettings, OpenCrvsSettings, WriteBackSettings } from './settings-type.js';

function clientSettings(values: Values, isNeeded: boolean, problems: Problem[]): OpenCrvsClientSettings | undefined {
  const given = [values.OPENCRVS_AUTH_URL, values.OPENCRVS_CLIENT_ID, values.OPENCRVS_CLIENT_SECRET];
  if (!isNeeded && given.every((value) => value === undefined)) return undefined;
  const requirements = new Requirements(problems);
  const why = 'as a call to OpenCRVS is configured';
  return {
    authUrl: requirements.need('OPENCRVS_AUTH_URL', values.OPENCRVS_AUTH_URL, `an http or https address, ${why}`),
    tokenMode: values.OPENCRVS_TOKEN_MODE,
    clientId: requirements.need('OPENCRVS_CLIENT_ID', values.OPENCRVS_CLIENT_ID, `the system client's id, ${why}`),
    clientSecret: requirements.need('OPENCRVS_CLIENT_SECRET', values.OPENCRVS_CLIENT_SECRET, `its secret, ${why}`),
    scope: values.OPENCRVS_SCOPE,
  };
}

function writeBackSettings(values: Values, problems: Problem[]): WriteBackSettings {
  const requirements = new Requirements(problems);
  switch (values.OPENCRVS_WRITE_BACK) {
    case 'none':
      return { kind: 'none' };
    case 'countryconfig': {
      const expected = 'an http or https address, for OPENCRVS_WRITE_BACK=countryconfig';
      return {
        kind: 'countryconfig',
        url: requirements.need('OPENCRVS_WRITE_BACK_URL', values.OPENCRVS_WRITE_BACK_URL, expected),
      };
    }
    case 'openhim-fhir': {
      const expected = 'an http or https address, for OPENCRVS_WRITE_BACK=openhim-fhir';
      return { kind: 'openhim-fhir', url: requirements.need('OPENCRVS_FHIR_URL', values.OPENCRVS_FHIR_URL, expected) };
    }
  }
}

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
  return {
    shaSecrets,
    client: clientSettings(values, webhooksUrl !== undefined || writeBack.kind !== 'none', problems),
    subscription: webhooksUrl === undefined ? undefined : { webhooksUrl, callbackUrl: callbackUrl ?? '' },
    writeBack,
  };
}
