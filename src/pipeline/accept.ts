import { randomUUID } from 'node:crypto';
import { MediatorError } from '../errors/index.js';
import type { NationalIdSystemName } from '../national-id/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import { type Accept, type AcceptCallback, eventKey, type Incoming, personIdentifiers } from '../vital-events/index.js';
import type { Jobs } from './jobs.js';
import { mergeIntoUnsent, takeNewRequest } from './revise.js';
import type { CallbackStore, Database, EventStore, History, NewEvent, PersonIndex, Sql } from './store/index.js';

export interface AcceptDeps {
  readonly database: Database;
  readonly events: EventStore;
  readonly callbacks: CallbackStore;
  readonly persons: PersonIndex;
  readonly history: History;
  readonly jobs: Jobs;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface AcceptOptions {
  readonly system: NationalIdSystemName;
  readonly outwardKeyOf: (eventKey: string) => string;
}

/** Where a new event begins: its person, and whether it may go on at once. */
type Place = Pick<NewEvent, 'personId' | 'state' | 'code' | 'reason' | 'isDue' | 'outcome'>;

/** What is known of a delivery before its person is. */
type Facts = Omit<NewEvent, 'id' | keyof Place>;

function factsOf(incoming: Incoming, { system, outwardKeyOf }: AcceptOptions): Facts {
  const { reading, raw, transactionId, reply } = incoming;
  const key = eventKey(incoming);
  const common = { eventKey: key, transactionId, reply, system, outwardKey: outwardKeyOf(key) };
  if (reading.ok) {
    const { kind, registrationNumber, trackingId, recordId } = reading.event;
    return { ...common, kind, registrationNumber, trackingId, recordId, payload: { event: reading.event, raw } };
  }
  const { kind = 'unknown', registrationNumber, trackingId } = reading;
  return { ...common, kind, registrationNumber, trackingId, recordId: undefined, payload: { raw } };
}

/** Any failure of the database means that nothing was stored: the sender is told so and may try again. */
function storeUnavailable(thrown: unknown): MediatorError {
  if (thrown instanceof MediatorError) return thrown;
  return new MediatorError('store_unavailable', { cause: thrown, retryAfterMs: 5_000 });
}

/**
 * Stores a delivery, decides its place in the order of its person, and sends its first job, in one transaction. See
 * {@link Accept}.
 */
export function createAccept(deps: AcceptDeps, options: AcceptOptions): Accept {
  const { database, events, persons, history, jobs, callbacks, log, metrics } = deps;

  const place = async (sql: Sql, incoming: Incoming): Promise<Place> => {
    const { reading } = incoming;
    if (!reading.ok) {
      return { personId: undefined, state: 'stuck', code: reading.code, reason: reading.reason, isDue: false };
    }
    const personId = await persons.resolve(sql, personIdentifiers(reading.event));
    await persons.lock(sql, personId);
    const start = { personId, code: undefined, reason: undefined };
    if (await mergeIntoUnsent(deps, sql, reading.event, incoming.raw)) {
      return { ...start, state: 'issued', outcome: { result: 'confirmed' }, isDue: true };
    }
    const blocked = await events.blockedBy(sql, personId);
    if (blocked !== 'stuck') return { ...start, state: 'received', isDue: blocked === undefined };
    const { code, message: reason } = new MediatorError('waits_for_earlier');
    return { personId, state: 'stuck', code, reason, isDue: false };
  };

  const store = async (sql: Sql, incoming: Incoming, facts: Facts): Promise<NewEvent | undefined> => {
    await events.holdOutwardKey(sql, facts.outwardKey);
    const event = { id: randomUUID(), ...facts, ...(await place(sql, incoming)) };
    if (!(await events.insert(sql, event))) return undefined;
    if (event.reply !== undefined) await events.setReply(sql, event.id, event.reply);
    const { id: eventId, state: outcome, code, reason: note } = event;
    await history.add(sql, { eventId, step: 'accept', outcome, code, note });
    if (event.isDue) await jobs.send(sql, event.state === 'issued' ? 'deliver' : 'submit', event.id);
    // Its answer may have come first: after a restored backup, the other side knows more than we do.
    for (const callbackId of await callbacks.keptFor(sql, event.outwardKey)) await jobs.send(sql, 'answer', callbackId);
    return event;
  };

  const report = (event: NewEvent): void => {
    const { id: eventId, kind, registrationNumber, trackingId, transactionId, state } = event;
    const fields = { eventId, kind, registrationNumber, trackingId, transactionId, state };
    metrics.eventState.inc({ kind, state });
    if (state === 'stuck') {
      const reason = event.code ?? '';
      log.error({ event: 'intake.parked', ...fields, reason }, 'a delivery was kept, but an operator must look');
    } else {
      log.info({ event: 'intake.accepted', ...fields }, 'event accepted');
    }
  };

  /** A delivery of a known event: the first answer again, and its new request for an answer taken over. */
  const repeat = async (incoming: Incoming, facts: Facts): Promise<string | undefined> => {
    const known = await events.byKey(database, facts.eventKey);
    const { reply } = incoming;
    if (known === undefined || reply === undefined || reply.revision === known.replyRevision) return known?.id;
    await database.transaction((sql) => takeNewRequest(deps, sql, facts.eventKey, facts.payload, reply));
    return known.id;
  };

  return async (incoming) => {
    try {
      const facts = factsOf(incoming, options);
      const known = await repeat(incoming, facts);
      const stored = known === undefined ? await database.transaction((sql) => store(sql, incoming, facts)) : undefined;
      // Undefined after the transaction: another delivery of the same event was stored in between.
      const id = stored?.id ?? known ?? (await repeat(incoming, facts));
      if (id === undefined) throw new MediatorError('store_unavailable');
      metrics.eventAccepted.inc({ kind: facts.kind, repeat: String(stored === undefined) });
      if (stored !== undefined) report(stored);
      return { id, isRepeat: stored === undefined };
    } catch (thrown) {
      throw storeUnavailable(thrown);
    }
  };
}

/** Stores a callback and sends its job, in one transaction. See {@link AcceptCallback}. */
export function createAcceptCallback(deps: AcceptDeps, options: AcceptOptions): AcceptCallback {
  const { database, callbacks, jobs, log } = deps;
  return async (deliveryId, rawBody) => {
    const id = randomUUID();
    try {
      const isNew = await database.transaction(async (sql) => {
        if (!(await callbacks.insert(sql, id, options.system, deliveryId, rawBody))) return false;
        await jobs.send(sql, 'answer', id);
        return true;
      });
      log.info({ event: isNew ? 'callback.accepted' : 'callback.repeated', correlationId: id }, 'callback stored');
    } catch (thrown) {
      throw storeUnavailable(thrown);
    }
  };
}
