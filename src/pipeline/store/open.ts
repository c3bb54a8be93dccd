import type { StoreSettings } from '../../config/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { Database } from './database.js';
import { openEmbedded } from './embedded.js';
import { openPostgres } from './postgres.js';
import { migrate } from './schema.js';

/**
 * Connects to the configured database.
 *
 * @throws MediatorError `store_locked`
 */
export async function connect(deps: { readonly log: Logger }, store: StoreSettings): Promise<Database> {
  return store.kind === 'postgres' ? openPostgres(deps, store.url, store) : openEmbedded(store.dataDir);
}

/**
 * Connects and brings the schema up to date.
 *
 * @throws what `connecting` throws, and the driver where the server cannot be reached
 */
export async function openDatabase(connecting: () => Promise<Database>): Promise<Database> {
  const database = await connecting();
  try {
    await migrate(database);
    return database;
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}
