import { z } from 'zod';
import { compileMapping } from '../../config/index.js';
import { type ErrorCode, MediatorError } from '../../errors/index.js';

/** What expressions see: the names of the input, and of an answer `status`, `headers` and `body`. */
export type Input = Readonly<Record<string, unknown>>;

export type Evaluate<T> = (input: Input) => Promise<T>;

/** Compiles the expression at `place`, whose result must have this shape; otherwise the error has the code given. */
export function compileExpression<T extends z.ZodType>(
  place: string,
  text: string,
  schema: T,
  code: ErrorCode = 'mapping_failed',
): Evaluate<z.output<T>> {
  const mapping = compileMapping(place, text);
  return async (input) => {
    const parsed = schema.safeParse(await mapping.apply(input));
    if (parsed.success) return parsed.data;
    // The names in a path are the schema's own; what stood there is not told.
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))].filter((path) => path !== '');
    const which = fields.length === 0 ? '' : ` in ${fields.join(', ')}`;
    throw new MediatorError(code, { message: `${place} made something else than is needed${which}.` });
  };
}

/** A condition, true or false by the rules of JSONata; nothing is false. */
export function compileCondition(place: string, text: string): Evaluate<boolean> {
  return compileExpression(place, `$boolean((${text}))`, z.boolean().default(false));
}
