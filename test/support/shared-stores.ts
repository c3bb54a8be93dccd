/**
 * Runs beside all tests (jest.global-setup.js): an empty embedded store, which they copy, and a PostgreSQL server with an
 * empty store in it, of which each takes a copy. To make either from nothing takes seconds. Tells where they are in one
 * line, and goes when its standard input ends.
 */

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPgBossJobs } from '../../src/pipeline/pg-boss-jobs.js';
import { openEmbedded } from '../../src/pipeline/store/embedded.js';
import { type Database, openDatabase } from '../../src/pipeline/store/index.js';
import { openPostgres } from '../../src/pipeline/store/postgres.js';
import { createMemoryLog } from '../fakes/memory-log.js';
import { startPostgres } from './postgres-server.js';
import { createDatabase, TEMPLATE } from './shared-postgres.js';

const { log } = createMemoryLog();

async function makeEmpty(open: () => Promise<Database>): Promise<void> {
  const database = await openDatabase(open);
  const jobs = await startPgBossJobs({ database, log });
  await jobs.stop(5_000);
  await database.close();
}

const folder = mkdtempSync(join(tmpdir(), 'mediator-template-'));
const server = await startPostgres();
try {
  const postgres = await createDatabase(server.url, TEMPLATE);
  await Promise.all([makeEmpty(() => openEmbedded(folder)), makeEmpty(async () => openPostgres({ log }, postgres))]);
  process.stdout.write(`${JSON.stringify({ embedded: join(folder, 'pglite'), postgres: server.url })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'end');
} finally {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}
