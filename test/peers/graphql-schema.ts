import type { Operation, Selection } from './graphql-document.js';

/** A field of a type: its arguments with their types, and the type of its value; none for a scalar. */
export interface FieldType {
  readonly arguments?: Readonly<Record<string, string>>;
  readonly type?: string;
}

export interface GraphqlSchema {
  /** Types by name; the operations are the fields of `Query` and `Mutation`. */
  readonly types: Readonly<Record<string, Readonly<Record<string, FieldType>>>>;
  /** The types that each interface stands for. */
  readonly implementations: Readonly<Record<string, readonly string[]>>;
}

export class GraphqlValidationError extends Error {}

/** Checks an operation as a server does before it runs it. */
export function validateOperation(schema: GraphqlSchema, operation: Operation): void {
  const used = new Set<string>();

  const fail = (message: string): never => {
    throw new GraphqlValidationError(message);
  };
  const checkArguments = (wanted: Readonly<Record<string, string>>, given: ReadonlyMap<string, string>): void => {
    for (const [argument, variable] of given) {
      const type = wanted[argument] ?? fail(`Unknown argument "${argument}".`);
      const declared = operation.variables.get(variable) ?? fail(`Variable "$${variable}" is not defined.`);
      if (declared !== type && declared !== `${type}!`) fail(`Variable "$${variable}" of type "${declared}" misused.`);
      used.add(variable);
    }
    const missing = Object.keys(wanted).find((argument) => wanted[argument]?.endsWith('!') && !given.has(argument));
    if (missing !== undefined) fail(`Argument "${missing}" is required, but it was not provided.`);
  };
  const check = (typeName: string, selections: readonly Selection[]): void => {
    for (const selection of selections) {
      if ('on' in selection) {
        if (!schema.implementations[typeName]?.includes(selection.on)) fail(`No "${selection.on}" can be here.`);
        check(selection.on, selection.selections);
        continue;
      }
      const field = schema.types[typeName]?.[selection.name];
      if (field === undefined) throw new GraphqlValidationError(`Cannot query field "${selection.name}".`);
      checkArguments(field.arguments ?? {}, selection.arguments);
      const isLeaf = field.type === undefined;
      if (isLeaf !== (selection.selections.length === 0)) fail(`Field "${selection.name}" has a wrong selection.`);
      if (field.type !== undefined) check(field.type, selection.selections);
    }
  };

  check(operation.kind === 'query' ? 'Query' : 'Mutation', operation.selections);
  const unused = [...operation.variables.keys()].find((variable) => !used.has(variable));
  if (unused !== undefined) fail(`Variable "$${unused}" is never used.`);
}

/** Of a value only what was asked for. Objects of an interface's types name their own in `__typename`. */
export function selected(value: unknown, selections: readonly Selection[]): unknown {
  if (Array.isArray(value)) return value.map((item) => selected(item, selections));
  if (typeof value !== 'object' || value === null || selections.length === 0) return value ?? null;
  const object: Readonly<Record<string, unknown>> = { ...value };
  const entries = selections.flatMap((selection): [string, unknown][] => {
    if (!('on' in selection)) return [[selection.name, selected(object[selection.name], selection.selections)]];
    if (object['__typename'] !== selection.on) return [];
    return Object.entries(selected(value, selection.selections) as object);
  });
  return Object.fromEntries(entries);
}
