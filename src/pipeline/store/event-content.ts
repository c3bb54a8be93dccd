import { z } from 'zod';
import { type Identity, Outcome, type ReplyAddress, VitalEvent } from '../../vital-events/index.js';
import type { Sql } from './database.js';
import type { Sealer } from './sealer.js';

/** What is stored of a delivery: the event as it was understood (or not), and the bytes that came. */
const Payload = z.object({ event: VitalEvent.optional(), raw: z.string() });

/** JSON has no undefined at its top, hence the member. */
const Reply = z.object({ to: z.unknown() });

export type EventPayload = z.input<typeof Payload>;

/** The parts of an event that hold personal data or tokens: only here are they sealed and opened. */
export interface EventContents {
  /** @throws MediatorError `payload_lost` when it was erased or cannot be decrypted */
  payload(sql: Sql, id: string): Promise<z.output<typeof Payload>>;
  /** Puts what a later delivery says in the place of what was stored. */
  replacePayload(sql: Sql, id: string, payload: EventPayload): Promise<void>;
  /** @throws MediatorError `payload_lost` */
  outcome(sql: Sql, id: string): Promise<Outcome>;
  /** The numbers that the person was given, as far as they are still kept. @throws MediatorError `payload_lost` */
  knownIdentity(sql: Sql, personId: string): Promise<Identity | undefined>;
  /** Makes this the request for an answer that is open; an earlier one is forgotten. */
  setReply(sql: Sql, id: string, reply: ReplyAddress): Promise<void>;
  /** Where the answer goes; undefined where the source does not wait for one. @throws MediatorError `payload_lost` */
  replyTo(sql: Sql, id: string): Promise<unknown>;
  /** Removes the personal data of events settled longer ago than `days`; returns how many. */
  erase(sql: Sql, days: number, limit: number): Promise<number>;
}

export function createEventContents(sealer: Sealer): EventContents {
  const unseal = async (sql: Sql, id: string, part: 'payload' | 'outcome'): Promise<unknown> => {
    const [row] = await sql.query<{ bytes: Uint8Array | null; key_id: string | null }>(
      `select ${part}_sealed as bytes, ${part}_key_id as key_id from mediator.event where id = $1`,
      [id],
    );
    return sealer.open(id, { bytes: row?.bytes ?? new Uint8Array(), keyId: row?.key_id ?? '' });
  };

  return {
    payload: async (sql, id) => Payload.parse(await unseal(sql, id, 'payload')),
    async replacePayload(sql, id, payload) {
      const { bytes, keyId } = sealer.seal(id, payload);
      await sql.query('update mediator.event set payload_sealed = $2, payload_key_id = $3 where id = $1', [
        id,
        bytes,
        keyId,
      ]);
    },
    outcome: async (sql, id) => Outcome.parse(await unseal(sql, id, 'outcome')),
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
