import { type Change, USER_PASSWORD } from '../../openhim/index.js';
import { INBOUND, PREVIOUS } from './inbound.js';
import type { PasswordFolder } from './password-folder.js';

const WORDS: Readonly<Record<Change['result'], { readonly done: string; readonly planned: string }>> = {
  unchanged: { done: 'unchanged', planned: 'unchanged' },
  created: { done: 'created', planned: 'would be created' },
  repaired: { done: 'repaired', planned: 'would be repaired' },
  'not-known': { done: 'unchanged, its password is not in --out', planned: 'unchanged, its password is not in --out' },
  waits: { done: 'waits', planned: 'would wait' },
};

/** One line for each object. */
export function tableOf(changes: readonly Change[], { dryRun }: { readonly dryRun: boolean }): string {
  const width = Math.max(...changes.map(({ object }) => object.length));
  return changes
    .map(({ object, result, why }) => {
      const word = WORDS[result][dryRun ? 'planned' : 'done'];
      return `${object.padEnd(width)}   ${word}${why === undefined ? '' : `: ${why}`}\n`;
    })
    .join('');
}

/** The lines of the environment by which the service finds what was set up, without secrets. */
export function environmentOf(folder: PasswordFolder, values: Readonly<Record<string, string | undefined>>): string {
  const plain = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]));
  const files = [USER_PASSWORD, INBOUND, PREVIOUS]
    .filter((name) => folder.known(name) !== undefined)
    .map((name) => `${name}_FILE=${folder.pathOf(name)}\n`);
  return [...plain, ...files].join('');
}
