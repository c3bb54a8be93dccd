import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { type Identity, Outcome, type ReplyAddress, VitalEvent } from '../../vital-events/index.js';
import type { Sql } from './database.js';
import type { EventRow } from './event-row.js';
import type { Sealer } from './sealer.js';

/** What is stored of a delivery: the event as it was understood (or not), and the bytes that came. */
const Payload = z.object({ event: VitalEvent.optional(), raw: z.string() });

/** JSON has no undefined at its top, hence the member. */
const Reply = z.object({ to: z.unknown() });
const Progress = z.object({ kept: z.unknown() });

export type EventPayload = z.input<typeof Payload>;

/** `replyTo`: undefined where the source does not wait for an answer. */
export interface Telling {
  readonly payload: z.output<typeof Payload>;
  readonly outcome: Outcome;
  readonly replyTo: unknown;
}

const PARTS = ['payload', 'outcome', 'reply', 'progress'] as const;
type Part = (typeof PARTS)[number];

interface Stored {
  readonly part: Part;
  readonly bytes: Uint8Array;
  readonly key_id: string;
}

/** The parts of an event that hold personal data or tokens: only here are they sealed and opened. */
export interface EventContents {
  /** @throws MediatorError `payload_lost` when it was erased or cannot be decrypted */
  payload(sql: Sql, id: string): Promise<z.output<typeof Payload>>;
  /** Puts what a later delivery says in the place of what was stored. */
  replacePayload(sql: Sql, id: string, payload: EventPayload): Promise<void>;
  /** What the adapter wrote down last; it outlives the payload that it was written for. @throws MediatorError `payload_lost` */
  progress(sql: Sql, id: string): Promise<unknown>;
  /** Fenced by the version that the step has read; false when the event moved meanwhile, and nothing was stored. */
  keepProgress(sql: Sql, event: EventRow, progress: unknown): Promise<boolean>;
  /** What OpenCRVS is to be told, of what, and where. @throws MediatorError `payload_lost` */
  telling(sql: Sql, id: string): Promise<Telling>;
  /** Whether there is an outcome that cannot be opened. */
  isOutcomeLost(sql: Sql, id: string): Promise<boolean>;
  /** The numbers that the person was given, as far as they are still kept and can be opened. */
  knownIdentity(sql: Sql, personId: string): Promise<Identity | undefined>;
  /** Makes this the request for an answer that is open; an earlier one is forgotten. */
  setReply(sql: Sql, id: string, reply: ReplyAddress): Promise<void>;
  /** Where the answer goes; undefined where the source does not wait for one. @throws MediatorError `payload_lost` */
  replyTo(sql: Sql, id: string): Promise<unknown>;
  /**
   * Removes the personal data of events that are over, or refused and told, since more than `days`; returns how many.
   * What is stuck keeps its data: an operator needs it.
   */
  erase(sql: Sql, days: number, limit: number): Promise<number>;
}

/** Gives `value` in the place of what was erased or cannot be decrypted; every other error goes on. */
const ifLost =
  <T>(value: T) =>
  (thrown: unknown): T => {
    if (thrown instanceof MediatorError && thrown.code === 'payload_lost') return value;
    throw thrown;
  };

function required(opened: unknown): unknown {
  if (opened === undefined) {
    throw new MediatorError('payload_lost', { message: 'The stored data of the event was erased.' });
  }
  return opened;
}

const replyIn = (opened: unknown): unknown => (opened === undefined ? undefined : Reply.parse(opened).to);

export function createEventContents(sealer: Sealer): EventContents {
  /** What is stored of these parts, opened. A part of which nothing is stored is not in it. */
  const unsealAll = async (sql: Sql, id: string, parts: readonly Part[]): Promise<ReadonlyMap<Part, unknown>> => {
    const columns = PARTS.map((part) => `('${part}', ${part}_sealed, ${part}_key_id)`).join(', ');
    const rows = await sql.query<Stored>(
      `select part, bytes, key_id from mediator.event
       cross join lateral (values ${columns}) as stored (part, bytes, key_id)
       where id = $1 and part = any($2::text[]) and bytes is not null`,
      [id, parts],
    );
    return new Map(rows.map(({ part, bytes, key_id: keyId }) => [part, sealer.open(id, { bytes, keyId })]));
  };

  const unsealIfAny = async (sql: Sql, id: string, part: Part): Promise<unknown> =>
    (await unsealAll(sql, id, [part])).get(part);

  const unseal = async (sql: Sql, id: string, part: Part): Promise<unknown> =>
    required(await unsealIfAny(sql, id, part));

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
    async progress(sql, id) {
      const stored = await unsealIfAny(sql, id, 'progress');
      return stored === undefined ? undefined : Progress.parse(stored).kept;
    },
    async keepProgress(sql, { id, version }, kept) {
      const { bytes, keyId } = sealer.seal(id, { kept });
      const rows = await sql.query(
        `update mediator.event set progress_sealed = $3, progress_key_id = $4 where id = $1 and version = $2 returning id`,
        [id, version, bytes, keyId],
      );
      return rows.length === 1;
    },
    async telling(sql, id) {
      const parts = await unsealAll(sql, id, ['payload', 'outcome', 'reply']);
      return {
        payload: Payload.parse(required(parts.get('payload'))),
        outcome: Outcome.parse(required(parts.get('outcome'))),
        replyTo: replyIn(parts.get('reply')),
      };
    },
    isOutcomeLost: (sql, id) => unsealIfAny(sql, id, 'outcome').then(() => false, ifLost(true)),
    async knownIdentity(sql, personId) {
      const [row] = await sql.query<{ id: string }>(
        `select id from mediator.event where person_id = $1 and kind = 'birth' and issued_at is not null
           and outcome_sealed is not null order by seq desc limit 1`,
        [personId],
      );
      if (row === undefined) return undefined;
      // With its key gone it is as if erased: the record itself may still name the numbers.
      const opened = await unseal(sql, row.id, 'outcome').catch(ifLost(undefined));
      if (opened === undefined) return undefined;
      const outcome = Outcome.parse(opened);
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
    replyTo: async (sql, id) => replyIn(await unsealIfAny(sql, id, 'reply')),
    async erase(sql, days, limit) {
      const rows = await sql.query(
        `update mediator.event set payload_sealed = null, payload_key_id = null, outcome_sealed = null, outcome_key_id = null,
           reply_sealed = null, reply_key_id = null, reply_before = null, progress_sealed = null, progress_key_id = null
         where id in (
           (select id from mediator.event where settled_at < now() - $1::integer * interval '1 day'
            and payload_sealed is not null limit $2)
           union all
           (select id from mediator.event where state = 'refused' and next_action_at is null
            and updated_at < now() - $1::integer * interval '1 day' and payload_sealed is not null limit $2)
         ) and payload_sealed is not null returning id`,
        [days, limit],
      );
      return rows.length;
    },
  };
}
