import { z } from 'zod';
import type { RequestTemplate } from '../../config/index.js';
import type { OutboundRequest } from '../../outbound/index.js';
import { compileExpression, type Evaluate } from './expression.js';

export type BuiltRequest = Pick<OutboundRequest, 'method' | 'url' | 'recordedPath' | 'headers' | 'body'>;

const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** Dots alone would lead to another path. */
const PathPart = Scalar.refine((text) => !/^\.{0,2}$/.test(text));

const HeaderValue = Scalar.refine((text) => /^[\t\x20-\x7e]*$/.test(text));

const Body = z.unknown().refine((body) => body !== undefined && body !== null);

/** Compiles a group of named expressions; what comes to nothing is left out of the result. */
function compileGroup(
  place: string,
  texts: Readonly<Record<string, string>>,
  schema: z.ZodType<string>,
): Evaluate<[string, string][]> {
  const fields = Object.entries(texts).map(
    ([name, text]) => [name, compileExpression(`${place}.${name}`, text, schema.optional())] as const,
  );
  return async (input) => {
    const made: [string, string][] = [];
    for (const [name, evaluate] of fields) {
      const value = await evaluate(input);
      if (value !== undefined) made.push([name, value]);
    }
    return made;
  };
}

/**
 * Compiles the request of the operation at `place`. Records show the template of its path, which holds no number.
 *
 * The function throws MediatorError `mapping_failed`, `mapping_timeout`.
 */
export function compileRequest(place: string, template: RequestTemplate, baseUrl: string): Evaluate<BuiltRequest> {
  const { method, path } = template;
  const recordedPath = `${new URL(baseUrl).pathname.replace(/\/$/, '')}${path}`;
  const parameters = Object.entries(template.parameters).map(
    ([name, text]) => [name, compileExpression(`${place}.parameters.${name}`, text, PathPart)] as const,
  );
  const query = compileGroup(`${place}.query`, template.query, Scalar);
  const headers = compileGroup(`${place}.headers`, template.headers, HeaderValue);
  const body = template.body === undefined ? undefined : compileExpression(`${place}.body`, template.body, Body);

  return async (input) => {
    let filled = path;
    for (const [name, evaluate] of parameters) {
      const part = encodeURIComponent(await evaluate(input));
      filled = filled.replaceAll(`{${name}}`, () => part);
    }
    const search = new URLSearchParams(await query(input)).toString();
    const own = Object.fromEntries(await headers(input));
    return {
      method,
      url: `${baseUrl}${filled}${search === '' ? '' : `?${search}`}`,
      recordedPath,
      headers: body === undefined ? own : { ...own, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(await body(input)) }),
    };
  };
}
