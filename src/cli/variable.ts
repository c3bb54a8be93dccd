import type { Terminal } from './command.js';

/** The value of the first of these variables that has one; an empty one counts as not set, as it does for the service. */
export function variable(environment: Terminal['environment'], ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]).find((value) => value !== undefined && value !== '');
}
