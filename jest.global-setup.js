import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Before all tests: the stores that they copy, in a process of their own, as Jest loads no modules here. */
export default async function setUp() {
  const script = ['--import', './scripts/typescript-imports.mjs', 'test/support/shared-stores.ts'];
  const stores = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(stores.stdout);
  const [line] = await Promise.race([once(lines, 'line'), once(stores, 'exit').then(() => [])]);
  if (line === undefined) throw new Error('the stores for the tests could not be made');
  const { embedded, postgres } = JSON.parse(line);
  process.env.EMBEDDED_STORE_TEMPLATE = embedded;
  process.env.SHARED_POSTGRES = postgres;
  globalThis.sharedStores = stores;
}
