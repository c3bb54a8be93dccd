import { expect, test } from '@jest/globals';
import { inChunks, type Line } from '../../../src/cli/import/lines.js';

const MEGABYTE = 1024 * 1024;

async function sizesOf(megabytes: readonly number[], size: number): Promise<number[]> {
  async function* lines(): AsyncGenerator<Line> {
    let bytes = 0;
    for (const [index, length] of megabytes.entries()) {
      bytes += length * MEGABYTE;
      yield { text: ' '.repeat(length * MEGABYTE), end: { lines: index + 1, bytes } };
    }
  }
  const sizes: number[] = [];
  for await (const chunk of inChunks(lines(), size)) sizes.push(chunk.length);
  return sizes;
}

test('a chunk ends with so many lines, or with sixteen megabytes of them', async () => {
  expect(await sizesOf([0, 0, 0, 0, 0], 2)).toEqual([2, 2, 1]);
  expect(await sizesOf([8, 8, 1, 20, 1, 1], 400)).toEqual([2, 2, 2]);
  expect(await sizesOf([], 2)).toEqual([]);
});
