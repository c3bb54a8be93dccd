import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Problem } from './problems.js';

export interface EncryptionKey {
  /** Kept beside each text it encrypted, so that keys can rotate. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

const KeyFile = z.object({ dataEncryptionKey: z.string(), indexKey: z.string() });

/**
 * Parses `DATA_ENCRYPTION_KEY`: 32 bytes in base64 (id `default`), or several as `id:base64` separated by commas.
 * Adds a problem and returns undefined when it is not of that form.
 */
export function parseEncryptionKeys(
  given: string,
  problems: Problem[],
): readonly [EncryptionKey, ...EncryptionKey[]] | undefined {
  const keys = given.split(',').map((part) => {
    const [, id = 'default', encoded = ''] = /^(?:([A-Za-z0-9_.-]+):)?([A-Za-z0-9+/_-]+=*)$/.exec(part.trim()) ?? [];
    return { id, key: Buffer.from(encoded, 'base64') };
  });
  const [first, ...rest] = keys;
  const distinct = new Set(keys.map(({ id }) => id)).size === keys.length;
  if (first === undefined || !distinct || keys.some(({ key }) => key.length !== 32)) {
    problems.push({ setting: 'DATA_ENCRYPTION_KEY', expected: '32 bytes in base64, or distinct id:base64 pairs' });
    return undefined;
  }
  return [first, ...rest];
}

/**
 * The keys of an embedded store outside production: made at its first start and kept beside it with mode 0600, so that
 * a trial needs no set-up and a restart can read its data again.
 */
export function embeddedStoreKeys(
  dataDir: string,
  problems: Problem[],
): { readonly dataEncryptionKey: string; readonly indexKey: string } | undefined {
  const path = join(dataDir, 'keys.json');
  try {
    mkdirSync(dataDir, { recursive: true });
    const fresh = {
      dataEncryptionKey: randomBytes(32).toString('base64'),
      indexKey: randomBytes(32).toString('base64'),
    };
    try {
      writeFileSync(path, `${JSON.stringify(fresh)}\n`, { mode: 0o600, flag: 'wx' });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    }
    return KeyFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    problems.push({ setting: 'DATA_DIR', expected: 'a writable folder with an intact keys.json' });
    return undefined;
  }
}
