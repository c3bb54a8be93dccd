import { MediatorError } from '../errors/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { HealthCheck, Logger } from '../telemetry/index.js';
import type { Database } from './store/index.js';

export interface StoreWatchDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly check: HealthCheck;
}

export interface StoreWatch extends Pick<Repeater, 'stop'> {
  /** Told what the intake met; it is passed on in our words. */
  failed(thrown: unknown): MediatorError;
}

const EVERY_MS = 5_000;
/** About a page of the table, so that a disk without room for one more refuses it. */
const FILLER = 'x'.repeat(7_000);

/** PostgreSQL's classes "insufficient resources" and "system error", and "read-only transaction". */
const CANNOT_WRITE = /^(?:53|58)|^25006$/;

function cannotWrite(thrown: unknown): boolean {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' && CANNOT_WRITE.test(code);
}

/** Undoes what was tried. */
class Tried extends Error {}

/**
 * Watches whether the store can be written and tells readiness. A database that answers and takes no writes (a full
 * disk, a standby) is as good as away; where a write has failed, only one that succeeds shows that it is back.
 */
export function startStoreWatch({ database, clock, log, check }: StoreWatchDeps): StoreWatch {
  let isSuspect = false;

  const tryToWrite = async (): Promise<void> => {
    const trial = database.transaction(async (sql) => {
      await sql.query('insert into mediator.probe (filler) values ($1)', [FILLER]);
      throw new Tried();
    });
    await trial.catch((thrown: unknown) => {
      if (!(thrown instanceof Tried)) throw thrown;
    });
  };

  const watch = repeat(clock, async () => {
    try {
      const [row] = await database.query<{ read_only: string }>(
        `select current_setting('transaction_read_only') as read_only`,
      );
      const isReadOnly = row?.read_only === 'on';
      if (isSuspect && !isReadOnly) {
        await tryToWrite();
        isSuspect = false;
      }
      if (isReadOnly) check.report('down', 'The store takes no writes.');
      else check.report('ok');
    } catch (thrown) {
      check.report('down', isSuspect ? 'The store takes no writes.' : 'The store does not answer.');
      log.warn({ event: 'store.unavailable', err: thrown }, 'the store does not answer, or takes no writes');
    }
    return EVERY_MS;
  });

  return {
    failed(thrown) {
      if (thrown instanceof MediatorError) return thrown;
      if (cannotWrite(thrown)) {
        isSuspect = true;
        check.report('down', 'The store takes no writes.');
      }
      log.warn({ event: 'store.unavailable', err: thrown }, 'a delivery could not be stored');
      return new MediatorError('store_unavailable', { cause: thrown, retryAfterMs: EVERY_MS });
    },
    stop: () => watch.stop(),
  };
}
