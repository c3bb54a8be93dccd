import { z } from 'zod';
import type { Clock } from '../../runtime/index.js';
import { errorOf, type Refused, readAnswer, refusalOf } from './answers.js';
import type { IdentityRecord } from './identity-record.js';
import type { OsiaClient } from './osia-client.js';
import type { Scalar } from './scalar.js';

/** What belongs to each call of one piece of work. `transactionId` is for OSIA's own tracking: it makes nothing idempotent. */
export interface Transaction {
  readonly transactionId: string;
  readonly signal: AbortSignal;
}

export interface Expression {
  readonly attributeName: string;
  readonly operator: '<' | '>' | '=' | '>=' | '<=';
  readonly value: Scalar;
}

const PersonState = z.object({ status: z.enum(['ACTIVE', 'INACTIVE']), physicalStatus: z.enum(['ALIVE', 'DEAD']) });
export type PersonState = z.infer<typeof PersonState>;

const Found = z.array(z.object({ personId: z.string().min(1) }));
const Identities = z.array(z.looseObject({ biographicData: z.record(z.string(), z.unknown()).optional() }));

/** The population registry of OSIA (pr.yaml 1.5). */
export interface PopulationRegistry {
  /** The persons of whom all this is true, each once. The criteria go in the body: no address tells them. */
  find(expressions: readonly Expression[], limit: number, transaction: Transaction): Promise<readonly string[]>;
  read(personId: string, transaction: Transaction): Promise<PersonState | undefined>;
  create(personId: string, state: PersonState, transaction: Transaction): Promise<'created' | 'exists' | Refused>;
  update(personId: string, state: PersonState, transaction: Transaction): Promise<'updated' | 'unknown' | Refused>;
  /** The biographic data of each identity of the person: its history, in no order. */
  readIdentities(personId: string, transaction: Transaction): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /**
   * Adds an identity under an id of ours and makes it the person's reference, by which queries are answered. An identity
   * that is there under this id stays as it is.
   */
  addIdentity(
    personId: string,
    identity: { readonly id: string; readonly record: IdentityRecord },
    transaction: Transaction,
  ): Promise<'added' | Refused>;
}

/** Every operation throws MediatorError: what a failed call or an unreadable answer stands for. */
export function createPopulationRegistry(client: OsiaClient, clock: Clock): PopulationRegistry {
  const person = { service: 'registry', path: '/v1/persons/{personId}' } as const;
  const identity = '/v1/persons/{personId}/identities/{identityId}';

  const setReference = async (ids: { personId: string; identityId: string }, transaction: Transaction) => {
    const { transactionId, signal } = transaction;
    const response = await client({
      operation: 'defineReference',
      service: 'registry',
      method: 'PUT',
      path: `${identity}/reference`,
      ids,
      query: { transactionId },
      signal,
    });
    if (response.status !== 204) throw errorOf(response, clock.now());
  };

  return {
    async find(expressions, limit, { transactionId, signal }) {
      const response = await client({
        operation: 'findPersons',
        service: 'registry',
        method: 'POST',
        path: '/v1/persons',
        query: { transactionId, group: 'true', limit: String(limit) },
        body: expressions,
        signal,
      });
      // Nobody is an empty list. A 404 is a registry without this operation: that must not pass for nobody.
      if (response.status !== 200) throw errorOf(response, clock.now());
      return [...new Set(readAnswer(Found, response).map(({ personId }) => personId))];
    },
    async read(personId, { transactionId, signal }) {
      const query = { transactionId };
      const response = await client({
        ...person,
        operation: 'readPerson',
        method: 'GET',
        ids: { personId },
        query,
        signal,
      });
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw errorOf(response, clock.now());
      return readAnswer(PersonState, response);
    },
    async create(personId, body, { transactionId, signal }) {
      const call = { ...person, operation: 'createPerson', method: 'POST', ids: { personId }, body } as const;
      const response = await client({ ...call, query: { transactionId }, signal });
      if (response.status === 201) return 'created';
      return response.status === 409 ? 'exists' : refusalOf(response, clock.now());
    },
    async update(personId, body, { transactionId, signal }) {
      const call = { ...person, operation: 'updatePerson', method: 'PUT', ids: { personId }, body } as const;
      const response = await client({ ...call, query: { transactionId }, signal });
      if (response.status === 204) return 'updated';
      return response.status === 404 ? 'unknown' : refusalOf(response, clock.now());
    },
    async readIdentities(personId, { transactionId, signal }) {
      const response = await client({
        operation: 'readIdentities',
        service: 'registry',
        method: 'GET',
        path: '/v1/persons/{personId}/identities',
        ids: { personId },
        query: { transactionId },
        signal,
      });
      if (response.status !== 200) throw errorOf(response, clock.now());
      return readAnswer(Identities, response).map(({ biographicData = {} }) => biographicData);
    },
    async addIdentity(personId, { id: identityId, record }, transaction) {
      const { transactionId, signal } = transaction;
      const ids = { personId, identityId };
      const response = await client({
        operation: 'createIdentityWithId',
        service: 'registry',
        method: 'POST',
        path: identity,
        ids,
        query: { transactionId },
        body: { ...record, status: 'VALID' },
        signal,
      });
      if (response.status !== 201 && response.status !== 409) return refusalOf(response, clock.now());
      await setReference(ids, transaction);
      return 'added';
    },
  };
}
