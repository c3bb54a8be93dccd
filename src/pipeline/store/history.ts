import type { CallRecord } from '../../outbound/index.js';
import type { Sql } from './database.js';

/** One line of an event's history: no personal data, it outlives the erasure. */
export interface HistoryEntry {
  readonly eventId: string;
  /** `accept`, `submit`, `answer`, `deliver`, `expire`. */
  readonly step: string;
  /** The state the event entered, or `failed`, `repeated`, `noted`. */
  readonly outcome: string;
  readonly code?: string | undefined;
  readonly note?: string | undefined;
  readonly durationMs?: number | undefined;
  /** The transaction in OpenHIM that brought the delivery. */
  readonly transactionId?: string | undefined;
  /** The outward calls of the step, where they are kept for OpenHIM. Without bodies. */
  readonly calls?: readonly CallRecord[] | undefined;
}

/** The same, once written. */
export interface HistoryLine extends HistoryEntry {
  readonly id: string;
  readonly at: Date;
}

export interface History {
  add(sql: Sql, ...entries: readonly HistoryEntry[]): Promise<void>;
  /** Oldest first. */
  of(sql: Sql, eventId: string): Promise<readonly HistoryLine[]>;
}

interface Row {
  readonly id: string | number;
  readonly event_id: string;
  readonly at: Date;
  readonly step: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly note: string | null;
  readonly duration_ms: number | null;
  readonly transaction_id: string | null;
  readonly calls: readonly CallRecord[] | null;
}

export function createHistory(): History {
  return {
    async add(sql, ...entries) {
      await sql.query(
        `insert into mediator.history (event_id, step, outcome, code, note, duration_ms, transaction_id, calls)
         select * from json_to_recordset($1::json) as new ("eventId" uuid, step text, outcome text, code text, note text,
           "durationMs" integer, "transactionId" text, calls jsonb)`,
        [JSON.stringify(entries)],
      );
    },
    async of(sql, eventId) {
      const rows = await sql.query<Row>(
        `select id, event_id, at, step, outcome, code, note, duration_ms, transaction_id, calls
         from mediator.history where event_id = $1 order by history.id`,
        [eventId],
      );
      return rows.map((row) => ({
        id: String(row.id),
        eventId: row.event_id,
        at: row.at,
        step: row.step,
        outcome: row.outcome,
        code: row.code ?? undefined,
        note: row.note ?? undefined,
        durationMs: row.duration_ms ?? undefined,
        transactionId: row.transaction_id ?? undefined,
        calls: row.calls ?? undefined,
      }));
    },
  };
}
