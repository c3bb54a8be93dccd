import { createHmac } from 'node:crypto';
import { serviceUrl } from '../outbound/index.js';
import type { OsiaSettings, OsiaSubscriptionSettings } from './national-id-settings-type.js';
import type { Problem } from './problems.js';
import { Requirements } from './requirements.js';
import type { Values } from './settings/index.js';

const namesIn = (list: string): readonly string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/**
 * Our subscription at OSIA's notification engine; undefined where there is none. The secret part of the address is
 * derived under `INDEX_KEY`, which never changes: every instance has the same one, and another callback address another.
 */
function subscriptionSettings(
  values: Values,
  indexKey: string,
  problems: Problem[],
): OsiaSubscriptionSettings | undefined {
  const topics = [...new Set(namesIn(values.OSIA_SUBSCRIBE ?? ''))];
  if (topics.length === 0) return undefined;
  const expected = 'our callback address as the notification engine reaches it, as OSIA_SUBSCRIBE is set';
  const base = new Requirements(problems).need('OSIA_CALLBACK_URL', values.OSIA_CALLBACK_URL, expected);
  if (base === '') return undefined;
  const secret = createHmac('sha256', indexKey).update(`callback\nosia\n${base}`).digest('base64url');
  return { topics, secret, address: serviceUrl(base, `/national-id/callback/${secret}`) };
}

/** What an OSIA system needs. `indexKey`: that of the store. */
export function osiaSettings(values: Values, indexKey: string, problems: Problem[]): OsiaSettings {
  const requirements = new Requirements(problems);
  const need = (name: Extract<keyof Values, `OSIA_${string}`>, expected: string): string =>
    requirements.need(name, values[name]?.toString(), `${expected}, for NATIONAL_ID_SYSTEM=osia`);
  const base = need('OSIA_BASE_URL', 'an http or https address');
  return {
    addresses: {
      registry: base,
      uin: values.OSIA_UIN_URL ?? base,
      'data-access': values.OSIA_DATA_ACCESS_URL ?? base,
      notification: values.OSIA_NOTIFICATION_URL ?? base,
    },
    client: {
      tokenUrl: need('OSIA_TOKEN_URL', 'an http or https address'),
      clientId: need('OSIA_CLIENT_ID', 'a client id'),
      clientSecret: need('OSIA_CLIENT_SECRET', 'its secret'),
      sendIn: values.OSIA_CLIENT_AUTH,
    },
    registrationAttribute: values.OSIA_REGISTRATION_ATTRIBUTE,
    personAttributes: namesIn(values.OSIA_PERSON_ATTRIBUTES),
    lostUin: values.OSIA_LOST_UIN,
    notifyAs: values.OSIA_NOTIFY ? values.OSIA_NOTIFY_SOURCE : undefined,
    subscription: subscriptionSettings(values, indexKey, problems),
  };
}
