import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MediatorError } from '../errors/index.js';
import { UsageError } from './command.js';
import { errorCode } from './error-code.js';

/**
 * Makes sure now that files can be written: later there is a secret that is shown once.
 *
 * @throws UsageError
 */
export function proveWritable(folder: string): void {
  const probe = join(folder, `.probe-${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '', { flag: 'wx', mode: 0o600 });
    rmSync(probe);
  } catch (thrown) {
    throw new UsageError(`The folder of --out cannot be written to (${errorCode(thrown)}).`);
  }
}

/**
 * Writes a secret: its file appears whole or not at all, and nobody else may read it at any moment.
 *
 * @throws MediatorError with the words `otherwise`
 */
export function writeSecretly(path: string, value: string, otherwise: string): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, value, { flag: 'wx', mode: 0o600 });
    renameSync(draft, path);
  } catch (thrown) {
    throw new MediatorError('internal_error', { message: `${otherwise} (${errorCode(thrown)})` });
  }
}
