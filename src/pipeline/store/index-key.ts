import { createHmac } from 'node:crypto';
import { MediatorError } from '../../errors/index.js';
import type { Notes } from './notes.js';

/** `unknown`: the store has not been told its key yet. */
export type IndexKeyStanding = 'same' | 'other' | 'unknown';

const NOTE = 'index-key';

const checkValueOf = (indexKey: string): string => createHmac('sha256', indexKey).update('check value').digest('hex');

/** Whether this is the key under which the store has always been used. */
export async function indexKeyStanding(notes: Pick<Notes, 'read'>, indexKey: string): Promise<IndexKeyStanding> {
  const kept = await notes.read(NOTE);
  if (kept === undefined) return 'unknown';
  return kept === checkValueOf(indexKey) ? 'same' : 'other';
}

/**
 * Keeps a store to one `INDEX_KEY`: under another, a death would not find its birth, and a repeat would become a second
 * person. The first start writes a check value down, from which the key cannot be had.
 *
 * @throws MediatorError `settings_invalid` where the store was used with another key
 */
export async function keepIndexKey(notes: Notes, indexKey: string): Promise<void> {
  const standing = await indexKeyStanding(notes, indexKey);
  if (standing === 'unknown') await notes.write(NOTE, checkValueOf(indexKey));
  if (standing !== 'other') return;
  const message = 'INDEX_KEY is not the one that this store was used with: give it the old one, it must never change.';
  throw new MediatorError('settings_invalid', { message });
}
