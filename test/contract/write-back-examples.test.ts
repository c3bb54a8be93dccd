import { afterEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { codeBlocks } from '../repo/documents.js';
import type { Bench } from './write-back/bench.js';
import { BIRTH, ISSUED } from './write-back/deliveries.js';
import { WAYS } from './write-back/ways.js';

const PAGE = 'docs/write-back.md';
const HEAD = /^\/\* opencrvs\/([\w-]+)\.jsonata \*\//;

/** The mappings of the page, each with the list that follows it. */
const results = codeBlocks(PAGE, 'json').map((text) => z.array(z.string()).parse(JSON.parse(text)));
const examples = codeBlocks(PAGE, 'jsonata').map((mapping, index) => ({
  way: WAYS.find(({ name }) => name === HEAD.exec(mapping)?.[1]),
  name: `${index + 1}, ${HEAD.exec(mapping)?.[1]}`,
  mapping,
  numbers: results[index],
}));

let bench: Bench | undefined;
afterEach(() => bench?.close());

test('each example has a result, and each way that writes an example', () => {
  expect(results).toHaveLength(examples.length);
  const shown = new Set(examples.map(({ way }) => way?.name));
  expect(shown).toEqual(new Set(WAYS.map(({ name }) => name).filter((name) => name !== 'none')));
});

test.each(examples)('example $name writes what the page says', async ({ way, mapping, numbers }) => {
  bench = await way?.open(mapping);
  const { signal } = new AbortController();
  const delivery = { event: BIRTH, outcome: ISSUED, outwardKey: 'aid-1', replyTo: bench?.replyTo('birth'), signal };
  expect(await bench?.writeBack.deliver(delivery)).toEqual({ result: 'delivered' });
  expect(bench?.numbers()).toEqual(numbers);
});
