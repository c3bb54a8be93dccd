import { benchPipeline } from './pipeline.js';

/** Each benchmark gives one object of figures. Ratios within one run are what counts: machines are noisy. */
const BENCHMARKS: Readonly<Record<string, () => Promise<object>>> = {
  pipeline: benchPipeline,
};

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
  process.stdout.write(
    `${name}\n${Object.entries(figures)
      .map(([figure, value]) => `  ${figure.padEnd(24)} ${value}`)
      .join('\n')}\n`,
  );
}
if (isJson) process.stdout.write(`${JSON.stringify(results)}\n`);
