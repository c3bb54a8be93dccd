import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createMetrics } from '../../src/telemetry/index.js';
import { type HistoryOptions, type HistoryResult, runHistory } from './run-history.js';
import { SimEngine } from './sim-database.js';

const SEEDS = 200;
/** Seeds that once failed. */
const KEPT = z.array(z.number()).parse(JSON.parse(readFileSync(join(import.meta.dirname, 'kept-seeds.json'), 'utf8')));

let engine: SimEngine;
const metrics = createMetrics();
beforeAll(async () => {
  engine = await SimEngine.open();
}, 60_000);
afterAll(() => engine.close());

/** The first histories that violate something, up to `count` of those tried. */
async function failing(seeds: readonly number[], mutation?: HistoryOptions['mutation']): Promise<HistoryResult[]> {
  const failed: HistoryResult[] = [];
  for (const seed of seeds) {
    const result = await runHistory(engine, metrics, { seed, ...(mutation === undefined ? {} : { mutation }) });
    if (result.violations.length > 0) failed.push(result);
    if (mutation !== undefined && failed.length > 0) break;
  }
  return failed;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test(`no history of ${SEEDS} seeds, and none that once failed, violates an invariant`, async () => {
  expect(await failing([...KEPT, ...upTo(SEEDS)])).toEqual([]);
}, 170_000);

test.each([
  { mutation: 'system-ignores-keys', found: /has 2 identities/ },
  { mutation: 'acknowledged-before-stored', found: /was acknowledged and is lost/ },
] as const)(
  'what is broken on purpose is found: $mutation',
  async ({ mutation, found }) => {
    const [first] = await failing(upTo(50), mutation);
    expect(first?.violations.join('\n')).toMatch(found);
  },
  60_000,
);
