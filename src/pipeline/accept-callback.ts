import { randomUUID } from 'node:crypto';
import type { MediatorError } from '../errors/index.js';
import type { AcceptCallback } from '../national-id/index.js';
import type { Logger } from '../telemetry/index.js';
import type { Jobs } from './jobs.js';
import type { CallbackStore, Connections } from './store/index.js';

export interface AcceptCallbackDeps {
  /** Those of the intake. */
  readonly database: Connections;
  readonly callbacks: CallbackStore;
  readonly jobs: Jobs;
  readonly log: Logger;
  /** What a failure of the database means to the sender. */
  readonly failed: (thrown: unknown) => MediatorError;
}

/** Stores a callback and sends its job, in one transaction. See {@link AcceptCallback}. */
export function createAcceptCallback({ database, callbacks, jobs, log, failed }: AcceptCallbackDeps): AcceptCallback {
  return async (system, deliveryId, rawBody) => {
    const id = randomUUID();
    try {
      const isNew = await database.transaction(async (sql) => {
        if (!(await callbacks.insert(sql, id, system, `${system}:${deliveryId}`, rawBody))) return false;
        await jobs.send(sql, 'answer', [id]);
        return true;
      });
      log.info({ event: isNew ? 'callback.accepted' : 'callback.repeated', correlationId: id }, 'callback stored');
    } catch (thrown) {
      throw failed(thrown);
    }
  };
}
