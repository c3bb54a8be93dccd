import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, textOf } from './repository.js';

/** The documents for people who run the service: the first page and everything directly in `docs`. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The code blocks of a document in one language. */
export function codeBlocks(document: string, language: string): string[] {
  const blocks = textOf(document).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'));
  return [...blocks].map(([, code = '']) => code);
}
