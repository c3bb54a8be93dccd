import type { NationalIdSystemName } from '../../national-id/index.js';
import type { Outcome, ReplyAddress } from '../../vital-events/index.js';
import type { Sql } from './database.js';
import type { EventPayload } from './event-content.js';
import type { Sealer } from './sealer.js';

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
  /** Default: 0. */
  readonly priority?: number | undefined;
}

/** A new event in the form that the database takes: bytes in base64, absent members as null. */
function toRecord(sealer: Sealer, event: NewEvent): Record<string, unknown> {
  const sealed = (data: unknown): { text: string | null; keyId: string | null } => {
    if (data === undefined) return { text: null, keyId: null };
    const { bytes, keyId } = sealer.seal(event.id, data);
    return { text: Buffer.from(bytes).toString('base64'), keyId };
  };
  const payload = sealed(event.payload);
  const outcome = sealed(event.outcome);
  const reply = sealed(event.reply === undefined ? undefined : { to: event.reply.to });
  return {
    id: event.id,
    event_key: event.eventKey,
    kind: event.kind,
    registration_number: event.registrationNumber,
    tracking_id: event.trackingId,
    record_id: event.recordId,
    person_id: event.personId,
    transaction_id: event.transactionId,
    state: event.state,
    code: event.code,
    reason: event.reason,
    system: event.system,
    outward_key: event.outwardKey,
    payload: payload.text,
    payload_key_id: payload.keyId,
    outcome: outcome.text,
    outcome_key_id: outcome.keyId,
    reply_revision: event.reply?.revision,
    reply: reply.text,
    reply_key_id: reply.keyId,
    reply_before_ms: event.reply?.before,
    is_due: event.isDue,
    priority: event.priority ?? 0,
  };
}

/** Stores new events; returns the ids of those whose key was not there already. What is there is left as it is. */
export async function insertEvents(
  sql: Sql,
  sealer: Sealer,
  events: readonly NewEvent[],
): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ id: string }>(
    `insert into mediator.event (id, event_key, kind, registration_number, tracking_id, record_id, person_id,
       transaction_id, state, code, reason, system, outward_key, payload_sealed, payload_key_id, outcome_sealed,
       outcome_key_id, reply_revision, reply_sealed, reply_key_id, reply_before, next_action_at, issued_at, priority)
     select id, event_key, kind, registration_number, tracking_id, record_id, person_id, transaction_id, state, code,
       reason, system, outward_key, decode(payload, 'base64'), payload_key_id, decode(outcome, 'base64'),
       outcome_key_id, reply_revision, decode(reply, 'base64'), reply_key_id,
       to_timestamp(reply_before_ms / 1000), case when is_due then now() end, case when state = 'issued' then now() end,
       priority
     from json_to_recordset($1::json) as new (id uuid, event_key text, kind text, registration_number text,
       tracking_id text, record_id text, person_id uuid, transaction_id text, state text, code text, reason text,
       system text, outward_key text, payload text, payload_key_id text, outcome text, outcome_key_id text,
       reply_revision text, reply text, reply_key_id text, reply_before_ms double precision, is_due boolean,
       priority smallint)
     on conflict (event_key) do nothing returning id`,
    [JSON.stringify(events.map((event) => toRecord(sealer, event)))],
  );
  return new Set(rows.map(({ id }) => id));
}
