import { z } from 'zod';
import type { AgeRule, LookupRule, RequestTemplate, VerifyRule } from '../../config/index.js';
import { Identity, Person } from '../../vital-events/index.js';
import { NOT_SUPPORTED } from '../not-supported.js';
import type { NationalIdSystem } from '../port.js';
import type { AgeAnswer, Lookup, LookupKey, Verification } from '../queries.js';
import { compileExpression } from './expression.js';
import { compileOperation, type OperationDeps } from './operation.js';

/** Never empty by default: nothing found would be a match. */
const Attributes = z.array(z.enum(['name', 'birth-date', 'gender']));

const none = <T>(): T[] => [];

const KnownPerson = z.object({
  identity: Identity,
  person: Person.extend({
    names: Person.shape.names.default(none),
    identifiers: Person.shape.identifiers.default(none),
    nationalities: Person.shape.nationalities.default(none),
    addresses: Person.shape.addresses.default(none),
  }),
  isActive: z.boolean(),
  deceased: z.union([z.iso.date(), z.literal(true)]).optional(),
});

/** Expressions see the `claim`. */
export function createVerify(
  deps: OperationDeps,
  definition: RequestTemplate & { readonly answers: readonly VerifyRule[] },
): NationalIdSystem['verify'] {
  const ask = compileOperation<VerifyRule, Verification>(deps, 'verify', definition, (rule, place) => {
    switch (rule.result) {
      case 'compared': {
        const read = compileExpression(`${place}.differences`, rule.differences, Attributes, 'peer_response_invalid');
        return async (input) => {
          const attributes = await read(input);
          return attributes.length === 0 ? { result: 'match' } : { result: 'mismatch', attributes };
        };
      }
      case 'mismatch':
        return async () => ({ result: 'mismatch', attributes: [] });
      default:
        return async () => ({ result: rule.result });
    }
  });
  return (claim, signal) => ask({ claim }, { signal });
}

/** Expressions see the `question`. */
export function createCheckAge(
  deps: OperationDeps,
  definition: RequestTemplate & { readonly answers: readonly AgeRule[] },
): NationalIdSystem['checkAge'] {
  const ask = compileOperation<AgeRule, AgeAnswer>(deps, 'checkAge', definition, ({ result }) => async () => ({
    result,
  }));
  return (question, signal) => ask({ question }, { signal });
}

/** Expressions see the `key`. A key of a kind that the system does not take is answered with `not-supported`. */
export function createLookup(
  deps: OperationDeps,
  definition: RequestTemplate & { readonly answers: readonly LookupRule[]; readonly by: readonly string[] },
): NationalIdSystem['lookup'] {
  const ask = compileOperation<LookupRule, Lookup>(deps, 'lookup', definition, (rule, place) => {
    if (rule.result === 'not-found') return async () => ({ result: 'not-found' });
    const read = compileExpression(`${place}.found`, rule.found, KnownPerson, 'peer_response_invalid');
    return async (input) => ({ result: 'found', found: await read(input) });
  });
  const isTaken = (key: LookupKey): boolean => Object.keys(key).some((kind) => definition.by.includes(kind));
  return async (key, signal) => (isTaken(key) ? ask({ key }, { signal }) : NOT_SUPPORTED);
}
