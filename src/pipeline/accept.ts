import { randomUUID } from 'node:crypto';
import { MediatorError } from '../errors/index.js';
import type { NationalIdSystems } from '../national-id/index.js';
import type { Logger } from '../telemetry/index.js';
import { type Accept, eventKey, type Incoming, personIdentifiers } from '../vital-events/index.js';
import { createBatcher } from './batcher.js';
import type { OutwardKeyOf } from './outward-key.js';
import { createRepeat, type RepeatDeps } from './repeat.js';
import { mergeIntoUnsent } from './revise.js';
import type { CallbackStore, NewEvent, Sql } from './store/index.js';

export interface AcceptDeps extends RepeatDeps {
  readonly callbacks: CallbackStore;
  readonly log: Logger;
  /** What a failure of the database means: nothing was stored, and the sender is told so and may try again. */
  readonly failed: (thrown: unknown) => MediatorError;
}

export interface AcceptOptions {
  readonly systems: Pick<NationalIdSystems, 'current'>;
  readonly outwardKeyOf: OutwardKeyOf;
  /** For what was not delivered but found later: where, for its history, and the priority of its jobs. */
  readonly found?: { readonly note: string; readonly priority: number };
}

/** One commit for all deliveries that came while the last one was under way: that is what makes intake quick. */
const BATCH = { max: 200, parallel: 2 } as const;

/** Where an event goes on from the state that it is stored in. */
const FIRST_STEPS = [
  ['submit', 'received'],
  ['deliver', 'issued'],
] as const;

/** Where a new event begins: its person, and whether it may go on at once. */
type Place = Pick<NewEvent, 'personId' | 'state' | 'code' | 'reason' | 'isDue' | 'outcome'>;

/** A delivery with all that is known of it before its person is. */
type Candidate = Omit<NewEvent, keyof Place> & { readonly incoming: Incoming };

type Accepted = Awaited<ReturnType<Accept>>;

/** Two of them make a key, and an index of PostgreSQL takes no more than 2,700 bytes. */
const LONGEST_NUMBER = 300;

/** PostgreSQL stores neither NUL in a text, nor half of a character. */
const canBeStored = (text: string): boolean =>
  text.length <= LONGEST_NUMBER && !text.includes('\0') && text.isWellFormed();

/** A record with a number that cannot be stored is kept as unreadable. */
function storable(incoming: Incoming): Incoming {
  const { reading } = incoming;
  const { registrationNumber, trackingId } = reading.ok ? reading.event : reading;
  const recordId = reading.ok ? reading.event.recordId : undefined;
  const revision = reading.ok && 'revision' in reading.event ? reading.event.revision : undefined;
  const numbers = [registrationNumber, trackingId, recordId, revision].filter((text) => text !== undefined);
  if (numbers.every(canBeStored)) return incoming;
  const reason = 'A number of the record is too long, or holds a character that cannot be stored.';
  return { ...incoming, reading: { ok: false, code: 'event_unreadable', reason } };
}

function candidateOf(given: Incoming, { systems, outwardKeyOf, found }: AcceptOptions): Candidate {
  const system = systems.current();
  const incoming = storable(given);
  const { reading, raw, transactionId, reply } = incoming;
  const key = eventKey(incoming);
  const common = {
    id: randomUUID(),
    incoming,
    eventKey: key,
    transactionId,
    reply,
    system: system.name,
    outwardKey: outwardKeyOf(system, key),
    priority: found?.priority,
  };
  if (reading.ok) {
    const { kind, registrationNumber, trackingId, recordId } = reading.event;
    return { ...common, kind, registrationNumber, trackingId, recordId, payload: { event: reading.event, raw } };
  }
  const { kind = 'unknown', registrationNumber, trackingId } = reading;
  return { ...common, kind, registrationNumber, trackingId, recordId: undefined, payload: { raw } };
}

/**
 * Stores deliveries, decides their place in the order of their persons, and sends their first jobs: those that come at
 * the same time in one transaction. See {@link Accept}.
 */
export function createAccept(deps: AcceptDeps, options: AcceptOptions): Accept {
  const { database, events, persons, history, jobs, callbacks, reports, log, metrics } = deps;

  const add = async (sql: Sql, added: readonly NewEvent[]): Promise<readonly NewEvent[]> => {
    if (added.length === 0) return [];
    const ids = await events.insert(sql, added);
    const stored = added.filter(({ id }) => ids.has(id));
    const entries = stored.map(({ id: eventId, state: outcome, code, reason: note, transactionId }) => ({
      eventId,
      step: 'accept',
      outcome,
      code,
      note: note ?? options.found?.note,
      transactionId,
    }));
    await history.add(sql, ...entries);
    for (const [queue, state] of FIRST_STEPS) {
      const due = stored.filter((event) => event.isDue && event.state === state);
      await jobs.send(
        sql,
        queue,
        due.map(({ id }) => id),
        0,
        options.found?.priority,
      );
    }
    return stored;
  };

  /** The place of an event of a person who is known: behind what is on its way, or in the place of what was not sent. */
  const placeAmong = async (sql: Sql, { incoming }: Candidate, personId: string): Promise<Place> => {
    await persons.lock(sql, personId);
    const start = { personId, code: undefined, reason: undefined };
    if (incoming.reading.ok && (await mergeIntoUnsent(deps, sql, incoming.reading.event, incoming.raw))) {
      return { ...start, state: 'issued', outcome: { result: 'confirmed' }, isDue: true };
    }
    const blocked = await events.blockedBy(sql, personId);
    if (blocked !== 'stuck') return { ...start, state: 'received', isDue: blocked === undefined };
    const { code, message: reason } = new MediatorError('waits_for_earlier');
    return { personId, state: 'stuck', code, reason, isDue: false };
  };

  const storeAll = async (sql: Sql, candidates: readonly Candidate[]): Promise<readonly NewEvent[]> => {
    await events.holdOutwardKeys(
      sql,
      candidates.map(({ outwardKey }) => outwardKey),
    );
    const readable = candidates.flatMap((candidate) =>
      candidate.incoming.reading.ok ? [{ candidate, event: candidate.incoming.reading.event }] : [],
    );
    const resolved = await persons.resolve(
      sql,
      readable.map(({ event }) => personIdentifiers(event)),
    );
    const placed = readable.map(({ candidate }, index) => ({ candidate, person: resolved[index] }));

    const alone: NewEvent[] = candidates.flatMap((candidate) => {
      const { reading } = candidate.incoming;
      const { code, reason } = reading.ok ? {} : reading;
      return reading.ok
        ? []
        : [{ ...candidate, personId: undefined, state: 'stuck', code, reason, isDue: false } as const];
    });
    const among: { candidate: Candidate; personId: string }[] = [];
    for (const { candidate, person } of placed) {
      if (person === undefined) continue;
      const start = { personId: person.personId, code: undefined, reason: undefined };
      if (person.isNew) alone.push({ ...candidate, ...start, state: 'received', isDue: true });
      else among.push({ candidate, personId: person.personId });
    }
    const stored = [...(await add(sql, alone))];
    // By person, so that two transactions take the persons' locks in one order; the sort keeps the order of a person.
    for (const { candidate, personId } of among.toSorted((a, b) => a.personId.localeCompare(b.personId))) {
      stored.push(...(await add(sql, [{ ...candidate, ...(await placeAmong(sql, candidate, personId)) }])));
    }
    await reports.expect(sql, stored);
    // Their answers may have come first: after a restored backup, the other side knows more than we do.
    await jobs.send(
      sql,
      'answer',
      await callbacks.keptFor(
        sql,
        stored.map(({ outwardKey }) => outwardKey),
      ),
    );
    return stored;
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

  const repeat = createRepeat(deps);

  const acceptAll = async (incoming: readonly Incoming[]): Promise<readonly Accepted[]> => {
    const candidates = incoming.map((one) => candidateOf(one, options));
    const known = new Map(await repeat(candidates));
    const firstOfKey = new Map(candidates.toReversed().map((candidate) => [candidate.eventKey, candidate]));
    const fresh = [...firstOfKey.values()].filter((candidate) => !known.has(candidate.eventKey)).toReversed();
    const stored = fresh.length === 0 ? [] : await database.transaction((sql) => storeAll(sql, fresh));
    const isStored = new Set(stored.map(({ id }) => id));
    // Those that came again beside their first delivery, in this batch or another.
    const others = candidates.filter((candidate) => !known.has(candidate.eventKey) && !isStored.has(candidate.id));
    const late = others.length === 0 ? new Map<string, string>() : await repeat(others);
    for (const event of stored) report(event);
    return candidates.map(({ id: ownId, eventKey: key, kind }) => {
      const isRepeat = !isStored.has(ownId);
      const id = isRepeat ? (known.get(key) ?? late.get(key)) : ownId;
      if (id === undefined) throw new MediatorError('store_unavailable');
      metrics.eventAccepted.inc({ kind, repeat: String(isRepeat) });
      return { id, isRepeat };
    });
  };

  const together = createBatcher(acceptAll, BATCH);

  return async (incoming) => {
    try {
      return await together(incoming);
    } catch {
      // One delivery may have spoiled the batch: alone, each fails or succeeds for itself.
      const [accepted] = await acceptAll([incoming]).catch((thrown: unknown) => {
        throw deps.failed(thrown);
      });
      if (accepted === undefined) throw new MediatorError('store_unavailable');
      return accepted;
    }
  };
}
