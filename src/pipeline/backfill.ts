import type { Settings } from '../config/index.js';
import type { NationalIdSystems } from '../national-id/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { Accept } from '../vital-events/index.js';
import { createAccept } from './accept.js';
import { asStoreFailure, guardedStore } from './guarded-store.js';
import { outwardKeys } from './outward-key.js';
import { startPgBossJobs } from './pg-boss-jobs.js';
import {
  connect,
  createLeases,
  createNotes,
  createStores,
  type Database,
  keepIndexKey,
  type LostPayloads,
  NO_REPORTS,
  type Notes,
  openDatabase,
} from './store/index.js';

/** How registrations come in that nobody delivered: found at OpenCRVS, or exported from it. */
export interface Backfill {
  /** As for a delivery, under the same key; what is delivered meanwhile goes first. */
  readonly accept: Accept;
  /** Which of these event keys are not here, or are here without a record that can be read. */
  lacking(eventKeys: readonly string[]): Promise<ReadonlySet<string>>;
  readonly notes: Notes;
  /** Takes or prolongs a lease; false while another process holds it. */
  hold(name: string, holder: string, forMs: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}

/** Below that of deliveries. */
const FOUND_LATER = -1;

/** What an event that was found later is told apart by. */
export const foundLater = (note: string) => ({ note, priority: FOUND_LATER }) as const;

export function createBackfill(
  { database, lost }: { readonly database: Database; readonly lost: LostPayloads },
  accept: Accept,
): Backfill {
  const leases = createLeases();
  const notes = createNotes(database);
  return {
    accept,
    lacking: (eventKeys) =>
      guardedStore(async () => {
        const whole = await lost.whole(database, eventKeys);
        return new Set(eventKeys.filter((key) => !whole.has(key)));
      }),
    notes: {
      read: (name) => guardedStore(() => notes.read(name)),
      write: (name, content) => guardedStore(() => notes.write(name, content)),
    },
    hold: (name, holder, forMs) => guardedStore(() => leases.hold(database, name, holder, forMs)),
    release: (name, holder) => guardedStore(() => leases.release(database, name, holder)),
  };
}

export interface OpenBackfillDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly systems: Pick<NationalIdSystems, 'current'>;
}

/**
 * Opens the store for registrations that were found later, for a command. The work on them is left to the service that
 * runs on this store, beside it or afterwards. `note` says in their history where they came from.
 *
 * @throws MediatorError `store_locked` while a service uses the embedded store, `store_unavailable`, `settings_invalid`
 *   for another INDEX_KEY
 */
export async function openBackfill(
  deps: OpenBackfillDeps,
  settings: Pick<Settings, 'store' | 'keys'>,
  options: { readonly note: string; readonly open?: () => Promise<Database> },
): Promise<Backfill & { close(): Promise<void> }> {
  const { log, systems } = deps;
  const { keys, store } = settings;
  const stores = createStores(keys);
  const database = await guardedStore(() => openDatabase(options.open ?? (() => connect(deps, store))));
  try {
    const jobs = await guardedStore(async () => {
      await keepIndexKey(createNotes(database), keys.index);
      return startPgBossJobs({ database, log }, { sendsOnly: true });
    });
    const accept = createAccept(
      {
        ...deps,
        database,
        jobs,
        ...stores,
        reports: NO_REPORTS,
        failed: asStoreFailure,
      },
      { systems, outwardKeyOf: outwardKeys(keys.index), found: foundLater(options.note) },
    );
    return {
      ...createBackfill({ database, lost: stores.lost }, accept),
      async close() {
        await jobs.stop(1_000);
        await database.close();
      },
    };
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}
