/** Plays seeded histories. Exit codes: 0 no invariant was violated, 1 one was, 64 wrong usage. */
import { parseArgs } from 'node:util';
import { createMetrics } from '../../src/telemetry/index.js';
import { runHistory } from './run-history.js';
import { SimEngine } from './sim-database.js';

const USAGE = 'Usage: npm run simulate -- [--seeds N] [--seed FIRST] [--trace] [--json]\n';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [seeds, first] = [Number(values.seeds), Number(values.seed)];
if (!(Number.isInteger(seeds) && seeds > 0 && Number.isInteger(first) && first > 0)) {
  process.stderr.write(USAGE);
  process.exit(64);
}

const startedAt = performance.now();
const engine = await SimEngine.open();
const metrics = createMetrics();
let violations = 0;
for (let seed = first; seed < first + seeds; seed += 1) {
  const result = await runHistory(engine, metrics, { seed });
  violations += result.violations.length;
  if (result.violations.length > 0 || values.trace) {
    process.stderr.write(
      `seed ${seed}\n${[...result.violations, ...(values.trace ? result.trace : [])].map((line) => `  ${line}\n`).join('')}`,
    );
  }
  if (seed % 100 === 0) process.stderr.write(`${seed - first + 1} of ${seeds}\n`);
}
await engine.close();
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.stdout.write(
  values.json
    ? `${JSON.stringify({ seeds, violations, seconds })}\n`
    : `${seeds} seeds, ${violations} violations, ${seconds} s\n`,
);
process.exitCode = violations === 0 ? 0 : 1;
