import type { NationalIdSystemName } from '../../national-id/index.js';
import type { Outcome } from '../../vital-events/index.js';
import { IN_FLIGHT, OVER, type State } from '../states.js';
import type { Sql } from './database.js';
import { COLUMNS, type EventRow, eventRows } from './event-row.js';
import { insertEvents, type NewEvent } from './new-event.js';
import type { Sealer } from './sealer.js';

/**
 * Why a try did not succeed. `counted`: the other side answered with a failure, and for how long it may go on doing so
 * is limited. `unanswered`: nobody was there. `excused`: nothing failed, it takes no more today.
 */
export type Failure = 'counted' | 'unanswered' | 'excused';

/** What a step makes of an event. */
export interface Change {
  readonly state: State;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly outcome?: Outcome;
  /** Milliseconds until the next step is due; undefined: none is. */
  readonly nextInMs: number | undefined;
  /** Milliseconds until the national ID system is asked where a submitted event stands; undefined: it is not asked. */
  readonly pollInMs?: number | undefined;
  /** A failed try of the same step; otherwise the count of failures starts anew. */
  readonly failure?: Failure;
  readonly isTold?: true;
  /** The try ended before anything was sent: it does not count as one. */
  readonly uncounted?: boolean;
}

export interface EventStore {
  /** Stores new events; returns the ids of those whose key was not there already. What is there is left as it is. */
  insert(sql: Sql, events: readonly NewEvent[]): Promise<ReadonlySet<string>>;
  /** Which of these keys are there. */
  known(sql: Sql, eventKeys: readonly string[]): Promise<readonly EventRow[]>;
  byKey(sql: Sql, eventKey: string): Promise<EventRow | undefined>;
  /** Held until the transaction ends. */
  lockByKey(sql: Sql, eventKey: string): Promise<EventRow | undefined>;
  get(sql: Sql, id: string): Promise<EventRow | undefined>;
  /**
   * Holds the keys themselves until the transaction ends: an event and the answer to it that are stored at the same
   * moment would otherwise not see each other.
   */
  holdOutwardKeys(sql: Sql, outwardKeys: readonly string[]): Promise<void>;
  /** Held until the transaction ends, so that no step moves it meanwhile. */
  lockByOutwardKey(sql: Sql, outwardKey: string): Promise<EventRow | undefined>;
  /** Counts a call to the national ID system before it is made; undefined unless the event is due for it. */
  beginTry(sql: Sql, id: string): Promise<EventRow | undefined>;
  /** Binds an event that was never sent to the system now configured. */
  assign(sql: Sql, event: EventRow, system: NationalIdSystemName, outwardKey: string): Promise<EventRow>;
  /** Forgets since when unsent events have failed: while nothing may be sent, their time does not count. */
  excuseUnsent(sql: Sql): Promise<void>;
  /** Applies a change, fenced by the version that the step has read; false when the event moved meanwhile. */
  move(sql: Sql, event: EventRow, change: Change): Promise<boolean>;
  /** Submitted events that are to be asked about, the longest due first. */
  pollsDue(sql: Sql, limit: number): Promise<readonly string[]>;
  /** Events whose open request for an answer ends within `withinMs`, the soonest first. */
  replyingBefore(sql: Sql, withinMs: number, limit: number): Promise<readonly EventRow[]>;
  /**
   * What an event of the person has to wait for: an earlier one on its way, or one that is stuck before its answer.
   * `before`: the event that asks; without it, a new one.
   */
  blockedBy(sql: Sql, personId: string, before?: EventRow): Promise<'in-flight' | 'stuck' | undefined>;
  /** The next event of the person that waits for an earlier one (`received`), or is `stuck` because of it. */
  nextWaiting(sql: Sql, personId: string, state?: 'received' | 'stuck'): Promise<EventRow | undefined>;
  /**
   * Events of the person of which only the system can tell how they stand: those that wait for its answer, and those that
   * are stuck because it is not known whether it took them. The earliest first.
   */
  inDoubt(sql: Sql, personId: string, system: NationalIdSystemName): Promise<readonly EventRow[]>;
  /** Events that are due, in the order of their due times, after the given one. */
  due(sql: Sql, after: Due | undefined, limit: number): Promise<readonly Due[]>;
}

export interface Due {
  readonly id: string;
  readonly state: State;
  /** The due time as the database writes it, to microseconds. */
  readonly dueAt: string;
  readonly priority: number;
}

export function createEventStore(sealer: Sealer): EventStore {
  const one = async (sql: Sql, text: string, values: readonly unknown[]): Promise<EventRow | undefined> =>
    (await eventRows(sql, text, values))[0];

  return {
    insert: (sql, events) => insertEvents(sql, sealer, events),
    known: (sql, eventKeys) =>
      eventRows(sql, `select ${COLUMNS} from mediator.event where event_key = any($1::text[])`, [eventKeys]),
    byKey: (sql, eventKey) => one(sql, `select ${COLUMNS} from mediator.event where event_key = $1`, [eventKey]),
    lockByKey: (sql, eventKey) =>
      one(sql, `select ${COLUMNS} from mediator.event where event_key = $1 for update`, [eventKey]),
    get: (sql, id) => one(sql, `select ${COLUMNS} from mediator.event where id = $1`, [id]),
    async holdOutwardKeys(sql, outwardKeys) {
      // In one order, so that two transactions wait for each other instead of deadlocking.
      await sql.query(
        `select pg_advisory_xact_lock(key) from
           (select hashtextextended(text, 0) as key from unnest($1::text[]) as text order by 1) as keys`,
        [outwardKeys],
      );
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
    async excuseUnsent(sql) {
      await sql.query(
        `update mediator.event set failing_since = null where state = 'received' and failing_since is not null`,
      );
    },
    async move(sql, event, change) {
      const outcome = change.outcome === undefined ? undefined : sealer.seal(event.id, change.outcome);
      const rows = await sql.query(
        `update mediator.event set
           state = $3::text, code = $4, reason = $5,
           next_action_at = now() + $6::double precision * interval '1 millisecond',
           tries = tries - case when $14::boolean then 1 else 0 end,
           failures = case when $7::text is null then 0 when $7 = 'excused' then failures else failures + 1 end,
           failing_since = case when $7 = 'counted' then coalesce(failing_since, now()) end,
           outcome_sealed = coalesce($8, outcome_sealed), outcome_key_id = coalesce($9, outcome_key_id),
           poll_at = now() + $12::double precision * interval '1 millisecond',
           -- What begins anew by a person's decision gets the whole time for its answer again, and is told again.
           submitted_at = case when $3 = 'submitted' then coalesce(submitted_at, now())
             when $3 = 'received' and state <> 'submitted' and state <> 'received' then null else submitted_at end,
           issued_at = case when $3 = 'issued' then coalesce(issued_at, now()) else issued_at end,
           settled_at = case when $13::boolean then now() end,
           told_at = case when $10::boolean then now() when $3 = 'received' then null else told_at end,
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
          change.failure ?? null,
          outcome?.bytes ?? null,
          outcome?.keyId ?? null,
          change.isTold ?? false,
          OVER.includes(change.state) || change.isTold === true || change.code === 'reply_expired',
          change.state === 'submitted' ? (change.pollInMs ?? null) : null,
          OVER.includes(change.state),
          change.uncounted ?? false,
        ],
      );
      return rows.length === 1;
    },
    async pollsDue(sql, limit) {
      const rows = await sql.query<{ id: string }>(
        `select id from mediator.event where state = 'submitted' and poll_at <= now() order by poll_at limit $1`,
        [limit],
      );
      return rows.map(({ id }) => id);
    },
    async replyingBefore(sql, withinMs, limit) {
      return eventRows(
        sql,
        `select ${COLUMNS} from mediator.event where reply_before < now() + $1::double precision * interval '1 millisecond'
         order by reply_before limit $2`,
        [withinMs, limit],
      );
    },
    async blockedBy(sql, personId, before) {
      const [row] = await sql.query<{ in_flight: boolean; stuck: boolean }>(
        `select bool_or(state = any($2::text[])) as in_flight, bool_or(state = 'stuck' and issued_at is null) as stuck
         from mediator.event where person_id = $1 and ($3::bigint is null or seq < $3::bigint)`,
        [personId, [...IN_FLIGHT], before?.seq ?? null],
      );
      if (row?.in_flight === true) return 'in-flight';
      return row?.stuck === true ? 'stuck' : undefined;
    },
    nextWaiting: (sql, personId, state) =>
      one(
        sql,
        // The person first: in the order of acceptance, a planner without statistics would read all events.
        `with own as materialized (select * from mediator.event where person_id = $1)
         select ${COLUMNS} from own as event
         where state = coalesce($2, state) and ((state = 'received' and next_action_at is null)
           or (state = 'stuck' and code = 'waits_for_earlier')) order by event.seq limit 1`,
        [personId, state ?? null],
      ),
    inDoubt: (sql, personId, system) =>
      eventRows(
        sql,
        `select ${COLUMNS} from mediator.event where person_id = $1 and system = $2
           and (state = 'submitted' or (state = 'stuck' and code = 'outcome_unknown')) order by event.seq`,
        [personId, system],
      ),
    async due(sql, after, limit) {
      const rows = await sql.query<{ id: string; state: State; due_at: string; priority: number }>(
        `select id, state, next_action_at::text as due_at, priority from mediator.event
         where next_action_at <= now() and (next_action_at, id) > ($1::timestamptz, $2::uuid)
         order by next_action_at, id limit $3`,
        [after?.dueAt ?? '-infinity', after?.id ?? '00000000-0000-0000-0000-000000000000', limit],
      );
      return rows.map(({ id, state, due_at: dueAt, priority }) => ({ id, state, dueAt, priority }));
    },
  };
}
