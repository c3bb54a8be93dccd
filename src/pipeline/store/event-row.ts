import type { NationalIdSystemName } from '../../national-id/index.js';
import type { State } from '../states.js';
import type { Sql } from './database.js';

/** An event as a step sees it, without its sealed contents. */
export interface EventRow {
  readonly id: string;
  /** Order of acceptance. */
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
  /** Milliseconds, by the database's clock, since the national ID system first took the event. */
  readonly submittedForMs: number | undefined;
  readonly isTold: boolean;
  /** True once the national ID system has answered: an identity may exist. */
  readonly isAnswered: boolean;
  /** Which request for an answer is open. */
  readonly replyRevision: string | undefined;
  /** Of its jobs: below 0 for what was found later, so that it does not hold up what comes in now. */
  readonly priority: number;
  readonly version: number;
}

/** The same as the database gives it. */
export interface Row {
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
  readonly submitted_ms: string | null;
  readonly told_at: Date | null;
  readonly issued_at: Date | null;
  readonly reply_revision: string | null;
  readonly priority: number;
  readonly version: number;
}

/** What a statement has to return for {@link eventRows}. It sorts by `event.seq`: plain `seq` would be this text. */
export const COLUMNS = `id, seq::text, event_key, kind, registration_number, tracking_id, person_id, transaction_id, state, code,
  reason, system, outward_key, tries, failures, (extract(epoch from now() - failing_since) * 1000)::bigint::text as failing_ms,
  (extract(epoch from now() - submitted_at) * 1000)::bigint::text as submitted_ms, told_at, issued_at, reply_revision, priority,
  version`;

export const toEventRow = (row: Row): EventRow => ({
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
  submittedForMs: row.submitted_ms === null ? undefined : Number(row.submitted_ms),
  isTold: row.told_at !== null,
  isAnswered: row.issued_at !== null,
  replyRevision: row.reply_revision ?? undefined,
  priority: row.priority,
  version: row.version,
});

/** Runs a statement that returns {@link COLUMNS}. */
export async function eventRows(sql: Sql, text: string, values: readonly unknown[]): Promise<EventRow[]> {
  return (await sql.query<Row>(text, values)).map(toEventRow);
}
