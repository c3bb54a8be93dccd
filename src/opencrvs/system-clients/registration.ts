import { MediatorError } from '../../errors/index.js';
import type { NewClient } from './system-clients.js';
import { integrationScopes, type OpenCrvsVersion } from './version.js';

/** The error for a call that a version does not have, and what to do instead. */
export const notOffered = ({ text }: OpenCrvsVersion, what: string, instead: string): MediatorError =>
  new MediatorError('not_supported', { message: `OpenCRVS ${text} has no call to ${what}. ${instead}` });

const invalid = (message: string): MediatorError => new MediatorError('request_invalid', { message });

/** Types that some version knows by name but does not store: OpenCRVS would refuse them without a word. */
const NAMES_ONLY: ReadonlySet<string> = new Set(['EXTERNAL_VALIDATION', 'AGE_CHECK', 'REINDEX']);

/** @throws MediatorError `request_invalid` */
function checkedType({ types, text, api }: OpenCrvsVersion, type: string | undefined): string {
  if (type !== undefined && types.includes(type)) return type;
  const offered = `OpenCRVS ${text} registers ${types.join(', ')}.`;
  if (type === undefined) throw invalid(`--type is missing. ${offered}`);
  if (!NAMES_ONLY.has(type)) throw invalid(`This type cannot be registered. ${offered}`);
  const since = type === 'REINDEX' || api === 'system-clients' ? '' : ' It could be on 1.0 and 1.1 only.';
  throw invalid(`The type ${type} cannot be registered.${since} ${offered}`);
}

function checkedName({ text }: OpenCrvsVersion, name: string | undefined): string {
  if (name === undefined || name.trim() === '') throw invalid(`--name is missing: OpenCRVS ${text} wants one.`);
  return name;
}

/** Quota and webhook permissions. A WEBHOOK client is refused without them (reference/opencrvs.md 1.2). */
function settingsOf(type: string, { dailyQuota, webhook }: NewClient): { readonly settings?: unknown } {
  if (type === 'WEBHOOK' && webhook === undefined) {
    throw invalid('A WEBHOOK client needs what it may see, by event: --webhook EVENT:PERMISSION,…');
  }
  if (dailyQuota === undefined && webhook === undefined) return {};
  return { settings: { ...(dailyQuota === undefined ? {} : { dailyQuota }), webhook: webhook ?? [] } };
}

function integratingSystem(version: OpenCrvsVersion, name: string | undefined) {
  if (name === undefined) return {};
  if (!version.takesIntegratingSystem) throw invalid(`OpenCRVS ${version.text} takes no --integrating-system.`);
  return { integratingSystemType: name };
}

/**
 * The body that registers a client, checked: OpenCRVS itself refuses most faults without a word.
 *
 * @throws MediatorError `request_invalid`
 */
export function registrationBody(version: OpenCrvsVersion, client: NewClient): unknown {
  if (version.api === 'integrations') {
    if (client.type !== undefined) checkedType(version, client.type);
    const scopes = integrationScopes(client.type, client.scopes ?? []);
    if (scopes.length === 0) throw invalid('--scope or --type is missing: a 2.x client holds one scope or more.');
    return { name: checkedName(version, client.name), scopes };
  }
  if (client.scopes !== undefined && client.scopes.length > 0) {
    throw invalid(`A client of OpenCRVS ${version.text} has a type, no scopes of its own: use --type.`);
  }
  const type = checkedType(version, client.type);
  // The oldest call has the type under the name `scope`, and refuses any other member.
  if (version.api === 'system-clients') return { scope: type };
  return {
    type,
    name: checkedName(version, client.name),
    ...settingsOf(type, client),
    ...integratingSystem(version, client.integratingSystem),
  };
}
