import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.js';
import { errorCode } from './error-code.js';

/** The options of a call, by name, as `parseArgs` types them. */
export type Options<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: T; strict: true; allowPositionals: false }>
>['values'];

/** What is wrong with a call, without its values: Node's own words quote a stray argument, which might be a secret. */
const FAULTS: Readonly<Record<string, string>> = {
  ERR_PARSE_ARGS_UNKNOWN_OPTION: 'There is an option that this command does not have',
  ERR_PARSE_ARGS_INVALID_OPTION_VALUE: 'An option lacks its value, or has one too many',
  ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL: 'There is an argument that belongs to no option',
};

/** The long options of a call that the command does not have, by their names alone. */
function unknownOptions(args: readonly string[], options: ParseArgsOptionsConfig): string {
  const names = args.flatMap((arg) => /^--([a-z][a-z-]*)/.exec(arg)?.[1] ?? []);
  const unknown = names.filter((name) => options[name] === undefined).map((name) => ` --${name}`);
  return unknown.length === 0 ? '' : `:${unknown}`;
}

/**
 * The options that a call gives.
 *
 * @throws UsageError
 */
export function parseOptions<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T): Options<T> {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (thrown) {
    const fault = FAULTS[errorCode(thrown)];
    if (fault === undefined) throw thrown;
    throw new UsageError(`${fault}${unknownOptions(args, options)}.`);
  }
}
