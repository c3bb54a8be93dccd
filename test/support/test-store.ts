import { createHash } from 'node:crypto';
import pg from 'pg';
import { openEmbedded } from '../../src/pipeline/store/embedded.js';
import type { Database } from '../../src/pipeline/store/index.js';
import { openPostgres } from '../../src/pipeline/store/postgres.js';
import type { Logger } from '../../src/telemetry/index.js';

/**
 * The store of a folder: embedded in it, or with `TEST_DATABASE_URL` a database of its own on that PostgreSQL server.
 * Opened again for the same folder it holds the same data.
 */
export async function openTestStore(deps: { readonly log: Logger }, folder: string): Promise<Database> {
  const server = process.env['TEST_DATABASE_URL'];
  if (server === undefined) return openEmbedded(folder);
  const name = `mediator_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const admin = new pg.Client({ connectionString: server });
  await admin.connect();
  const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount === 0) await admin.query(`create database ${name}`);
  await admin.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return openPostgres(deps, url.toString());
}
