/** A field asked for, its arguments by the variable that each is given. */
export interface Field {
  readonly name: string;
  readonly arguments: ReadonlyMap<string, string>;
  readonly selections: readonly Selection[];
}

/** `... on Type { … }` */
export interface Fragment {
  readonly on: string;
  readonly selections: readonly Selection[];
}

export type Selection = Field | Fragment;

export interface Operation {
  readonly kind: 'query' | 'mutation';
  readonly name: string;
  /** Declared types as text, e.g. `ID!`. */
  readonly variables: ReadonlyMap<string, string>;
  readonly selections: readonly Selection[];
}

export class GraphqlSyntaxError extends Error {}

/** Words, the spread and single marks; blanks and commas mean nothing in GraphQL. */
const TOKEN = /[_A-Za-z][_0-9A-Za-z]*|\.\.\.|[!$():{}]|[\s,]+/y;
const NAME = /^[_A-Za-z]/;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0];
    if (token === undefined) throw new GraphqlSyntaxError(`Syntax Error: Unexpected character at ${at}.`);
    if (!/^[\s,]/.test(token)) tokens.push(token);
  }
  return tokens;
}

/**
 * Reads a document with one named operation whose arguments are all variables, which is what a careful client sends:
 * literals, lists of types, aliases, directives, default values and fragments by name are refused.
 */
export function parseOperation(text: string): Operation {
  const tokens = tokensOf(text);

  const take = (token: string): boolean => {
    if (tokens[0] !== token) return false;
    tokens.shift();
    return true;
  };
  const unexpected = (): GraphqlSyntaxError =>
    new GraphqlSyntaxError(`Syntax Error: Unexpected ${tokens[0] ?? '<EOF>'}.`);
  const need = (token: string): void => {
    if (!take(token)) throw unexpected();
  };
  const needName = (): string => {
    const [name] = tokens;
    if (name === undefined || !NAME.test(name)) throw unexpected();
    tokens.shift();
    return name;
  };

  const list = (close: string, item: () => void): void => {
    do item();
    while (!take(close));
  };
  const typeText = (): string => {
    const name = needName();
    return take('!') ? `${name}!` : name;
  };
  const selectionSet = (): Selection[] => {
    const selections: Selection[] = [];
    need('{');
    list('}', () => selections.push(take('...') ? fragment() : field()));
    return selections;
  };
  const fragment = (): Fragment => {
    need('on');
    return { on: needName(), selections: selectionSet() };
  };
  const field = (): Field => {
    const name = needName();
    const given = new Map<string, string>();
    if (take('(')) {
      list(')', () => {
        const argument = needName();
        need(':');
        need('$');
        given.set(argument, needName());
      });
    }
    return { name, arguments: given, selections: tokens[0] === '{' ? selectionSet() : [] };
  };

  const kind = take('mutation') ? 'mutation' : 'query';
  if (kind === 'query') need('query');
  const name = needName();
  const variables = new Map<string, string>();
  if (take('(')) {
    list(')', () => {
      need('$');
      const variable = needName();
      need(':');
      variables.set(variable, typeText());
    });
  }
  const selections = selectionSet();
  if (tokens.length > 0) throw unexpected();
  return { kind, name, variables, selections };
}
