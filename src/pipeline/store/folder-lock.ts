import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MediatorError } from '../../errors/index.js';

/** SQLite's code for a file that another process has locked. */
const SQLITE_BUSY = 5;

/**
 * Takes the data folder for this process. The lock is SQLite's own on a file in it: the system frees it however the
 * process ends, `kill -9` included, and it holds between containers that share the folder. Returns what releases it.
 *
 * @throws MediatorError `store_locked`
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (thrown) {
    lock.close();
    if ((thrown as { errcode?: unknown }).errcode === SQLITE_BUSY) {
      throw new MediatorError('store_locked', { message: 'DATA_DIR is in use by another process.' });
    }
    throw thrown;
  }
  return () => lock.close();
}
