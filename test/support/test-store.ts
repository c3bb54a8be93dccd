import { createHash } from 'node:crypto';
import pg from 'pg';
import { openEmbedded } from '../../src/pipeline/store/embedded.js';
import type { Database } from '../../src/pipeline/store/index.js';
import { openPostgres } from '../../src/pipeline/store/postgres.js';
import type { Logger } from '../../src/telemetry/index.js';
import { copyTemplate } from './embedded-template.js';
import { type PostgresServer, startPostgres } from './postgres-server.js';

/** The two engines that the service runs on. */
export const ENGINES = ['embedded', 'postgres'] as const;
export type Engine = (typeof ENGINES)[number];

/** Where tests keep their events. Opened again for the same folder it holds the same data. */
export interface TestStore {
  open(deps: { readonly log: Logger }, folder: string): Promise<Database>;
  /** The server behind it; none is behind the embedded engine. */
  readonly server?: PostgresServer;
  stop(): Promise<void>;
}

/** The embedded engine in the folder itself, or for each folder a database of its own on a server of this store. */
export async function startTestStore(engine: Engine): Promise<TestStore> {
  if (engine === 'embedded') {
    return {
      async open(_deps, folder) {
        copyTemplate(folder);
        return openEmbedded(folder);
      },
      stop: async () => undefined,
    };
  }
  const server = await startPostgres();
  return {
    server,
    async open(deps, folder) {
      const url = new URL(server.url);
      url.pathname = `/${await databaseFor(server.url, folder)}`;
      return openPostgres(deps, url.toString());
    },
    stop: () => server.remove(),
  };
}

async function databaseFor(serverUrl: string, folder: string): Promise<string> {
  const name = `mediator_${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    // Two instances of a test may open the same folder at once.
    await admin.query('select pg_advisory_lock(1)');
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await admin.query(`create database ${name}`);
  } finally {
    await admin.end();
  }
  return name;
}
