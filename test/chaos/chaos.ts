/** The fault run as a command. Exit codes: 0 nothing lost, doubled or left unsettled; 1 something was; 64 wrong usage. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type ChaosOptions, runChaos } from './run-chaos.js';

const USAGE = 'Usage: npm run chaos -- --events N --kills K [--seed S] [--json]\n';

function readArguments(): ChaosOptions & { readonly isJson: boolean } {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '200' },
      kills: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
      json: { type: 'boolean', default: false },
    },
  });
  const [events, kills, seed] = [values.events, values.kills, values.seed].map(Number) as [number, number, number];
  if (!Number.isInteger(events) || events < 1) throw new TypeError('--events wants a number from 1 on');
  if (!Number.isInteger(kills) || kills < 0) throw new TypeError('--kills wants a number from 0 on');
  if (!Number.isInteger(seed) || seed < 1) throw new TypeError('--seed wants a number from 1 on');
  return { events, kills, seed, isJson: values.json };
}

function options(): ReturnType<typeof readArguments> | undefined {
  try {
    return readArguments();
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    process.stderr.write(`${thrown.message}\n${USAGE}`);
    return undefined;
  }
}

const given = options();
if (given === undefined) {
  process.exitCode = 64;
} else {
  process.stderr.write(`seed ${given.seed}\n`);
  const result = await runChaos({ ...given, onProgress: (text) => process.stderr.write(`${text}\n`) });
  const faults = [result.lost, result.doubled, result.unsettled];
  for (const [index, name] of ['lost', 'doubled', 'unsettled'].entries()) {
    if (faults[index]?.length) process.stderr.write(`${name}: ${faults[index].slice(0, 20).join(' ')}\n`);
  }
  const figures = Object.entries(result).map(([name, value]) => [name, Array.isArray(value) ? value.length : value]);
  const lines = figures.map(([name, value]) => `${String(name).padEnd(16)} ${value}\n`);
  process.stdout.write(given.isJson ? `${JSON.stringify(Object.fromEntries(figures))}\n` : lines.join(''));
  process.exitCode = faults.some((numbers) => numbers.length > 0) ? 1 : 0;
}
