import { z } from 'zod';
import type { NationalIdSystemName } from '../../national-id/index.js';
import { type Identity, Outcome, type ReplyAddress, VitalEvent } from '../../vital-events/index.js';
import { IN_FLIGHT, type State } from '../states.js';
import type { Sql } from './database.js';
import type { Sealer } from './sealer.js';

/** What is stored of a delivery: the event as it was understood (or not), and the bytes that came. */
const Payload = z.object({ event: VitalEvent.optional(), raw: z.string() });

export type EventPayload = z.input<typeof Payload>;

/** Why a `to`: JSON has no undefined at its top. */
const Reply = z.object({ to: z.unknown() });

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
  readonly state: 'received' | 'issued' | 'stuck';
  readonly code: string | undefined;
  readonly reason: string | undefined;
  /** False while the event waits for an earlier one of the same person. */
  readonly isDue: boolean;
  readonly payload: EventPayload;
  readonly outcome?: Outcome | undefined;
  readonly reply: ReplyAddress | undefined;
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
  /** True once the national ID system has answered: an identity may exist. */
  readonly isAnswered: boolean;
  /** Which request for an answer is open. */
  readonly replyRevision: string | undefined;
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
  readonly issued_at: Date | null;
  readonly reply_revision: string | null;
  readonly version: number;
}

const COLUMNS = `id, seq::text, event_key, kind, registration_number, tracking_id, person_id, transaction_id, state, code,
  reason, system, outward_key, tries, failures, (extract(epoch from now() - failing_since) * 1000)::bigint::text as failing_ms,
  told_at, issued_at, reply_revision, version`;

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
  isAnswered: row.issued_at !== null,
  replyRevision: row.reply_revision ?? undefined,
  version: row.version,
});

export interface EventStore {
  /** Stores a new event; false when one with this key is there already, which is left as it is. */
  insert(sql: Sql, event: NewEvent): Promise<boolean>;
  byKey(sql: Sql, eventKey: string): Promise<EventRow | undefined>;
  /** Held until the transaction ends. */
  lockByKey(sql: Sql, eventKey: string): Promise<EventRow | undefined>;
  get(sql: Sql, id: string): Promise<EventRow | undefined>;
  /**
   * Holds the key itself until the transaction ends: an event and the answer to it that are stored at the same moment
   * would otherwise not see each other.
   */
  holdOutwardKey(sql: Sql, outwardKey: string): Promise<void>;
  /** Held until the transaction ends, so that no step moves it meanwhile. */
  lockByOutwardKey(sql: Sql, outwardKey: string): Promise<EventRow | undefined>;
  /** Counts a call to the national ID system before it is made; undefined unless the event is due for it. */
  beginTry(sql: Sql, id: string): Promise<EventRow | undefined>;
  /** Binds an event that was never sent to the system now configured. */
  assign(sql: Sql, event: EventRow, system: NationalIdSystemName, outwardKey: string): Promise<EventRow>;
  /** Applies a change, fenced by the version that the step has read; false when the event moved meanwhile. */
  move(sql: Sql, event: EventRow, change: Change): Promise<boolean>;
  /** Puts what a later delivery says in the place of what was stored. */
  replacePayload(sql: Sql, id: string, payload: EventPayload): Promise<void>;
  /** Makes this the request for an answer that is open; an earlier one is forgotten. */
  setReply(sql: Sql, id: string, reply: ReplyAddress): Promise<void>;
  /** Where the answer goes; undefined where the source does not wait for one. @throws MediatorError `payload_lost` */
  replyTo(sql: Sql, id: string): Promise<unknown>;
  /** The numbers that the person was given, as far as they are still kept. @throws MediatorError `payload_lost` */
  knownIdentity(sql: Sql, personId: string): Promise<Identity | undefined>;
  /** Events whose open request for an answer ends within `withinMs`, the soonest first. */
  replyingBefore(sql: Sql, withinMs: number, limit: number): Promise<readonly EventRow[]>;
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
      const outcome = event.outcome === undefined ? undefined : sealer.seal(event.id, event.outcome);
      const rows = await sql.query(
        `insert into mediator.event (id, event_key, kind, registration_number, tracking_id, record_id, person_id,
           transaction_id, state, code, reason, system, outward_key, payload_sealed, payload_key_id, next_action_at,
           outcome_sealed, outcome_key_id, issued_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text, $10, $11, $12, $13, $14, $15,
           case when $16::boolean then now() end, $17, $18, case when $9 = 'issued' then now() end)
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
          outcome?.bytes ?? null,
          outcome?.keyId ?? null,
        ],
      );
      return rows.length === 1;
    },
    byKey: (sql, eventKey) => one(sql, `select ${COLUMNS} from mediator.event where event_key = $1`, [eventKey]),
    lockByKey: (sql, eventKey) =>
      one(sql, `select ${COLUMNS} from mediator.event where event_key = $1 for update`, [eventKey]),
    get: (sql, id) => one(sql, `select ${COLUMNS} from mediator.event where id = $1`, [id]),
    async holdOutwardKey(sql, outwardKey) {
      await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [outwardKey]);
    },
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
           -- Once it is told, or too late, nobody waits for an answer: the token in it goes.
           reply_before = case when $11::boolean then null else reply_before end,
           reply_sealed = case when $11::boolean then null else reply_sealed end,
           reply_key_id = case when $11::boolean then null else reply_key_id end,
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
          change.state === 'settled' || change.isTold === true || change.code === 'reply_expired',
        ],
      );
      return rows.length === 1;
    },
    async replacePayload(sql, id, payload) {
      const { bytes, keyId } = sealer.seal(id, payload);
      await sql.query('update mediator.event set payload_sealed = $2, payload_key_id = $3 where id = $1', [
        id,
        bytes,
        keyId,
      ]);
    },
    async setReply(sql, id, { to, revision, before }) {
      const { bytes, keyId } = sealer.seal(id, { to });
      await sql.query(
        `update mediator.event set reply_revision = $2, reply_sealed = $3, reply_key_id = $4,
           reply_before = to_timestamp($5::double precision / 1000) where id = $1`,
        [id, revision, bytes, keyId, before ?? null],
      );
    },
    async replyTo(sql, id) {
      const [row] = await sql.query<{ bytes: Uint8Array | null; key_id: string | null }>(
        'select reply_sealed as bytes, reply_key_id as key_id from mediator.event where id = $1',
        [id],
      );
      if (row === undefined || row.bytes === null) return undefined;
      return Reply.parse(sealer.open(id, { bytes: row.bytes, keyId: row.key_id ?? '' })).to;
    },
    async knownIdentity(sql, personId) {
      const [row] = await sql.query<{ id: string }>(
        `select id from mediator.event where person_id = $1 and kind = 'birth' and issued_at is not null
           and outcome_sealed is not null order by seq desc limit 1`,
        [personId],
      );
      if (row === undefined) return undefined;
      const outcome = Outcome.parse(await unseal(sql, row.id, 'outcome'));
      return outcome.result === 'issued' ? outcome.identity : undefined;
    },
    async replyingBefore(sql, withinMs, limit) {
      const rows = await sql.query<Row>(
        `select ${COLUMNS} from mediator.event where reply_before < now() + $1::double precision * interval '1 millisecond'
         order by reply_before limit $2`,
        [withinMs, limit],
      );
      return rows.map(toEventRow);
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
