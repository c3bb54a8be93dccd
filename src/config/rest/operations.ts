import { z } from 'zod';
import { Expression } from './expression.js';
import { AgeRules, ChangeRules, IssueRules, LookupRules, StatusRules, VerifyRules } from './rules.js';

const PLACEHOLDER = /\{(\w+)\}/g;

/** The names in a path template: `/persons/{number}` has `number`. */
export function placeholdersOf(path: string): string[] {
  return [...path.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** Headers that are ours to set, or belong to the connection. */
const OWN_HEADERS = /^(authorization|connection|content-.*|cookie|expect|host|te|trailer|transfer-encoding|upgrade)$/i;

export const HeaderName = z.string().regex(/^[!#$%&'*+.^`|~\w-]+$/, 'the name of a header');

const FreeHeaderName = HeaderName.refine(
  (name) => !OWN_HEADERS.test(name),
  'a header that is not set by the mediator itself',
);

/** How a request is made. Parts of the path are encoded; a query parameter or header that comes to nothing is left out. */
const request = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().regex(/^(\/([\w.~!$&'()*+,;=:@%-]|\{\w+\})+)+$/, 'a path such as /persons/{number}'),
  parameters: z.record(z.string(), Expression).default({}),
  query: z.record(z.string().min(1), Expression).default({}),
  headers: z.record(FreeHeaderName, Expression).default({}),
  body: Expression.optional(),
};

/**
 * Why a change that is asked for twice is made once: our key is in this header, or `status` is asked before a repeat, or
 * the same request does no more the second time. Where none is named, nothing is ever asked for twice.
 */
const once = z
  .union([z.strictObject({ header: FreeHeaderName }), z.enum(['look-up', 'by-itself'])], {
    error: '{ header: NAME }, look-up or by-itself',
  })
  .optional();

/** `person`: the number that tells who it is about. */
const Change = z.strictObject({ ...request, once, person: Expression.optional(), answers: ChangeRules });

export const Operations = z.strictObject({
  issue: z.strictObject({ ...request, once, answers: IssueRules }).optional(),
  deactivate: Change.optional(),
  update: Change.optional(),
  reactivate: Change.optional(),
  status: z.strictObject({ ...request, answers: StatusRules }).optional(),
  verify: z.strictObject({ ...request, answers: VerifyRules }).optional(),
  checkAge: z.strictObject({ ...request, answers: AgeRules }).optional(),
  lookup: z
    .strictObject({
      ...request,
      by: z.array(z.enum(['nationalId', 'registrationNumber'])).min(1),
      answers: LookupRules,
    })
    .optional(),
});

export type Operations = z.output<typeof Operations>;
export type RequestTemplate = z.output<z.ZodObject<typeof request>>;
export type Once = z.output<typeof once>;

export const CHANGES = ['issue', 'deactivate', 'update', 'reactivate'] as const;
