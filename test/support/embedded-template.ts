import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Puts an empty store into a data folder that has none yet: to make one takes seconds, to copy one does not. It is made
 * from nothing once, before all tests (jest.global-setup.js); outside Jest this does nothing.
 */
export function copyTemplate(dataDir: string): void {
  const template = process.env['EMBEDDED_STORE_TEMPLATE'];
  const target = join(dataDir, 'pglite');
  if (template === undefined || existsSync(target)) return;
  if (!existsSync(join(template, 'PG_VERSION'))) throw new Error(`${template} is no store`);
  cpSync(template, target, { recursive: true });
}
