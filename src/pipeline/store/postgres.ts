import pg from 'pg';
import type { Logger } from '../../telemetry/index.js';
import type { Connections, Database, Sql } from './database.js';

/** The longest statement of ours takes milliseconds: one that is slow, or waits for a lock, must not hold the intake. */
const STATEMENT_TIMEOUT_MS = 15_000;
const LOCK_TIMEOUT_MS = 10_000;
/** A transaction that nobody goes on with (a frozen process) gives its locks back. */
const IDLE_TRANSACTION_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 5_000;

const DEFAULT_POOL_SIZE = 16;
const JOB_CONNECTIONS = 4;
/** Two batches of deliveries at once, and callbacks beside them. */
const INTAKE_CONNECTIONS = 3;

/** A connection plans its statements anew after this time at the latest: tables have grown meanwhile. */
const CONNECTION_SECONDS = 300;

/** More texts than we have. Beyond it a statement is planned each time, as one made for the occasion should be. */
const MOST_PREPARED = 300;

const names = new Map<string, string>();

/**
 * The name under which a connection keeps a statement that it has parsed and planned once: that takes the server longer
 * than to run it (docs/performance.md).
 */
function nameOf(text: string): { readonly name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { name: known };
  if (names.size >= MOST_PREPARED) return {};
  const name = `mediator_${names.size}`;
  names.set(text, name);
  return { name };
}

/** How statements are named: those of a pool are all prepared, or none is. */
type Naming = typeof nameOf;

/** The intake's take lists, and a plan for all lists is worse than one for each: a tenth to a fifth of its rate. */
const unnamed: Naming = () => ({});

function over(client: pg.Pool | pg.PoolClient, naming: Naming): Sql {
  const run = (text: string, values?: readonly unknown[]) =>
    values === undefined ? client.query(text) : client.query({ ...naming(text), text, values: [...values] });
  return {
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await run(text, values)).rows as Row[],
    boss: { executeSql: (text, values) => run(text, values) },
  };
}

function connections(pool: pg.Pool, naming: Naming): Connections {
  return {
    ...over(pool, naming),
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      try {
        await client.query('begin');
        const result = await work(over(client, naming));
        await client.query('commit');
        return result;
      } catch (thrown) {
        // A connection that cannot even roll back is not given to the next caller.
        await client.query('rollback').catch(() => {
          broken = true;
        });
        throw thrown;
      } finally {
        client.release(broken);
      }
    },
  };
}

/**
 * Pools on a PostgreSQL server. They connect at the first statement; lost connections are replaced by themselves. The
 * intake has connections of its own: behind the steps of a backlog, it would wait for its turn.
 */
export function openPostgres(
  deps: { readonly log: Logger },
  url: string,
  options: { readonly poolSize?: number | undefined } = {},
): Database {
  const common = {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
  };
  const onLost = (err: Error): void =>
    deps.log.warn({ event: 'store.connection_lost', err }, 'a database connection was lost');
  const open = (name: string, max: number): pg.Pool => {
    const pool = new pg.Pool({ ...common, application_name: name, max, maxLifetimeSeconds: CONNECTION_SECONDS });
    pool.on('error', onLost);
    // The pool listens to idle connections only: one that is lost while it is in use would end the process.
    pool.on('connect', (client) => void client.on('error', onLost));
    return pool;
  };
  const others = JOB_CONNECTIONS + INTAKE_CONNECTIONS;
  const work = open('national-id-mediator', (options.poolSize ?? DEFAULT_POOL_SIZE) - others);
  const intake = open('national-id-mediator-intake', INTAKE_CONNECTIONS);
  return {
    ...connections(work, nameOf),
    intake: connections(intake, unnamed),
    bossOptions: { ...common, application_name: 'national-id-mediator-jobs', max: JOB_CONNECTIONS },
    exclusive: false,
    async close() {
      await Promise.all([work.end(), intake.end()]);
    },
  };
}
