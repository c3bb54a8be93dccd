import type { Sql } from './database.js';

/** What one process may do at a time. A lease ends by itself where its holder was killed. */
export interface Leases {
  /** Takes or prolongs a lease for `forMs`; false while another holds it. */
  hold(sql: Sql, name: string, holder: string, forMs: number): Promise<boolean>;
  release(sql: Sql, name: string, holder: string): Promise<void>;
}

const noteOf = (name: string): string => `lease ${name}`;

/** Kept beside the notes. Not an advisory lock: that would hold a connection for as long as the work takes. */
export function createLeases(): Leases {
  return {
    async hold(sql, name, holder, forMs) {
      const rows = await sql.query(
        `insert into mediator.note (name, content)
         values ($1, jsonb_build_object('holder', $2::text, 'until', extract(epoch from now()) * 1000 + $3::double precision))
         on conflict (name) do update set content = excluded.content, noted_at = now()
         where note.content->>'holder' = $2
           or (note.content->>'until')::double precision < extract(epoch from now()) * 1000
         returning name`,
        [noteOf(name), holder, forMs],
      );
      return rows.length === 1;
    },
    async release(sql, name, holder) {
      await sql.query(`delete from mediator.note where name = $1 and content->>'holder' = $2`, [noteOf(name), holder]);
    },
  };
}
