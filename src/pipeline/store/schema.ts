import type { Database } from './database.js';

/**
 * Forward-only steps, each run once, in order. A released step is never changed; the next one is added below it.
 * Personal data is only in the `sealed` columns.
 */
const MIGRATIONS: readonly string[] = [
  `
  create table mediator.person (
    id uuid primary key
  );
  create table mediator.person_link (
    -- HMAC of an identifier: registration number, national id, token. Outlives the erasure of personal data.
    identifier_hmac bytea primary key,
    person_id uuid not null references mediator.person
  );
  create table mediator.event (
    id uuid primary key,
    -- Order of acceptance.
    seq bigint generated always as identity unique,
    event_key text not null unique,
    kind text not null,
    registration_number text,
    tracking_id text,
    record_id text,
    person_id uuid references mediator.person,
    transaction_id text,
    state text not null,
    code text,
    reason text,
    system text not null,
    outward_key text not null unique,
    -- Calls begun to the national ID system.
    tries integer not null default 0,
    -- Failures in a row of the present step, and since when the other side has answered with failures.
    failures integer not null default 0,
    failing_since timestamptz,
    -- When the next step is due; null while the event is final, stuck, or waits for an earlier one.
    next_action_at timestamptz,
    version integer not null default 0,
    payload_sealed bytea,
    payload_key_id text,
    outcome_sealed bytea,
    outcome_key_id text,
    received_at timestamptz not null default now(),
    submitted_at timestamptz,
    issued_at timestamptz,
    settled_at timestamptz,
    told_at timestamptz,
    updated_at timestamptz not null default now()
  );
  create index event_due on mediator.event (next_action_at, id) where next_action_at is not null;
  create index event_person on mediator.event (person_id, seq);
  create index event_registration on mediator.event (registration_number);
  create index event_tracking on mediator.event (tracking_id);
  create index event_erasable on mediator.event (settled_at) where settled_at is not null and payload_sealed is not null;
  create table mediator.history (
    id bigint generated always as identity primary key,
    event_id uuid not null references mediator.event,
    at timestamptz not null default now(),
    step text not null,
    outcome text not null,
    code text,
    note text,
    duration_ms integer
  );
  create index history_event on mediator.history (event_id, id);
  create table mediator.callback (
    id uuid primary key,
    delivery_id text not null unique,
    system text not null,
    state text not null,
    outward_key text,
    event_id uuid references mediator.event,
    payload_sealed bytea,
    payload_key_id text,
    received_at timestamptz not null default now(),
    handled_at timestamptz
  );
  create index callback_kept on mediator.callback (outward_key) where state = 'kept';
  create index callback_new on mediator.callback (received_at) where state = 'new';
  `,
  `
  -- The request for an answer that is open now: which it is, where it goes (a token may be in it), and until when.
  alter table mediator.event
    add column reply_revision text,
    add column reply_sealed bytea,
    add column reply_key_id text,
    add column reply_before timestamptz;
  create index event_reply on mediator.event (reply_before) where reply_before is not null;
  `,
];

/** Any fixed number: two instances that start together migrate one after the other. */
const MIGRATION_LOCK = 761_400_233;

/** Brings the schema `mediator` up to date, in one transaction under a lock. */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (sql) => {
    await sql.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await sql.boss.executeSql(`
      create schema if not exists mediator;
      create table if not exists mediator.migration (version integer primary key, applied_at timestamptz not null default now());
    `);
    const [row] = await sql.query<{ version: number | null }>('select max(version) as version from mediator.migration');
    const done = row?.version ?? 0;
    for (const [index, statements] of MIGRATIONS.entries()) {
      if (index < done) continue;
      await sql.boss.executeSql(statements);
      await sql.query('insert into mediator.migration (version) values ($1)', [index + 1]);
    }
  });
}
