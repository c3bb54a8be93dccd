import { z } from 'zod';
import type { NationalIdSystemName } from '../../national-id/index.js';
import { Outcome, VitalEvent } from '../../vital-events/index.js';
import { IN_FLIGHT, type State } from '../states.js';
import type { Sql } from './database.js';
import type { Sealer } from './sealer.js';

/** What is stored of a delivery: the event as it was understood (or not), and the bytes that came. */
const Payload = z.object({ event: VitalEvent.optional(), raw: z.string() });

export interface NewEvent {
  readonly id: string;
  readonly eventKey: string;
  readonly kind: string;
  readonly registrationNumber: string | undefined;
  readonly trackingId: string | undefined;
  readonly recordId: string | undefined;
  readonly personId: string | undefined;
  readonly transactionId: string | undefined;
  readonly system: NationalIdSystemName;
  readonly outwardKey: string;
  readonly state: 'received' | 'stuck';
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** False while the event waits for an earlier one of the same person. */
  readonly isDue: boolean;
  readonly payload: z.input<typeof Payload>;
}

/** An event as a step sees it. */
export interface EventRow {
  readonly id: string;
  readonly seq: string;
  readonly eventKey: string;
  readonly kind: string;
  readonly registrationNumber: string | undefined;
  readonly trackingId: string | undefined;
  readonly personId: string | undefined;
  readonly transactionId: string | undefined;
  readonly state: State;
  readonly code: string | undefined;
  readonly reason: string | undefined;
  readonly system: NationalIdSystemName;
  readonly outwardKey: string;
  readonly tries: number;
  readonly failures: number;
  /** Milliseconds, by the database's clock, since the other side began to answer with failures only. */
  readonly failingForMs: number | undefined;
  readonly isTold: boolean;
  readonly version: number;
}

/** What a step makes of an event. */
export interface Change {
  readonly state: State;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly outcome?: Outcome;
  /** Milliseconds until the next step is due; undefined: none is. */
  readonly nextInMs: number | undefined;
  /** A failed try of the same step; otherwise the count of failures starts anew. */
  readonly failure?: { readonly unanswered: boolean };
  readonly isTold?: true;
}

interface Row {
  readonly id: string;
  readonly seq: string;
  readonly event_key: string;
  readonly kind: string;
  readonly registration_number: string | null;
  readonly tracking_id: string | null;
  readonly person_id: string | null;
  readonly transaction_id: string | null;
  readonly state: State;
  readonly code: string | null;
  readonly reason: string | null;
  readonly system: NationalIdSystemName;
  readonly outward_key: string;
  readonly tries: number;
  readonly failures: number;
  readonly failing_ms: string | null;
  readonly told_at: Date | null;
  readonly version: number;
}

const COLUMNS = `id, seq::text, event_key, kind, registration_number, tracking_id, person_id, transaction_id, state, code,
  reason, system, outward_key, tries, failures, (extract(epoch from now() - failing_since) * 1000)::bigint::text as failing_ms,
  told_at, version`;

const toEventRow = (row: Row): EventRow => ({
  id: row.id,
  seq: row.seq,
  eventKey: row.event_key,
  kind: row.kind,
  registrationNumber: row.registration_number ?? undefined,
  trackingId: row.tracking_id ?? undefined,
  personId: row.person_id ?? undefined,
  transactionId: row.transaction_id ?? undefined,
  state: row.state,
  code: row.code ?? undefined,
  reason: row.reason ?? undefined,
  system: row.system,
  outwardKey: row.outward_key,
  tries: row.tries,
  failures: row.failures,
  failingForMs: row.failing_ms === null ? undefined : Number(row.failing_ms),
  isTold: row.told_at !== null,
  version: row.version,
});

export interface EventStore {
  /** Stores a new event; false when one with this key is there already, which is left as it is. */
  insert(sql: Sql, event: NewEvent): Promise<boolean>;
  idOf(sql: Sql, eventKey: string): Promise<string | undefined>;
  get(sql: Sql, id: string): Promise<EventRow | undefined>;
  /** Held until the transaction ends, so that no step moves it meanwhile. */
  lockByOutwardKey(sql: Sql, outwardKey: string): Promise<EventRow | undefined>;
  /** Counts a call to the national ID system before it is made; undefined unless the event is due for it. */
  beginTry(sql: Sql, id: string): Promise<EventRow | undefined>;
  /** Binds an event that was never sent to the system now configured. */
  assign(sql: Sql, event: EventRow, system: NationalIdSystemName, outwardKey: string): Promise<EventRow>;
  /** Applies a change, fenced by the version that the step has read; false when the event moved meanwhile. */
  move(sql: Sql, event: EventRow, change: Change): Promise<boolean>;
  /** @throws MediatorError `payload_lost` when it was erased or cannot be decrypted */
  payload(sql: Sql, id: string): Promise<z.output<typeof Payload>>;
  /** @throws MediatorError `payload_lost` */
  outcome(sql: Sql, id: string): Promise<Outcome>;
  /** What a new event of the person would have to wait for: an earlier one on its way, or one that is stuck before its answer. */
  blockedBy(sql: Sql, personId: string): Promise<'in-flight' | 'stuck' | undefined>;
  /** The next event of the person that waits for an earlier one, or is stuck because of it. */
  nextWaiting(sql: Sql, personId: string): Promise<EventRow | undefined>;
  /** Events that are due, in the order of their due times, after the given one. */
  due(sql: Sql, after: Due | undefined, limit: number): Promise<readonly Due[]>;
  /** Removes the personal data of events settled longer ago than `days`; returns how many. */
  erase(sql: Sql, days: number, limit: number): Promise<number>;
}

export interface Due {
  readonly id: string;
  readonly state: State;
  /** The due time as the database writes it, to microseconds. */
  readonly dueAt: string;
}

export function createEventStore(sealer: Sealer): EventStore {
  const one = async (sql: Sql, text: string, values: readonly unknown[]): Promise<EventRow | undefined> => {
    const [row] = await sql.query<Row>(text, values);
    return row === undefined ? undefined : toEventRow(row);
  };

  const unseal = async (sql: Sql, id: string, part: 'payload' | 'outcome'): Promise<unknown> => {
    const [row] = await sql.query<{ bytes: Uint8Array | null; key_id: string | null }>(
      `select ${part}_sealed as bytes, ${part}_key_id as key_id from mediator.event where id = $1`,
      [id],
    );
    return sealer.open(id, { bytes: row?.bytes ?? new Uint8Array(), keyId: row?.key_id ?? '' });
  };

  return {
    async insert(sql, event) {
      const sealed = sealer.seal(event.id, event.payload);
      const rows = await sql.query(
        `insert into mediator.event (id, event_key, kind, registration_number, tracking_id, record_id, person_id,
           transaction_id, state, code, reason, system, outward_key, payload_sealed, payload_key_id, next_action_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, case when $16::boolean then now() end)
         on conflict (event_key) do nothing returning id`,
        [
          event.id,
          event.eventKey,
          event.kind,
          event.registrationNumber ?? null,
          event.trackingId ?? null,
          event.recordId ?? null,
          event.personId ?? null,
          event.transactionId ?? null,
          event.state,
          event.code ?? null,
          event.reason ?? null,
          event.system,
          event.outwardKey,
          sealed.bytes,
          sealed.keyId,
          event.isDue,
        ],
      );
      return rows.length === 1;
    },
    async idOf(sql, eventKey) {
      const [row] = await sql.query<{ id: string }>('select id from mediator.event where event_key = $1', [eventKey]);
      return row?.id;
    },
    get: (sql, id) => one(sql, `select ${COLUMNS} from mediator.event where id = $1`, [id]),
    lockByOutwardKey: (sql, outwardKey) =>
      one(sql, `select ${COLUMNS} from mediator.event where outward_key = $1 for update`, [outwardKey]),
    beginTry: (sql, id) =>
      one(
        sql,
        `update mediator.event set tries = tries + 1, version = version + 1, updated_at = now()
         where id = $1 and state = 'received' and next_action_at is not null returning ${COLUMNS}`,
        [id],
      ),
    async assign(sql, event, system, outwardKey) {
      const assigned = await one(
        sql,
        `update mediator.event set system = $3, outward_key = $4, version = version + 1
         where id = $1 and version = $2 returning ${COLUMNS}`,
        [event.id, event.version, system, outwardKey],
      );
      return assigned ?? event;
    },
    async move(sql, event, change) {
      const outcome = change.outcome === undefined ? undefined : sealer.seal(event.id, change.outcome);
      const rows = await sql.query(
        `update mediator.event set
           state = $3::text, code = $4, reason = $5,
           next_action_at = now() + $6::double precision * interval '1 millisecond',
           failures = case when $7::boolean is null then 0 else failures + 1 end,
           failing_since = case when $7::boolean is false then coalesce(failing_since, now()) end,
           outcome_sealed = coalesce($8, outcome_sealed), outcome_key_id = coalesce($9, outcome_key_id),
           submitted_at = case when $3 = 'submitted' then coalesce(submitted_at, now()) else submitted_at end,
           issued_at = case when $3 = 'issued' then coalesce(issued_at, now()) else issued_at end,
           settled_at = case when $3 = 'settled' then now() else settled_at end,
           told_at = case when $10::boolean then now() else told_at end,
           version = version + 1, updated_at = now()
         where id = $1 and version = $2 returning id`,
        [
          event.id,
          event.version,
          change.state,
          change.code ?? null,
          change.reason ?? null,
          change.nextInMs ?? null,
          change.failure?.unanswered ?? null,
          outcome?.bytes ?? null,
          outcome?.keyId ?? null,
          change.isTold ?? false,
        ],
      );
      return rows.length === 1;
    },
    payload: async (sql, id) => Payload.parse(await unseal(sql, id, 'payload')),
    outcome: async (sql, id) => Outcome.parse(await unseal(sql, id, 'outcome')),
    async blockedBy(sql, personId) {
      const [row] = await sql.query<{ in_flight: boolean; stuck: boolean }>(
        `select bool_or(state = any($2::text[])) as in_flight, bool_or(state = 'stuck' and issued_at is null) as stuck
         from mediator.event where person_id = $1`,
        [personId, [...IN_FLIGHT]],
      );
      if (row?.in_flight === true) return 'in-flight';
      return row?.stuck === true ? 'stuck' : undefined;
    },
    nextWaiting: (sql, personId) =>
      one(
        sql,
        `select ${COLUMNS} from mediator.event
         where person_id = $1 and ((state = 'received' and next_action_at is null)
           or (state = 'stuck' and code = 'waits_for_earlier')) order by seq limit 1`,
        [personId],
      ),
    async due(sql, after, limit) {
      const rows = await sql.query<{ id: string; state: State; due_at: string }>(
        `select id, state, next_action_at::text as due_at from mediator.event
         where next_action_at <= now() and (next_action_at, id) > ($1::timestamptz, $2::uuid)
         order by next_action_at, id limit $3`,
        [after?.dueAt ?? '-infinity', after?.id ?? '00000000-0000-0000-0000-000000000000', limit],
      );
      return rows.map((row) => ({ id: row.id, state: row.state, dueAt: row.due_at }));
    },
    async erase(sql, days, limit) {
      const rows = await sql.query(
        `update mediator.event set payload_sealed = null, payload_key_id = null, outcome_sealed = null, outcome_key_id = null
         where id in (select id from mediator.event where settled_at < now() - $1::integer * interval '1 day'
                      and payload_sealed is not null limit $2) returning id`,
        [days, limit],
      );
      return rows.length;
    },
  };
}
