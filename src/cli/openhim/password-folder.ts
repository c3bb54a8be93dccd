import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Passwords } from '../../openhim/index.js';
import { UsageError } from '../command.js';
import { errorCode } from '../error-code.js';
import { proveWritable, writeSecretly } from '../secret-file.js';

export interface PasswordFolder extends Passwords {
  keep(name: string, password: string): void;
  pathOf(name: string): string;
}

/**
 * A folder that holds one password a file, each of mode 0600.
 *
 * @throws UsageError when it cannot be used; `dryRun` leaves it as it is
 */
export function openPasswordFolder(out: string, { dryRun }: { readonly dryRun: boolean }): PasswordFolder {
  const folder = resolve(out);
  const pathOf = (name: string): string => join(folder, name);
  if (!dryRun) proveWritable(folder);

  const keep = (name: string, password: string): void =>
    writeSecretly(pathOf(name), password, `The password ${name} could not be written; nothing was given to OpenHIM.`);

  return {
    pathOf,
    keep,
    known(name) {
      if (!existsSync(pathOf(name))) return undefined;
      try {
        return readFileSync(pathOf(name), 'utf8').trim() || undefined;
      } catch (thrown) {
        throw new UsageError(`The file ${name} in --out cannot be read (${errorCode(thrown)}).`);
      }
    },
    renew(name) {
      const password = randomBytes(24).toString('base64url');
      keep(name, password);
      return password;
    },
  };
}
