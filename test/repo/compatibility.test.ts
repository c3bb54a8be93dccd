import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ASPECTS, COMPATIBILITY, type Proof, VERSIONS } from '../compatibility.js';
import { ROOT, textOf } from './repository.js';

/** The first text in the arguments of a test, with a table or without. */
const TITLE = /(?:\btest|\))\(\s*(['"`])(.*?)\1,/g;

/** Whether a file has this test, and its table this row. A skipped test is none. */
function hasTest(text: string, { title, row }: Omit<Proof, 'file'>): boolean {
  const titles = [...text.matchAll(TITLE)].map(([, , found]) => found);
  return titles.includes(title) && (row === undefined || text.includes(`'${row}'`));
}

const PROOFS = VERSIONS.flatMap((version) =>
  ASPECTS.flatMap((aspect) => {
    const cell = COMPATIBILITY[version][aspect];
    return cell.is === 'tested' ? [{ name: `${version}, ${aspect}`, proofs: cell.proofs }] : [];
  }),
);

test.each([
  { name: 'as it stands', text: "test('works', () => {", is: true },
  { name: 'with a table', text: "test.each([{ v: '1.2' }])(\n  'works',", row: '1.2', is: true },
  { name: 'without its row', text: "test.each([{ v: '1.3' }])('works',", row: '1.2', is: false },
  { name: 'skipped', text: "test.skip('works', () => {", is: false },
  { name: 'by a longer title', text: "test('works well', () => {", is: false },
  { name: 'gone', text: "test('fails', () => {", is: false },
])('a test is found: $name', ({ text, row, is }) => {
  expect(hasTest(text, { title: 'works', ...(row === undefined ? {} : { row }) })).toBe(is);
});

test.each(PROOFS)('what the table says is tested has its tests: $name', ({ proofs }) => {
  expect(proofs.length).toBeGreaterThan(0);
  const lost = proofs.filter(({ file, ...proof }) => !existsSync(join(ROOT, file)) || !hasTest(textOf(file), proof));
  expect(lost).toEqual([]);
});
