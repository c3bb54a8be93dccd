import {
  type ClientAddress,
  type NewClient,
  type OpenCrvsVersion,
  openCrvsVersion,
  tokenFacts,
} from '../../opencrvs/index.js';
import { UsageError } from '../command.js';
import type { Options } from '../options.js';
import type { ClientUse } from './credential-files.js';
import { readTokenFile } from './token-input.js';

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;

/** What every command takes: which OpenCRVS, where, and as whom. */
export const TARGET = {
  version: text,
  'user-mgnt': text,
  events: text,
  gateway: text,
  'token-file': text,
} as const;

/** Which client. */
export const WHICH = { 'client-id': text, 'system-id': text, 'client-token-file': text } as const;

/** Where secrets go. */
export const SECRETS = { out: text, print: { type: 'boolean' }, for: text } as const;

/** What a new client is to be. */
export const NEW = {
  type: text,
  name: text,
  scope: texts,
  webhook: texts,
  'daily-quota': text,
  'integrating-system': text,
} as const;

/** @throws UsageError */
export function versionOf({ version }: Options<typeof TARGET>): OpenCrvsVersion {
  if (version === undefined) throw new UsageError('--version is missing: the version of OpenCRVS, e.g. 1.2.');
  const known = openCrvsVersion(version);
  if (known === undefined) throw new UsageError('--version is 1.0 to 1.9, or 2.x.');
  return known;
}

function isHttp(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}

/** @throws UsageError */
export function addressOf(options: Options<typeof TARGET>): ClientAddress {
  const ways = (['user-mgnt', 'events', 'gateway'] as const).flatMap((by) => {
    const url = options[by];
    return url === undefined ? [] : [{ by, url }];
  });
  const [address] = ways;
  if (address === undefined || ways.length > 1) {
    throw new UsageError('One address is wanted: --user-mgnt, --events or --gateway.');
  }
  if (!isHttp(address.url)) throw new UsageError(`--${address.by} is an http or https address.`);
  return address;
}

/** @throws UsageError */
export function useOf({ for: use = 'main' }: Options<typeof SECRETS>): ClientUse {
  if (use === 'main' || use === 'health' || use === 'search') return use;
  throw new UsageError('--for is health or search: the task of a client that is not the main one.');
}

/** The database's id of a client, which the oldest versions want: 24 hexadecimal digits. */
const SYSTEM_ID = /^[0-9a-f]{24}$/i;

const WANTS_SYSTEM_ID = [
  'OpenCRVS 1.0 and 1.1 look a client up by the id of its database record, not by its client id, and answer 400 to',
  'anything else. Give that id by --system-id, or a token of the client itself by --client-token-file: its `sub` is',
  'that id.',
].join('\n');

/** The id that 1.0 and 1.1 want (reference/opencrvs.md 1.3). */
function systemIdOf(options: Options<typeof WHICH>): string {
  const file = options['client-token-file'];
  const id = file === undefined ? (options['system-id'] ?? options['client-id']) : subjectOf(file);
  if (id === undefined || !SYSTEM_ID.test(id)) throw new UsageError(WANTS_SYSTEM_ID);
  return id;
}

function subjectOf(file: string): string | undefined {
  return tokenFacts(readTokenFile(file, '--client-token-file'))?.sub;
}

/**
 * How a client is named to OpenCRVS. Never empty: 1.x takes a call without an id for one about any client.
 *
 * @throws UsageError
 */
export function clientOf(options: Options<typeof WHICH>, version: OpenCrvsVersion): string {
  if (version.api === 'system-clients') return systemIdOf(options);
  const id = options['client-id']?.trim() ?? '';
  if (id === '') throw new UsageError('--client-id is missing.');
  if (options['system-id'] !== undefined || options['client-token-file'] !== undefined) {
    throw new UsageError(`OpenCRVS ${version.text} names a client by --client-id alone.`);
  }
  return id;
}

/** `EVENT:PERMISSION,…`. */
function webhookOf(given: string): { readonly event: string; readonly permissions: readonly string[] } {
  const [event = '', permissions = ''] = given.split(':');
  if (event === '') throw new UsageError('--webhook is EVENT or EVENT:PERMISSION,…');
  return { event, permissions: permissions.split(',').filter((permission) => permission !== '') };
}

function quotaOf(given: string): number {
  if (!/^\d{1,9}$/.test(given)) throw new UsageError('--daily-quota is a whole number.');
  return Number(given);
}

/** @throws UsageError */
export function newClientOf(options: Options<typeof NEW>): NewClient {
  const { type, name, scope, webhook } = options;
  const quota = options['daily-quota'];
  const integratingSystem = options['integrating-system'];
  return {
    ...(type === undefined ? {} : { type }),
    ...(name === undefined ? {} : { name }),
    ...(scope === undefined ? {} : { scopes: scope }),
    ...(webhook === undefined ? {} : { webhook: webhook.map(webhookOf) }),
    ...(quota === undefined ? {} : { dailyQuota: quotaOf(quota) }),
    ...(integratingSystem === undefined ? {} : { integratingSystem }),
  };
}
