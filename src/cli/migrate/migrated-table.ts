import type { MigratedRow, RowResult } from './take-over.js';

const HEAD = {
  transactionId: 'transaction id',
  registrationNumber: 'registration number',
  kind: 'kind',
  result: 'result',
};
const COLUMNS = ['transactionId', 'registrationNumber', 'kind', 'result'] as const;
const RESULTS: readonly RowResult[] = ['taken over', 'already there', 'expired token', 'unreadable', 'sent again'];

/** A line for each row, then how many of each result. Tokens are in neither. */
export function migratedTable(rows: readonly MigratedRow[]): string {
  const table = [HEAD, ...rows];
  const widths = COLUMNS.map((column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    COLUMNS.map((column, index) => row[column].padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const counts = RESULTS.map((wanted) => `${wanted}: ${rows.filter(({ result }) => result === wanted).length}`);
  return [...lines, '', counts.join(', '), ''].join('\n');
}
