/**
 * Writes the generated part of the documentation from the code. With `--check` it writes nothing and ends with 1 when
 * a page has drifted.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { SECTIONS } from '../src/config/index.js';
import { ERROR_CODES, EXPLANATIONS } from '../src/errors/index.js';
import { ASPECTS, COMPATIBILITY } from '../test/compatibility.js';
import { compatibilityTable, errorTable, replaceGenerated, settingsTables } from './docs-tables.js';

const PAGES: Readonly<Record<string, string>> = {
  'docs/configuration.md': settingsTables(SECTIONS),
  'docs/errors.md': errorTable(ERROR_CODES, EXPLANATIONS),
  'README.md': compatibilityTable(ASPECTS, COMPATIBILITY),
};

/** As `npm run format` would leave it, so that the two never disagree. */
function formatted(path: string, page: string): string {
  const biome = 'node_modules/.bin/biome';
  return execFileSync(biome, ['format', `--stdin-file-path=${path}`], { input: page, encoding: 'utf8' });
}

const check = process.argv.includes('--check');

for (const [path, text] of Object.entries(PAGES)) {
  const present = readFileSync(path, 'utf8');
  const wanted = formatted(path, replaceGenerated(present, text));
  if (present === wanted) continue;
  if (check) {
    process.stderr.write(`${path} differs from the code: run npm run docs:generate\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, wanted);
    process.stdout.write(`${path} written\n`);
  }
}
