import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before all tests: an empty embedded store that they copy. In a process of its own, as Jest loads no modules here. */
export default function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'mediator-template-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const script = ['--import', './scripts/typescript-imports.mjs', 'test/support/make-template.ts', folder];
  const made = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...script], { stdio: 'inherit' });
  if (made.status !== 0) throw new Error('the embedded store for the tests could not be made');
  process.env.EMBEDDED_STORE_TEMPLATE = join(folder, 'pglite');
}
