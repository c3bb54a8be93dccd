import { join } from 'node:path';
import type { PGlite, Transaction } from '@electric-sql/pglite';
import { fromPglite } from 'pg-boss';
import type { Database, Sql } from './database.js';
import { lockFolder } from './folder-lock.js';

function over(connection: PGlite | Transaction): Pick<Sql, 'query'> {
  return {
    query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await connection.query<Row>(text, values === undefined ? undefined : [...values])).rows,
  };
}

/** pg-boss sends several statements at once where there are no values; PGlite takes those by `exec` only. */
function bossOver(tx: Transaction): Sql['boss'] {
  return {
    async executeSql(text, values) {
      if (values !== undefined && values.length > 0) return tx.query(text, [...values]);
      const results = await tx.exec(text);
      return { rows: results.flatMap((result) => result.rows) };
    },
  };
}

/**
 * PGlite in the data folder, which is locked first: PGlite takes no lock of its own, and two processes on one folder
 * lose rows (reference/measured.md 4). Loaded only when used, it needs half a gigabyte.
 *
 * @throws MediatorError `store_locked`
 */
export async function openEmbedded(dataDir: string): Promise<Database> {
  const unlock = lockFolder(dataDir);
  const { PGlite: Engine } = await import('@electric-sql/pglite');
  const pglite = await Engine.create(join(dataDir, 'pglite'));
  const boss = fromPglite(pglite);
  return {
    ...over(pglite),
    boss,
    transaction: (work) => pglite.transaction((tx) => work({ ...over(tx), boss: bossOver(tx) })),
    bossOptions: { db: boss, backend: 'pglite' },
    exclusive: true,
    async close() {
      await pglite.close();
      unlock();
    },
  };
}
