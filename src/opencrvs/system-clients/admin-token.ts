import jwt from 'jsonwebtoken';
import { z } from 'zod';

const Claims = z.object({
  scope: z.array(z.string()).catch([]),
  exp: z.number().optional().catch(undefined),
  sub: z.string().optional().catch(undefined),
});

/** What a token says of itself. Not verified: it only helps to explain an answer of OpenCRVS. */
export type TokenFacts = z.infer<typeof Claims>;

/** The claims of a token; undefined where it is no JWT. */
export function tokenFacts(token: string): TokenFacts | undefined {
  return Claims.safeParse(jwt.decode(token)).data;
}

/** A scope of 2.x is stored as `type=…`; its plain form is known too. */
const holds = (scopes: readonly string[], wanted: string): boolean =>
  scopes.some((scope) => scope === wanted || scope.split('&')[0] === `type=${wanted}`);

/** What is wrong with an administrator's token for a call that needs `scope`; undefined where nothing can be seen. */
export function tokenFault(token: string, scope: string, nowMs: number): string | undefined {
  const facts = tokenFacts(token);
  if (facts === undefined) return 'it is not a JWT';
  if (facts.exp !== undefined && facts.exp * 1000 <= nowMs) {
    return `it ended at ${new Date(facts.exp * 1000).toISOString()}`;
  }
  if (holds(facts.scope, scope)) return undefined;
  const found = facts.scope.length === 0 ? 'no scope' : facts.scope.join(', ');
  return `it lacks the scope ${scope} (it has ${found})`;
}
