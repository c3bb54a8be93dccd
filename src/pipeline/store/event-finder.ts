import { IN_FLIGHT, type State } from '../states.js';
import type { Sql } from './database.js';
import { COLUMNS, type EventRow, type Row, toEventRow } from './event-row.js';

/** An event as it is shown: its row and its times. Nothing about the person. */
export interface EventSummary extends EventRow {
  readonly receivedAt: Date;
  readonly updatedAt: Date;
  /** When the next step is due, or the answer at the latest. */
  readonly nextAt: Date | undefined;
  /** When the national ID system is next asked about it. */
  readonly pollAt: Date | undefined;
  /** False once its personal data has been erased. */
  readonly holdsData: boolean;
}

/** All that is given must hold. */
export interface EventFilter {
  readonly states?: readonly State[] | undefined;
  readonly kinds?: readonly string[] | undefined;
  readonly codes?: readonly string[] | undefined;
  /** Accepted so long ago, by the database's clock. */
  readonly olderThanMs?: number | undefined;
}

/** `after`: the `seq` of the last event of the page before. */
export interface EventPage {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly order?: 'oldest' | 'newest';
}

/** How many events are in a state that is not over, and since when the oldest of them is here. */
export interface StateCount {
  readonly state: State;
  readonly count: number;
  readonly oldestMs: number;
}

/** Looks for events, and changes nothing. */
export interface EventFinder {
  list(sql: Sql, filter: EventFilter, page: EventPage): Promise<readonly EventSummary[]>;
  count(sql: Sql, filter: EventFilter): Promise<number>;
  get(sql: Sql, id: string): Promise<EventSummary | undefined>;
  /** Those with this id, registration number, tracking id, outward key or transaction id. */
  find(sql: Sql, term: string): Promise<readonly EventSummary[]>;
  /** The earlier event of the same person that this one waits for. */
  blocker(sql: Sql, event: EventRow): Promise<EventSummary | undefined>;
  standing(sql: Sql): Promise<readonly StateCount[]>;
  /** For how long the step that is due the longest has been due. */
  overdueMs(sql: Sql): Promise<number>;
}

type FullRow = Row & {
  readonly received_at: Date;
  readonly updated_at: Date;
  readonly next_action_at: Date | null;
  readonly poll_at: Date | null;
  readonly holds_data: boolean;
};

const FULL = `${COLUMNS}, received_at, updated_at, next_action_at, poll_at, payload_sealed is not null as holds_data`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const FOUND = 50;

const toSummary = (row: FullRow): EventSummary => ({
  ...toEventRow(row),
  receivedAt: row.received_at,
  updatedAt: row.updated_at,
  nextAt: row.next_action_at ?? undefined,
  pollAt: row.poll_at ?? undefined,
  holdsData: row.holds_data,
});

/** The filter as a condition; its values are the first parameters of the statement. */
function conditionOf(filter: EventFilter): { readonly where: string; readonly values: unknown[] } {
  const conditions: string[] = ['true'];
  const values: unknown[] = [];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(Array.isArray(value) ? [...value] : value);
    conditions.push(condition(`$${values.length}`));
  };
  add(filter.states, (parameter) => `state = any(${parameter}::text[])`);
  add(filter.kinds, (parameter) => `kind = any(${parameter}::text[])`);
  add(filter.codes, (parameter) => `code = any(${parameter}::text[])`);
  add(
    filter.olderThanMs,
    (parameter) => `received_at < now() - ${parameter}::double precision * interval '1 millisecond'`,
  );
  return { where: conditions.join(' and '), values };
}

export function createEventFinder(): EventFinder {
  const all = async (sql: Sql, text: string, values: readonly unknown[]): Promise<EventSummary[]> =>
    (await sql.query<FullRow>(text, values)).map(toSummary);

  return {
    list(sql, filter, { after, limit, order = 'oldest' }) {
      const { where, values } = conditionOf(filter);
      const [beyond, direction] = order === 'oldest' ? ['>', 'asc'] : ['<', 'desc'];
      const onward = after === undefined ? '' : `and seq ${beyond} $${values.push(after)}::bigint`;
      return all(
        sql,
        `select ${FULL} from mediator.event where ${where} ${onward} order by event.seq ${direction} limit $${values.push(limit)}`,
        values,
      );
    },
    async count(sql, filter) {
      const { where, values } = conditionOf(filter);
      const [row] = await sql.query<{ count: number }>(
        `select count(*)::integer as count from mediator.event where ${where}`,
        values,
      );
      return row?.count ?? 0;
    },
    async get(sql, id) {
      if (!UUID.test(id)) return undefined;
      return (await all(sql, `select ${FULL} from mediator.event where id = $1`, [id]))[0];
    },
    async find(sql, term) {
      // PostgreSQL takes no NUL in a text, and so holds none.
      if (term.includes('\0')) return [];
      // One index for each: an `or` over them all would read the whole table.
      return all(
        sql,
        `select ${FULL} from mediator.event where id in (
           select id from mediator.event where registration_number = $1
           union select id from mediator.event where tracking_id = $1
           union select id from mediator.event where outward_key = $1
           union select id from mediator.event where transaction_id = $1
           union select event_id from mediator.report where transaction_id = $1
           union select $2::uuid where $2::uuid is not null
         ) order by event.seq limit ${FOUND}`,
        [term, UUID.test(term) ? term : null],
      );
    },
    async blocker(sql, event) {
      if (event.personId === undefined) return undefined;
      const found = await all(
        sql,
        `select ${FULL} from mediator.event where person_id = $1 and seq < $2::bigint
           and (state = any($3::text[]) or (state = 'stuck' and issued_at is null)) order by event.seq limit 1`,
        [event.personId, event.seq, [...IN_FLIGHT]],
      );
      return found[0];
    },
    async standing(sql) {
      const rows = await sql.query<{ state: State; count: number; oldest_ms: string }>(
        `select counted.state, counted.count,
           (extract(epoch from now() - oldest.received_at) * 1000)::bigint::text as oldest_ms
         from (select state, count(*)::integer as count from mediator.event
               where state in ('received', 'submitted', 'issued', 'refused', 'stuck') group by state) as counted
         cross join lateral (select received_at from mediator.event
                             where state = counted.state
                               and state in ('received', 'submitted', 'issued', 'refused', 'stuck')
                             order by event.seq limit 1) as oldest`,
      );
      return rows.map(({ state, count, oldest_ms }) => ({ state, count, oldestMs: Number(oldest_ms) }));
    },
    async overdueMs(sql) {
      const [row] = await sql.query<{ overdue_ms: string | null }>(
        `select (extract(epoch from now() - min(next_action_at)) * 1000)::bigint::text as overdue_ms
         from mediator.event where next_action_at <= now()`,
      );
      return Number(row?.overdue_ms ?? 0);
    },
  };
}
