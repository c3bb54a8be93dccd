import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import jsonata from 'jsonata';
import { MediatorError } from '../errors/index.js';
import { fieldAt, names } from './mapping-field.js';

/** A JSONata expression, compiled. Ships with the deployment: it is code and never comes from a request. */
export interface Mapping {
  /** The expression as it was read. */
  readonly text: string;
  /** Whether the expression names such a member, of its input or of its result. */
  names(member: string): boolean;
  /**
   * Applies the mapping to `input`; the result is unknown until a schema has parsed it.
   *
   * @throws MediatorError `mapping_timeout`, `mapping_failed` (its message names the mapping, the
   *   field and the position, no data)
   */
  apply(input: unknown): Promise<unknown>;
}

/** Longest time and deepest recursion of one evaluation: a runaway expression must not stop the service. */
const LIMITS = { timeout: 1000, stack: 500 } as const;

/** JSONata's code for an evaluation that ran out of time. */
const TIMEOUT_CODE = 'D1012';

let lastTurn: Promise<unknown> = Promise.resolve();

/**
 * Evaluates one after the other. All share one thread: side by side they would end no sooner, and each would be charged
 * with the time of all.
 */
function inTurn<T>(evaluate: () => Promise<T>): Promise<T> {
  const evaluated = lastTurn.then(evaluate);
  lastTurn = evaluated.catch(() => undefined);
  return evaluated;
}

function fault(name: string, thrown: unknown, expression?: jsonata.Expression): MediatorError {
  const { code, position } = (thrown ?? {}) as { code?: unknown; position?: unknown };
  const field = typeof position === 'number' ? fieldAt(expression?.ast(), position) : undefined;
  const where = [
    ...(field === undefined ? [] : [` in the field ${field}`]),
    ...(typeof code === 'string' ? [`, ${code}`] : []),
    ...(typeof position === 'number' ? [` at ${position}`] : []),
  ].join('');
  // The message of JSONata quotes values of the input: only its code and position are kept.
  if (code === TIMEOUT_CODE) {
    return new MediatorError('mapping_timeout', { message: `The mapping ${name} took too long${where}.` });
  }
  return new MediatorError('mapping_failed', { message: `The mapping ${name} failed${where}.` });
}

/** JSONata marks its arrays with hidden properties; a copy by JSON is plain data, and drops undefined members. */
function plain(result: unknown): unknown {
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}

/**
 * Compiles an expression that is known as `name` in errors.
 *
 * @throws MediatorError `mapping_failed`
 */
export function compileMapping(name: string, text: string): Mapping {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(text, LIMITS);
  } catch (thrown) {
    throw fault(name, thrown);
  }
  return {
    text,
    names: (member) => names(expression.ast(), member),
    async apply(input) {
      try {
        return plain(await inTurn(() => expression.evaluate(input)));
      } catch (thrown) {
        throw fault(name, thrown, expression);
      }
    },
  };
}

/**
 * Reads and compiles `file` below `dir` (default settings: `config/mappings`).
 *
 * @throws MediatorError `mapping_failed` when it cannot be read or compiled
 */
export function loadMapping(dir: string, file: string): Mapping {
  let text: string;
  try {
    text = readFileSync(join(dir, file), 'utf8');
  } catch (thrown) {
    throw fault(file, thrown);
  }
  return compileMapping(file, text);
}

/** Where an eligibility rule is, below the folder of mappings. */
export const ruleFile = (name: string): string => `rules/${name}.jsonata`;
