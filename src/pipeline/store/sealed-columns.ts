import type { Sql } from './database.js';
import type { Sealed, Sealer } from './sealer.js';

/** Every place where something is kept encrypted: the bytes, and beside them the id of their key. */
const COLUMNS = [
  { table: 'event', part: 'payload' },
  { table: 'event', part: 'outcome' },
  { table: 'event', part: 'reply' },
  { table: 'event', part: 'progress' },
  { table: 'callback', part: 'payload' },
] as const;

/** How much is encrypted with a key. */
export interface KeyUse {
  readonly keyId: string;
  readonly count: number;
}

/** What one round over all columns came to. `unreadable`: their key is not there, or their bytes are damaged. */
export interface Resealed {
  readonly resealed: number;
  /** They changed while we worked: another round takes them. */
  readonly moved: number;
  readonly unreadable: number;
}

const BATCH = 200;

/** Which keys are in use, the most used first. */
export async function keysInUse(sql: Sql): Promise<readonly KeyUse[]> {
  const parts = COLUMNS.map(
    ({ table, part }) => `select ${part}_key_id as key_id from mediator.${table} where ${part}_sealed is not null`,
  );
  const rows = await sql.query<{ key_id: string; count: number }>(
    `select key_id, count(*)::integer as count from (${parts.join(' union all ')}) as used
     group by key_id order by count desc, key_id`,
  );
  return rows.map(({ key_id: keyId, count }) => ({ keyId, count }));
}

/**
 * Encrypts everything anew that is not encrypted with the sealer's first key, in small steps and beside a running
 * service: bytes that changed meanwhile are left alone. Can be ended at any time and begun again.
 */
export async function resealAll(sql: Sql, sealer: Sealer): Promise<Resealed> {
  let [resealed, moved, unreadable] = [0, 0, 0];

  const opened = (id: string, sealed: Sealed): unknown => {
    try {
      return sealer.open(id, sealed);
    } catch {
      // The error says which key is missing; `keysInUse` tells that too.
      return undefined;
    }
  };

  const reseal = async (table: string, part: string, id: string, old: Sealed): Promise<void> => {
    const data = opened(id, old);
    if (data === undefined) {
      unreadable += 1;
      return;
    }
    const { bytes, keyId } = sealer.seal(id, data);
    const rows = await sql.query(
      `update mediator.${table} set ${part}_sealed = $3, ${part}_key_id = $4 where id = $1 and ${part}_sealed = $2 returning id`,
      [id, old.bytes, bytes, keyId],
    );
    if (rows.length === 1) resealed += 1;
    else moved += 1;
  };

  for (const { table, part } of COLUMNS) {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await sql.query<{ id: string; bytes: Uint8Array; key_id: string }>(
        `select id, ${part}_sealed as bytes, ${part}_key_id as key_id from mediator.${table}
         where id > $1 and ${part}_sealed is not null and ${part}_key_id <> $2 order by id limit ${BATCH}`,
        [after, sealer.writingKeyId],
      );
      for (const { id, bytes, key_id: keyId } of rows) await reseal(table, part, id, { bytes, keyId });
      const last = rows.at(-1);
      if (last === undefined || rows.length < BATCH) break;
      after = last.id;
    }
  }
  return { resealed, moved, unreadable };
}
