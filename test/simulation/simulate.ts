/** Plays seeded histories. Exit codes: 0 no invariant was violated, 1 one was, 64 wrong usage. */
import { createMetrics } from '../../src/telemetry/index.js';
import { runArguments } from '../support/run-arguments.js';
import { runHistory } from './run-history.js';
import { SimEngine } from './sim-database.js';

const {
  seeds,
  seed: first,
  trace,
  json,
} = runArguments(
  'Usage: npm run simulate -- [--seeds N] [--seed FIRST] [--trace] [--json]\n',
  { seeds: { otherwise: 200, least: 1 }, seed: { otherwise: 1, least: 1 } },
  ['trace', 'json'],
);
/** Seeds between two words about how far it is. */
const TOLD_EVERY = 100;

const startedAt = performance.now();
const engine = await SimEngine.open();
const metrics = createMetrics();
let violations = 0;
for (let done = 0; done < seeds; done += 1) {
  const result = await runHistory(engine, metrics, { seed: first + done });
  violations += result.violations.length;
  if (result.violations.length > 0 || trace) {
    const lines = [...result.violations, ...(trace ? result.trace : [])];
    process.stderr.write(`seed ${result.seed}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  }
  if ((done + 1) % TOLD_EVERY === 0) process.stderr.write(`${done + 1} of ${seeds}\n`);
}
await engine.close();
const seconds = Math.round((performance.now() - startedAt) / 1000);
const words = `${seeds} seeds, ${violations} violations, ${seconds} s`;
process.stdout.write(`${json ? JSON.stringify({ seeds, violations, seconds }) : words}\n`);
process.exitCode = violations === 0 ? 0 : 1;
