import type { ConstructorOptions, Db } from 'pg-boss';

/** Runs SQL, inside a transaction or not. Rows are typed where the table is owned: by the modules of this folder. */
export interface Sql {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same connection in the form pg-boss takes, so that a job is part of the transaction. */
  readonly boss: Db;
}

/** Some connections to one database. */
export interface Connections extends Sql {
  /** Commits when `work` resolves and rolls back when it throws. Inside it, only the given `sql` may be used. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** PostgreSQL, as a server or embedded. */
export interface Database extends Connections {
  /** For what a sender waits for, where it would otherwise stand behind the steps of events. */
  readonly intake?: Connections;
  /** How pg-boss reaches this database. */
  readonly bossOptions: ConstructorOptions;
  /** True where no other process can be at work on the same data. */
  readonly exclusive: boolean;
  close(): Promise<void>;
}
