import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'fixtures');

/** A JSON fixture by its path below `test/fixtures`, parsed anew each time so that a test may change it. */
export function fixture<T = unknown>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;
}
