/** The fault run as a command. Exit codes: 0 nothing lost, doubled or left unsettled; 1 something was; 64 wrong usage. */
import { randomInt } from 'node:crypto';
import { runArguments } from '../support/run-arguments.js';
import { runChaos } from './run-chaos.js';

/** More of the numbers at fault are not printed. */
const SHOWN = 20;

const { json, ...options } = runArguments(
  'Usage: npm run chaos -- [--events N] [--kills K] [--seed S] [--json]\n',
  {
    events: { otherwise: 200, least: 1 },
    kills: { otherwise: 5, least: 0 },
    seed: { otherwise: randomInt(1, 2 ** 31), least: 1 },
  },
  ['json'],
);

process.stderr.write(`seed ${options.seed}\n`);
const result = await runChaos({ ...options, onProgress: (text) => process.stderr.write(`${text}\n`) });
const { lost, doubled, unsettled } = result;
const faults = Object.entries({ lost, doubled, unsettled }).filter(([, numbers]) => numbers.length > 0);
for (const [name, numbers] of faults) process.stderr.write(`${name}: ${numbers.slice(0, SHOWN).join(' ')}\n`);
const figures = Object.entries(result).map(([name, value]) => [name, Array.isArray(value) ? value.length : value]);
const lines = figures.map(([name, value]) => `${String(name).padEnd(16)} ${value}\n`);
process.stdout.write(json ? `${JSON.stringify(Object.fromEntries(figures))}\n` : lines.join(''));
process.exitCode = faults.length === 0 ? 0 : 1;
