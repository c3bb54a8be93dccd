import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonata from 'jsonata';
import { MediatorError } from '../errors/index.js';

/** A JSONata file, compiled. Ships with the deployment: an expression is code and never comes from a request. */
export interface Mapping {
  /**
   * Applies the mapping to `input`; the result is unknown until a schema has parsed it.
   *
   * @throws MediatorError `mapping_timeout`, `mapping_failed` (its message names file and position, no data)
   */
  apply(input: unknown): Promise<unknown>;
}

/** Longest time and deepest recursion of one evaluation: a runaway expression must not stop the service. */
const LIMITS = { timeout: 1000, stack: 500 } as const;

/** JSONata's code for an evaluation that ran out of time. */
const TIMEOUT_CODE = 'D1012';

function fault(file: string, thrown: unknown): MediatorError {
  const { code, position } = (thrown ?? {}) as { code?: unknown; position?: unknown };
  const where = `${typeof code === 'string' ? `, ${code}` : ''}${typeof position === 'number' ? ` at ${position}` : ''}`;
  // The message of JSONata quotes values of the input: only its code and position are kept.
  if (code === TIMEOUT_CODE) {
    return new MediatorError('mapping_timeout', { message: `The mapping ${file} took too long${where}.` });
  }
  return new MediatorError('mapping_failed', { message: `The mapping ${file} failed${where}.` });
}

/** JSONata marks its arrays with hidden properties; a copy by JSON is plain data, and drops undefined members. */
function plain(result: unknown): unknown {
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}

/**
 * Reads and compiles `file` below `dir` (default settings: `config/mappings`).
 *
 * @throws MediatorError `mapping_failed` when it cannot be read or compiled
 */
export function loadMapping(dir: string, file: string): Mapping {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(readFileSync(join(dir, file), 'utf8'), LIMITS);
  } catch (thrown) {
    throw fault(file, thrown);
  }
  return {
    async apply(input) {
      try {
        return plain(await expression.evaluate(input));
      } catch (thrown) {
        throw fault(file, thrown);
      }
    },
  };
}
