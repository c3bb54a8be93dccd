import { z } from 'zod';
import type { Sql } from '../../src/pipeline/store/index.js';

const Plans = z.array(z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: z.unknown() })]) })).min(1);

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The tables that a plan reads from end to end. */
function scannedIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { 'Node Type': type, 'Relation Name': relation, Plans: below } = node as Readonly<Record<string, unknown>>;
  const own = type === 'Seq Scan' && typeof relation === 'string' ? [relation] : [];
  return [...own, ...(Array.isArray(below) ? below.flatMap(scannedIn) : [])];
}

/** Runs the work, and gives the tables that any of its statements reads from end to end. */
export async function tablesScanned(
  sql: Pick<Sql, 'query'>,
  work: (watched: Sql) => Promise<unknown>,
): Promise<string[]> {
  const statements: Statement[] = [];
  const boss = {
    executeSql: async (): Promise<never> => {
      throw new Error('only looking is planned');
    },
  };
  await work({
    boss,
    query: (text, values = []) => {
      statements.push({ text, values });
      return sql.query(text, values);
    },
  });
  const scanned = new Set<string>();
  for (const { text, values } of statements) {
    const [row] = Plans.parse(await sql.query(`explain (format json) ${text}`, values));
    for (const table of scannedIn(row?.['QUERY PLAN'][0].Plan)) scanned.add(table);
  }
  return [...scanned].sort();
}
