import { benchDrain } from './drain.js';
import { benchHistory } from './history.js';
import { benchIntake } from './intake.js';
import { benchLatency } from './latency.js';
import { benchMemory } from './memory.js';
import { benchProxy } from './proxy.js';
import { benchToken } from './token.js';

/** Each benchmark gives one object of figures. Ratios within one run are what counts: machines are noisy. */
const BENCHMARKS: Readonly<Record<string, () => Promise<object>>> = {
  proxy: benchProxy,
  intake: benchIntake,
  latency: benchLatency,
  drain: benchDrain,
  token: benchToken,
  memory: benchMemory,
  history: benchHistory,
};

/** One line a figure, indented; figures that belong together below their name. */
function rows(figures: object, indent = '  '): string[] {
  return Object.entries(figures).flatMap(([figure, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? [`${indent}${figure}`, ...rows(value, `${indent}  `)]
      : [`${indent}${figure.padEnd(24)} ${value}`],
  );
}

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.filter((name) => BENCHMARKS[name] === undefined);
if (unknown.length > 0) {
  process.stderr.write(
    `No benchmark is named ${unknown.join(', ')}; there are: ${Object.keys(BENCHMARKS).join(', ')}.\n`,
  );
  process.exit(64);
}
const results: Record<string, object> = {};
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const figures = await run();
  results[name] = figures;
  process.stdout.write(`${[name, ...rows(figures)].join('\n')}\n`);
}
if (isJson) process.stdout.write(`${JSON.stringify(results)}\n`);
