import { z } from 'zod';

/** The attribute values that OSIA knows. */
export const Scalar = z.union([z.string(), z.number(), z.boolean()]);
export type Scalar = z.infer<typeof Scalar>;

export const Attributes = z.record(z.string().min(1), Scalar);
export type Attributes = z.infer<typeof Attributes>;

export const Expressions = z.array(
  z.strictObject({ attributeName: z.string().min(1), operator: z.enum(['<', '>', '=', '>=', '<=']), value: Scalar }),
);
export type Expressions = z.infer<typeof Expressions>;

export const PersonState = z.strictObject({
  status: z.enum(['ACTIVE', 'INACTIVE']),
  physicalStatus: z.enum(['ALIVE', 'DEAD']),
});
export type PersonState = z.infer<typeof PersonState>;

/** As it is sent; `identityId` is read-only (pr.yaml). */
export const NewIdentity = z.strictObject({
  identityType: z.string().min(1),
  status: z.enum(['CLAIMED', 'VALID', 'INVALID', 'REVOKED']),
  galleries: z.array(z.string()).min(1).optional(),
  contextualData: z.record(z.string(), z.unknown()).optional(),
  biographicData: Attributes.optional(),
  documentData: z.array(z.unknown()).optional(),
});
export type NewIdentity = z.infer<typeof NewIdentity>;

export interface StoredPerson {
  readonly personId: string;
  state: PersonState;
  readonly identities: Map<string, NewIdentity>;
  reference: string | undefined;
}

const COMPARE: Readonly<Record<Expressions[number]['operator'], (own: Scalar, wanted: Scalar) => boolean>> = {
  '<': (own, wanted) => own < wanted,
  '>': (own, wanted) => own > wanted,
  '=': (own, wanted) => own === wanted,
  '>=': (own, wanted) => own >= wanted,
  '<=': (own, wanted) => own <= wanted,
};

/** Whether all expressions are true of these attributes; what is not there is never true. */
export function holds(attributes: Attributes, expressions: Expressions): boolean {
  return expressions.every(({ attributeName, operator, value }) => {
    const own = attributes[attributeName];
    return own !== undefined && typeof own === typeof value && COMPARE[operator](own, value);
  });
}

/** The persons of an OSIA population registry and the histories of their identities. */
export class OsiaPopulation {
  readonly #persons = new Map<string, StoredPerson>();

  get all(): readonly StoredPerson[] {
    return [...this.#persons.values()];
  }

  get(personId: string): StoredPerson | undefined {
    return this.#persons.get(personId);
  }

  /** Puts a person there as if they had always been; with attributes, in a valid identity that is the reference. */
  add(personId: string, attributes?: Attributes): StoredPerson {
    const state = { status: 'ACTIVE', physicalStatus: 'ALIVE' } as const;
    const person: StoredPerson = { personId, state, identities: new Map(), reference: undefined };
    if (attributes !== undefined) {
      person.reference = `identity-of-${personId}`;
      person.identities.set(person.reference, { identityType: 'ANY', status: 'VALID', biographicData: attributes });
    }
    this.#persons.set(personId, person);
    return person;
  }

  /** Ids of identities are given once in the whole registry. */
  hasIdentity(identityId: string): boolean {
    return this.all.some(({ identities }) => identities.has(identityId));
  }

  /** The attributes by which queries about a person are answered. */
  attributesOf({ identities, reference }: StoredPerson): Attributes {
    return (reference === undefined ? undefined : identities.get(reference)?.biographicData) ?? {};
  }

  /** Every identity of which the expressions are true, with its person. */
  find(expressions: Expressions): readonly { readonly personId: string; readonly identityId: string }[] {
    return this.all.flatMap(({ personId, identities }) =>
      [...identities]
        .filter(([, { biographicData = {} }]) => holds(biographicData, expressions))
        .map(([identityId]) => ({ personId, identityId })),
    );
  }
}
