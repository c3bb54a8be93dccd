import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { Database, Sql } from '../../src/pipeline/store/index.js';
import { migrate } from '../../src/pipeline/store/schema.js';

/** Thrown inside the transaction of a process that has just died, so that the engine rolls it back. */
class ProcessDied extends Error {}

const forever = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Those with the data of events, the ones that refer to others first. */
export const TABLES = ['history', 'callback', 'report', 'audit', 'event', 'person_link', 'person'] as const;

/**
 * PostgreSQL in memory with the time of the simulation: a schema before `pg_catalog` has a `now()` of its own, so the
 * statements and defaults of the service run as they are.
 */
export class SimEngine {
  readonly #pglite: PGlite;
  #active = 0;

  private constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  static async open(): Promise<SimEngine> {
    const pglite = await PGlite.create();
    await pglite.exec(`
      create schema sim;
      create function sim.now() returns timestamptz language sql stable
        as $$ select current_setting('sim.now')::timestamptz $$;
      select set_config('sim.now', '2024-03-01T00:00:00Z', false);
      set search_path = sim, pg_catalog, public;
      create table sim.job (
        id bigint generated always as identity primary key,
        queue text not null,
        subject text not null,
        due_at timestamptz not null,
        priority integer not null,
        state text not null default 'waiting',
        attempt integer not null default 0,
        expires_at timestamptz
      );
      create unique index job_open on sim.job (queue, subject) where state <> 'done';
    `);
    const engine = new SimEngine(pglite);
    await migrate(engine.connect({ isAlive: () => true, onCommit: () => undefined }));
    return engine;
  }

  /** Calls to the database that are under way. */
  get active(): number {
    return this.#active;
  }

  async setNow(ms: number): Promise<void> {
    await this.#pglite.query(`select set_config('sim.now', $1, false)`, [new Date(ms).toISOString()]);
  }

  async rows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#pglite.query<Row>(text, [...values])).rows;
  }

  /** Empties every table for the next history. */
  async clear(): Promise<void> {
    // A few rows each: quicker than to truncate.
    for (const table of ['sim.job', ...TABLES.map((name) => `mediator.${name}`)]) {
      await this.#pglite.exec(`delete from ${table}`);
    }
  }

  close(): Promise<void> {
    return this.#pglite.close();
  }

  /** The database as one process sees it. A dead process gets no answers, and its open transaction is rolled back. */
  connect(process: { readonly isAlive: () => boolean; readonly onCommit: () => void }): Database {
    /** The result, as long as there is somebody to get it. */
    const alive = async <T>(call: () => Promise<T>): Promise<T> => {
      if (!process.isAlive()) return forever();
      const result = await this.#count(call);
      return process.isAlive() ? result : forever();
    };

    const over = (connection: PGlite | Transaction): Sql => {
      const ask = async <Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> => {
        if (values !== undefined) return (await connection.query<Row>(text, [...values])).rows;
        return ((await connection.exec(text)).at(-1)?.rows ?? []) as Row[];
      };
      return { query: ask, boss: { executeSql: async (text, values) => ({ rows: await ask(text, values) }) } };
    };
    /** Inside a transaction the engine has to go on, if only to roll back. */
    const inside = (tx: Transaction): Sql => {
      const sql = over(tx);
      const check = (): void => {
        if (!process.isAlive()) throw new ProcessDied();
      };
      return {
        async query<Row extends object>(text: string, values?: readonly unknown[]) {
          check();
          return sql.query<Row>(text, values);
        },
        boss: sql.boss,
      };
    };
    const transaction = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
      this.#pglite.transaction(async (tx) => {
        const result = await work(inside(tx));
        if (!process.isAlive()) throw new ProcessDied();
        return result;
      });

    const outside = over(this.#pglite);
    return {
      query: <Row extends object>(text: string, values?: readonly unknown[]) =>
        alive(() => outside.query<Row>(text, values)),
      boss: outside.boss,
      transaction: (work) =>
        alive(async () => {
          try {
            const result = await transaction(work);
            process.onCommit();
            return result;
          } catch (thrown) {
            if (process.isAlive()) throw thrown;
            return undefined as never;
          }
        }),
      bossOptions: {},
      exclusive: false,
      close: async () => undefined,
    };
  }

  async #count<T>(call: () => Promise<T>): Promise<T> {
    this.#active += 1;
    try {
      return await call();
    } finally {
      this.#active -= 1;
    }
  }
}
