import { parseArgs } from 'node:util';

interface Whole {
  readonly otherwise: number;
  readonly least: number;
}

/**
 * The arguments of a run from the command line: whole numbers and flags, by name. Anything else ends the process with
 * the usage and exit code 64.
 */
export function runArguments<N extends string, F extends string>(
  usage: string,
  numbers: Readonly<Record<N, Whole>>,
  flags: readonly F[],
): Readonly<Record<N, number> & Record<F, boolean>> {
  const named = Object.entries<Whole>(numbers);
  try {
    const { values } = parseArgs({
      options: {
        ...Object.fromEntries(named.map(([name]) => [name, { type: 'string' } as const])),
        ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' } as const])),
      },
    });
    const given = named.map(([name, { otherwise, least }]) => {
      const number = Number(values[name] ?? otherwise);
      if (!Number.isInteger(number) || number < least) throw new TypeError(`--${name} wants a number from ${least} on`);
      return [name, number];
    });
    const set = flags.map((name) => [name, values[name] === true]);
    // The names are those given.
    return Object.fromEntries([...given, ...set]) as Record<N, number> & Record<F, boolean>;
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    process.stderr.write(`${thrown.message}\n${usage}`);
    process.exit(64);
  }
}
