import { restorePayload, takeNewRequest } from './revise.js';
import type { ChangeDeps } from './steps/step.js';
import type { Connections, LostPayloads, NewEvent } from './store/index.js';

export interface RepeatDeps extends ChangeDeps {
  /** Those of the intake. */
  readonly database: Connections;
  readonly lost: LostPayloads;
}

type Delivered = Pick<NewEvent, 'eventKey' | 'payload' | 'reply' | 'transactionId'>;

/** Those of the deliveries whose events are stored already, by their keys: the ids of these events. */
export type Repeat = (deliveries: readonly Delivered[]) => Promise<ReadonlyMap<string, string>>;

/**
 * What the repeat of a delivery does beside giving the first answer again: a new request for an answer is taken over, a
 * record takes the place of one that cannot be opened any more, and a rerun becomes one more transaction of its event.
 */
export function createRepeat({ database, lost, ...deps }: RepeatDeps): Repeat {
  const { events, history, reports } = deps;

  return async (deliveries) => {
    const keys = deliveries.map((delivery) => delivery.eventKey);
    const known = await events.known(database, keys);
    const byKey = new Map(known.map((event) => [event.eventKey, event]));
    const lostKeys = known.length === 0 ? new Set<string>() : await lost.among(database, keys);
    for (const { eventKey: key, payload, reply, transactionId } of deliveries) {
      const event = byKey.get(key);
      if (event === undefined) continue;
      if (lostKeys.has(key) && payload.event !== undefined) {
        await database.transaction((sql) => restorePayload(deps, sql, key, payload));
      }
      // A rerun: another transaction of the same event, which ends as the first one does.
      if (transactionId !== undefined) {
        await reports.expect(database, [{ id: event.id, transactionId }]);
        await history.add(database, { eventId: event.id, step: 'accept', outcome: 'repeated', transactionId });
      }
      if (reply !== undefined && reply.revision !== event.replyRevision) {
        await database.transaction((sql) => takeNewRequest(deps, sql, key, payload, reply));
      }
    }
    return new Map(known.map((event) => [event.eventKey, event.id]));
  };
}
