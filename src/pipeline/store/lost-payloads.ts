import { OVER } from '../states.js';
import type { Sql } from './database.js';
import type { Sealer } from './sealer.js';

/** Events that are not over, and whose record cannot be opened because its key is gone. */
export interface LostPayloads {
  /** Those of these keys. */
  among(sql: Sql, eventKeys: readonly string[]): Promise<ReadonlySet<string>>;
  /** Those of these keys that are here, and want nothing. */
  whole(sql: Sql, eventKeys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** A key under an old name and with other bytes is found out by the step that tries it. */
const IS_LOST = `(state <> all($2::text[]) and (code = 'payload_lost' or payload_key_id <> all($3::text[])))`;

export function createLostPayloads({ keyIds }: Pick<Sealer, 'keyIds'>): LostPayloads {
  const keysWhere = async (sql: Sql, condition: string, eventKeys: readonly string[]): Promise<ReadonlySet<string>> => {
    const rows = await sql.query<{ event_key: string }>(
      `select event_key from mediator.event where event_key = any($1::text[]) and ${condition}`,
      [eventKeys, OVER, keyIds],
    );
    return new Set(rows.map(({ event_key: eventKey }) => eventKey));
  };
  return {
    among: (sql, eventKeys) => keysWhere(sql, IS_LOST, eventKeys),
    // Without a code, or without a payload, the condition is null.
    whole: (sql, eventKeys) => keysWhere(sql, `${IS_LOST} is not true`, eventKeys),
  };
}
