import type { Sql } from './database.js';

/** What the service writes down for its next start. Nothing personal, no secret. */
export interface Notes {
  /** The note as JSON data; undefined where there is none. */
  read(name: string): Promise<unknown>;
  write(name: string, content: unknown): Promise<void>;
}

export function createNotes(sql: Pick<Sql, 'query'>): Notes {
  return {
    async read(name) {
      const [row] = await sql.query<{ content: unknown }>('select content from mediator.note where name = $1', [name]);
      return row?.content;
    },
    async write(name, content) {
      await sql.query(
        `insert into mediator.note (name, content) values ($1, $2::jsonb)
         on conflict (name) do update set content = excluded.content, noted_at = now()`,
        [name, JSON.stringify(content)],
      );
    },
  };
}
