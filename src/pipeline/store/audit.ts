import type { Sql } from './database.js';

/** What somebody did. No personal data: neither of the person the event is about, nor more of the actor than a name. */
export interface AuditEntry {
  readonly actor: string;
  /** `retry`, `close`, `rotate-keys`. */
  readonly action: string;
  readonly eventId?: string | undefined;
  readonly reason?: string | undefined;
}

export interface AuditLine extends AuditEntry {
  /** Order of the lines. */
  readonly id: string;
  readonly at: Date;
}

export interface Audit {
  add(sql: Sql, entry: AuditEntry): Promise<void>;
  /** Newest first, below the line `before`; of one event where it is given. */
  list(
    sql: Sql,
    page: { readonly eventId?: string | undefined; readonly before?: string | undefined; readonly limit: number },
  ): Promise<readonly AuditLine[]>;
}

interface Row {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly event_id: string | null;
  readonly reason: string | null;
}

export function createAudit(): Audit {
  return {
    async add(sql, { actor, action, eventId, reason }) {
      await sql.query('insert into mediator.audit (actor, action, event_id, reason) values ($1, $2, $3, $4)', [
        actor,
        action,
        eventId ?? null,
        reason ?? null,
      ]);
    },
    async list(sql, { eventId, before, limit }) {
      const rows = await sql.query<Row>(
        `select id::text, at, actor, action, event_id, reason from mediator.audit
         where ($1::uuid is null or event_id = $1::uuid) and ($2::bigint is null or id < $2::bigint)
         order by audit.id desc limit $3`,
        [eventId ?? null, before ?? null, limit],
      );
      return rows.map(({ id, at, actor, action, event_id, reason }) => ({
        id,
        at,
        actor,
        action,
        eventId: event_id ?? undefined,
        reason: reason ?? undefined,
      }));
    },
  };
}
