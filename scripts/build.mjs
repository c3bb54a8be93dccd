/**
 * Compiles `src` into an empty `dist`, so that nothing stale stays; a failed build leaves no `dist` at all. What
 * package.json names as a command is made executable.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';

const DIST = 'dist';

rmSync(DIST, { recursive: true, force: true });
const compiler = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmitOnError'],
  { stdio: 'inherit' },
);
const { bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const command of Object.values(bin).filter((path) => existsSync(path))) chmodSync(command, 0o755);
process.exitCode = compiler.status ?? 1;
