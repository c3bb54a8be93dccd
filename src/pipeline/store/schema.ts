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
  `
  -- Transactions in OpenHIM that end as the work of their event ends. A rerun is one more transaction of the same event.
  create table mediator.report (
    transaction_id text primary key,
    event_id uuid not null references mediator.event on delete cascade,
    created_at timestamptz not null default now(),
    -- When core is to be told; null while there is nothing new to tell.
    due_at timestamptz,
    -- Answered failures in a row.
    failures integer not null default 0,
    -- The last line of the history that core was told.
    told_until bigint not null default 0
  );
  create index report_due on mediator.report (due_at) where due_at is not null;
  create index report_event on mediator.report (event_id);
  -- The outward calls of a step, without bodies.
  alter table mediator.history add column calls jsonb;
  `,
  `
  -- When a submitted event is next asked about; an instance of the version before looks at its deadline only.
  alter table mediator.event add column poll_at timestamptz;
  create index event_poll on mediator.event (poll_at) where poll_at is not null and state = 'submitted';
  update mediator.event set poll_at = now() + random() * interval '6 hours' where state = 'submitted';
  -- What an operator lists and counts: everything that is not over.
  create index event_open on mediator.event (state, seq)
    where state in ('received', 'submitted', 'issued', 'refused', 'stuck');
  create index event_transaction on mediator.event (transaction_id) where transaction_id is not null;
  create index event_refused_erasable on mediator.event (updated_at)
    where state = 'refused' and next_action_at is null and payload_sealed is not null;
  create index callback_event on mediator.callback (event_id) where event_id is not null;
  create index callback_erasable on mediator.callback (handled_at) where handled_at is not null and payload_sealed is not null;
  -- What people did. No personal data; it outlives its events.
  create table mediator.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    actor text not null,
    action text not null,
    event_id uuid,
    reason text
  );
  create index audit_event on mediator.audit (event_id, id);
  -- Never holds a row: whether the store takes writes again is tried on it.
  create table mediator.probe (filler text not null);
  alter table mediator.probe alter column filler set storage plain;
  `,
  `
  -- What is written down for the next start, such as the last settings of the console.
  create table mediator.note (
    name text primary key,
    content jsonb not null,
    noted_at timestamptz not null default now()
  );
  create index event_failing on mediator.event (id) where failing_since is not null and state = 'received';
  `,
  `
  -- The transaction in OpenHIM that brought a delivery, the first one or a repeat.
  alter table mediator.history add column transaction_id text;
  `,
  `
  -- Of the jobs of an event: what was found later waits behind what comes in now.
  alter table mediator.event add column priority smallint not null default 0;
  `,
  `
  -- What an adapter has written down between the calls of an event.
  alter table mediator.event add column progress_sealed bytea, add column progress_key_id text;
  `,
];

/** The version of the schema that this service works with. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** Any fixed number: two instances that start together migrate one after the other. */
const MIGRATION_LOCK = 761_400_233;

/**
 * Brings the schema `mediator` up to date, in one transaction under a lock. `upTo`: the version to stop at, for tests of
 * an upgrade; default the newest.
 */
export async function migrate(database: Database, upTo = SCHEMA_VERSION): Promise<void> {
  await database.transaction(async (sql) => {
    // Another instance may be migrating, and a large table takes its time.
    await sql.query('set local statement_timeout = 0');
    await sql.query('set local lock_timeout = 0');
    await sql.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await sql.boss.executeSql(`
      create schema if not exists mediator;
      create table if not exists mediator.migration (version integer primary key, applied_at timestamptz not null default now());
    `);
    const [row] = await sql.query<{ version: number | null }>('select max(version) as version from mediator.migration');
    const done = row?.version ?? 0;
    for (const [index, statements] of MIGRATIONS.slice(0, upTo).entries()) {
      if (index < done) continue;
      await sql.boss.executeSql(statements);
      await sql.query('insert into mediator.migration (version) values ($1)', [index + 1]);
    }
  });
}
