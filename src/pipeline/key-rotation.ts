import type { Settings } from '../config/index.js';
import type { Logger } from '../telemetry/index.js';
import { guardedStore } from './guarded-store.js';
import {
  connect,
  createAudit,
  createSealer,
  type Database,
  type KeyUse,
  keysInUse,
  openDatabase,
  type Resealed,
  resealAll,
} from './store/index.js';

/** The keys that data at rest is encrypted with. */
export interface KeyRotation {
  /** Which keys are in use, the most used first. @throws MediatorError `store_unavailable` */
  inUse(): Promise<readonly KeyUse[]>;
  /** Encrypts everything with the first key, beside a running service. @throws MediatorError `store_unavailable` */
  rotate(actor: string): Promise<Resealed>;
  close(): Promise<void>;
}

/** More rounds than a service that is at work makes necessary. */
const MOST_ROUNDS = 10;

/**
 * Opens the store for a change of keys.
 *
 * @throws MediatorError `store_locked` while a service uses the embedded store, `store_unavailable`
 */
export async function openKeyRotation(
  deps: { readonly log: Logger },
  settings: Pick<Settings, 'store' | 'keys'>,
  options: { readonly open?: () => Promise<Database> } = {},
): Promise<KeyRotation> {
  const sealer = createSealer(settings.keys.encryption);
  const audit = createAudit();
  const database = await guardedStore(() => openDatabase(options.open ?? (() => connect(deps, settings.store))));

  const rotate = async (actor: string): Promise<Resealed> => {
    let resealed = 0;
    let last: Resealed = { resealed: 0, moved: 0, unreadable: 0 };
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      last = await resealAll(database, sealer);
      resealed += last.resealed;
      if (last.moved === 0) break;
    }
    const reason = `to ${sealer.writingKeyId}: ${resealed} encrypted anew, ${last.unreadable} unreadable`;
    await audit.add(database, { actor, action: 'rotate-keys', reason });
    return { ...last, resealed };
  };

  return {
    inUse: () => guardedStore(() => keysInUse(database)),
    rotate: (actor) => guardedStore(() => rotate(actor)),
    close: () => database.close(),
  };
}
