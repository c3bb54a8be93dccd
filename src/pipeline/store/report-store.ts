import { AT_REST } from '../states.js';
import type { Sql } from './database.js';

/** One transaction in OpenHIM that waits to be told how its event ended. */
export interface Report {
  readonly transactionId: string;
  readonly eventId: string;
  /** Id of the last line of the history that was told. */
  readonly toldUntil: string;
  readonly failures: number;
  /** The claim of this run, as the database writes it: another run, or news of the event, sets another time. */
  readonly dueAt: string;
}

/** The transactions of events, and which of them are to be told. */
export interface ReportStore {
  /** Makes a transaction one of its event; one that is there is left as it is. */
  expect(
    sql: Sql,
    expected: readonly { readonly id: string; readonly transactionId: string | undefined }[],
  ): Promise<void>;
  /** The event came to rest: all its transactions are to be told. Part of the transaction that moved it. */
  wake(sql: Sql, eventId: string): Promise<void>;
  /** Due reports, held from other instances for a minute. */
  claim(sql: Sql, limit: number): Promise<readonly Report[]>;
  /** Nothing more to tell until the event moves again, unless it has moved since the claim. */
  rest(sql: Sql, report: Report, toldUntil: string): Promise<void>;
  /** Tried again after the wait. */
  later(sql: Sql, report: Report, waitMs: number, failures: number): Promise<void>;
  /** Never told again. */
  drop(sql: Sql, report: Report): Promise<void>;
}

/** For a service that reports nothing. */
export const NO_REPORTS: ReportStore = {
  expect: async () => undefined,
  wake: async () => undefined,
  claim: async () => [],
  rest: async () => undefined,
  later: async () => undefined,
  drop: async () => undefined,
};

/** Core's id of a transaction (openhim.md 5). Whoever calls us directly may send anything: it becomes part of a path. */
const TRANSACTION_ID = /^[0-9a-f]{24}$/;

interface Row {
  readonly transaction_id: string;
  readonly event_id: string;
  readonly told_until: string;
  readonly failures: number;
  readonly due_at: string;
}

/** `firstAfterMs`: core writes its own answer to a request after it was given, and would overwrite an earlier report. */
export function createReportStore({ firstAfterMs }: { readonly firstAfterMs: number }): ReportStore {
  const wait = "$2::double precision * interval '1 millisecond'";
  return {
    async expect(sql, expected) {
      for (const { id, transactionId } of expected) {
        if (transactionId === undefined || !TRANSACTION_ID.test(transactionId)) continue;
        // The row of the event is held, so that the event cannot come to rest unseen between the two.
        await sql.query(
          `insert into mediator.report (transaction_id, event_id, due_at)
           select $1, id, case when state = any($4::text[]) and next_action_at is null then now() + ${wait} end
           from mediator.event where id = $3 for share
           on conflict (transaction_id) do nothing`,
          [transactionId, firstAfterMs, id, [...AT_REST]],
        );
      }
    },
    async wake(sql, eventId) {
      await sql.query(
        `update mediator.report set due_at = greatest(now(), created_at + ${wait}), failures = 0 where event_id = $1`,
        [eventId, firstAfterMs],
      );
    },
    async claim(sql, limit) {
      const rows = await sql.query<Row>(
        `update mediator.report set due_at = now() + interval '1 minute'
         where transaction_id in (select transaction_id from mediator.report where due_at <= now()
                                  order by due_at limit $1 for update skip locked)
         returning transaction_id, event_id, told_until::text, failures, due_at::text`,
        [limit],
      );
      return rows.map((row) => ({
        transactionId: row.transaction_id,
        eventId: row.event_id,
        toldUntil: row.told_until,
        failures: row.failures,
        dueAt: row.due_at,
      }));
    },
    async rest(sql, { transactionId, dueAt }, toldUntil) {
      await sql.query(
        `update mediator.report set told_until = $3::bigint, failures = 0,
           due_at = case when due_at = $2::timestamptz then null else due_at end where transaction_id = $1`,
        [transactionId, dueAt, toldUntil],
      );
    },
    async later(sql, { transactionId, dueAt }, waitMs, failures) {
      await sql.query(
        `update mediator.report set failures = $4, due_at = now() + ${wait}
         where transaction_id = $1 and due_at = $3::timestamptz`,
        [transactionId, waitMs, dueAt, failures],
      );
    },
    async drop(sql, { transactionId }) {
      await sql.query('delete from mediator.report where transaction_id = $1', [transactionId]);
    },
  };
}
