import pg from 'pg';
import type { Logger } from '../../telemetry/index.js';
import type { Database, Sql } from './database.js';

/** A slow statement must not hold the intake; the longest of ours takes milliseconds. */
const STATEMENT_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;

function over(client: pg.Pool | pg.PoolClient): Sql {
  const run = (text: string, values?: readonly unknown[]) =>
    client.query(text, values === undefined ? undefined : [...values]);
  return {
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await run(text, values)).rows as Row[],
    boss: { executeSql: (text, values) => run(text, values) },
  };
}

/** A pool on a PostgreSQL server. Connects at the first statement; lost connections are replaced by themselves. */
export function openPostgres(deps: { readonly log: Logger }, url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'national-id-mediator',
  });
  const onLost = (err: Error): void =>
    deps.log.warn({ event: 'store.connection_lost', err }, 'a database connection was lost');
  pool.on('error', onLost);
  // The pool listens to idle connections only: one that is lost while it is in use would end the process.
  pool.on('connect', (client) => void client.on('error', onLost));
  return {
    ...over(pool),
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      try {
        await client.query('begin');
        const result = await work(over(client));
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
    bossOptions: { connectionString: url, application_name: 'national-id-mediator-jobs', max: 4 },
    exclusive: false,
    close: () => pool.end(),
  };
}
