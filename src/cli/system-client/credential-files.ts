import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ClientCredentials } from '../../opencrvs/index.js';
import { UsageError } from '../command.js';
import { proveWritable, writeSecretly } from '../secret-file.js';

/** What the service uses a client for: its main one, or one that has a single task. */
export type ClientUse = 'main' | 'health' | 'search';

/** The settings that hold a client's credentials, the id first. Only the main client signs webhooks. */
const SETTINGS: Record<ClientUse, readonly { readonly part: keyof ClientCredentials; readonly setting: string }[]> = {
  main: [
    { part: 'clientId', setting: 'OPENCRVS_CLIENT_ID' },
    { part: 'clientSecret', setting: 'OPENCRVS_CLIENT_SECRET' },
    { part: 'shaSecret', setting: 'OPENCRVS_SHA_SECRET' },
  ],
  health: [
    { part: 'clientId', setting: 'OPENCRVS_HEALTH_CLIENT_ID' },
    { part: 'clientSecret', setting: 'OPENCRVS_HEALTH_CLIENT_SECRET' },
  ],
  search: [
    { part: 'clientId', setting: 'OPENCRVS_SEARCH_CLIENT_ID' },
    { part: 'clientSecret', setting: 'OPENCRVS_SEARCH_CLIENT_SECRET' },
  ],
};

interface Entry {
  readonly setting: string;
  readonly value: string;
  /** The id is no secret: the service reads it from the environment alone. */
  readonly isSecret: boolean;
}

const entriesOf = (credentials: ClientCredentials, use: ClientUse): readonly Entry[] =>
  SETTINGS[use].flatMap(({ part, setting }) => {
    const value = credentials[part];
    return value === undefined ? [] : [{ setting, value, isSecret: part !== 'clientId' }];
  });

/** Credentials as lines of an environment file, secrets included. */
export function environmentLines(credentials: ClientCredentials, use: ClientUse): string {
  return entriesOf(credentials, use)
    .map(({ setting, value }) => `${setting}=${value}\n`)
    .join('');
}

export interface CredentialFiles {
  /** Writes the credentials; returns the lines of the environment by which the service finds them, without secrets. */
  write(credentials: ClientCredentials): string;
}

/**
 * Refuses a folder whose files would be lost: a new client (`clientId` undefined) replaces nothing, a known one only
 * its own.
 *
 * @throws UsageError
 */
function protectOthers(paths: readonly string[], clientId: string | undefined): void {
  const [idPath] = paths;
  const isThere = paths.some((path) => existsSync(path));
  const held = idPath !== undefined && existsSync(idPath) ? readFileSync(idPath, 'utf8').trim() : undefined;
  const isOwn = clientId !== undefined && (held === undefined || held === clientId);
  if (isThere && !isOwn) {
    throw new UsageError('The folder of --out holds the credentials of another client: choose another one.');
  }
}

/**
 * A folder for a client's credentials, checked before OpenCRVS is called.
 *
 * @throws UsageError
 */
export function openCredentialFiles(out: string, use: ClientUse, clientId: string | undefined): CredentialFiles {
  const folder = resolve(out);
  const pathOf = (setting: string): string => join(folder, setting);
  protectOthers(
    SETTINGS[use].map(({ setting }) => pathOf(setting)),
    clientId,
  );
  proveWritable(folder);

  return {
    write(credentials) {
      const entries = entriesOf(credentials, use);
      const lost = 'OpenCRVS made the credentials, but they could not be written: make new ones.';
      for (const { setting, value } of entries) writeSecretly(pathOf(setting), value, lost);
      return entries
        .map(({ setting, value, isSecret }) =>
          isSecret ? `${setting}_FILE=${pathOf(setting)}\n` : `${setting}=${value}\n`,
        )
        .join('');
    },
  };
}
