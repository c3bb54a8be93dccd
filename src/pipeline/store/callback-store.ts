import { z } from 'zod';
import type { NationalIdSystemName } from '../../national-id/index.js';
import type { Sql } from './database.js';
import type { Sealer } from './sealer.js';

/**
 * `new`: stored, not opened yet. `kept`: opened, no event for it so far. `matched`: its event took it. `repeated`: the
 * event already had its answer. `unmatched`: a hint about nobody whose event it could help. `unreadable`: could not be
 * opened; an operator must look.
 */
export type CallbackState = 'new' | 'kept' | 'matched' | 'repeated' | 'unmatched' | 'unreadable';

export interface CallbackRow {
  readonly id: string;
  readonly state: CallbackState;
  readonly system: NationalIdSystemName;
}

/** A callback as it is shown: when it came, and what became of it. */
export interface CallbackSummary extends CallbackRow {
  readonly receivedAt: Date;
  readonly handledAt: Date | undefined;
}

/** Callbacks as they came, so that none is lost between its acknowledgement and its event. */
export interface CallbackStore {
  /** False when a delivery with this id is stored already. */
  insert(sql: Sql, id: string, system: NationalIdSystemName, deliveryId: string, rawBody: Uint8Array): Promise<boolean>;
  get(sql: Sql, id: string): Promise<CallbackRow | undefined>;
  /** The bytes as they came. @throws MediatorError `payload_lost` */
  body(sql: Sql, id: string): Promise<Uint8Array>;
  mark(sql: Sql, id: string, state: CallbackState, match: { outwardKey?: string; eventId?: string }): Promise<void>;
  /** Kept callbacks that answer one of these keys. */
  keptFor(sql: Sql, outwardKeys: readonly string[]): Promise<readonly string[]>;
  /** Callbacks stored more than a minute ago and still not opened: their job was lost. */
  overdue(sql: Sql, limit: number): Promise<readonly string[]>;
  /** Those that answered an event, oldest first. */
  of(sql: Sql, eventId: string): Promise<readonly CallbackSummary[]>;
  /** Removes the bytes of callbacks handled longer ago than `days`, whatever became of them; returns how many. */
  erase(sql: Sql, days: number, limit: number): Promise<number>;
}

const Body = z.object({ body: z.base64() });

export function createCallbackStore(sealer: Sealer): CallbackStore {
  return {
    async insert(sql, id, system, deliveryId, rawBody) {
      const sealed = sealer.seal(id, { body: Buffer.from(rawBody).toString('base64') });
      const rows = await sql.query(
        `insert into mediator.callback (id, delivery_id, system, state, payload_sealed, payload_key_id)
         values ($1, $2, $3, 'new', $4, $5) on conflict (delivery_id) do nothing returning id`,
        [id, deliveryId, system, sealed.bytes, sealed.keyId],
      );
      return rows.length === 1;
    },
    async get(sql, id) {
      const [row] = await sql.query<CallbackRow>('select id, state, system from mediator.callback where id = $1', [id]);
      return row;
    },
    async body(sql, id) {
      const [row] = await sql.query<{ payload_sealed: Uint8Array | null; payload_key_id: string | null }>(
        'select payload_sealed, payload_key_id from mediator.callback where id = $1',
        [id],
      );
      const sealed = { bytes: row?.payload_sealed ?? new Uint8Array(), keyId: row?.payload_key_id ?? '' };
      return Buffer.from(Body.parse(sealer.open(id, sealed)).body, 'base64');
    },
    async mark(sql, id, state, { outwardKey, eventId }) {
      await sql.query(
        `update mediator.callback set state = $2, outward_key = coalesce($3, outward_key), event_id = coalesce($4, event_id),
           handled_at = now() where id = $1`,
        [id, state, outwardKey ?? null, eventId ?? null],
      );
    },
    async keptFor(sql, outwardKeys) {
      const rows = await sql.query<{ id: string }>(
        `select id from mediator.callback where state = 'kept' and outward_key = any($1::text[])
           and payload_sealed is not null order by received_at`,
        [outwardKeys],
      );
      return rows.map(({ id }) => id);
    },
    async overdue(sql, limit) {
      const rows = await sql.query<{ id: string }>(
        `select id from mediator.callback where state = 'new' and received_at < now() - interval '1 minute'
         order by received_at limit $1`,
        [limit],
      );
      return rows.map(({ id }) => id);
    },
    async of(sql, eventId) {
      const rows = await sql.query<CallbackRow & { received_at: Date; handled_at: Date | null }>(
        `select id, state, system, received_at, handled_at from mediator.callback where event_id = $1 order by received_at`,
        [eventId],
      );
      return rows.map(({ received_at: receivedAt, handled_at: handledAt, ...row }) => ({
        ...row,
        receivedAt,
        handledAt: handledAt ?? undefined,
      }));
    },
    async erase(sql, days, limit) {
      const rows = await sql.query(
        `update mediator.callback set payload_sealed = null, payload_key_id = null
         where id in (select id from mediator.callback where handled_at < now() - $1::integer * interval '1 day'
                      and payload_sealed is not null limit $2)
         returning id`,
        [days, limit],
      );
      return rows.length;
    },
  };
}
