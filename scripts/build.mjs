/** Compiles `src` into an empty `dist`, so that nothing stale stays; a failed build leaves no `dist` at all. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const DIST = 'dist';

rmSync(DIST, { recursive: true, force: true });
const compiler = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--noEmitOnError'],
  { stdio: 'inherit' },
);
process.exitCode = compiler.status ?? 1;
