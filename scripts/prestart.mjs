/**
 * Runs before `npm start`: builds where the compiler is installed and a source is newer than the build. An image has
 * no compiler and starts what it holds.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BUILT = 'dist/main.js';
const COMPILER = 'node_modules/typescript/bin/tsc';
const INPUTS = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'src'];

/** Folders count too: their time changes when a file is removed. */
function newestChange(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return 0;
  const below = stats.isDirectory() ? readdirSync(path).map((name) => newestChange(join(path, name))) : [];
  return Math.max(stats.mtimeMs, ...below);
}

const builtAt = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const stale = Math.max(...INPUTS.map(newestChange)) > builtAt;
if (stale && existsSync(COMPILER)) await import('./build.mjs');
