import { randomUUID } from 'node:crypto';
import type { NationalIdSystemName } from '../national-id/index.js';
import type { Logger } from '../telemetry/index.js';
import type { AcceptCallback } from '../vital-events/index.js';
import { storeUnavailable } from './accept.js';
import type { Jobs } from './jobs.js';
import type { CallbackStore, Database } from './store/index.js';

export interface AcceptCallbackDeps {
  readonly database: Database;
  readonly callbacks: CallbackStore;
  readonly jobs: Jobs;
  readonly log: Logger;
}

/** Stores a callback and sends its job, in one transaction. See {@link AcceptCallback}. */
export function createAcceptCallback(
  { database, callbacks, jobs, log }: AcceptCallbackDeps,
  options: { readonly system: NationalIdSystemName },
): AcceptCallback {
  return async (deliveryId, rawBody) => {
    const id = randomUUID();
    try {
      const isNew = await database.transaction(async (sql) => {
        if (!(await callbacks.insert(sql, id, options.system, deliveryId, rawBody))) return false;
        await jobs.send(sql, 'answer', [id]);
        return true;
      });
      log.info({ event: isNew ? 'callback.accepted' : 'callback.repeated', correlationId: id }, 'callback stored');
    } catch (thrown) {
      throw storeUnavailable(thrown);
    }
  };
}
