import { z } from 'zod';
import type { GatewayOperation } from '../graphql.js';
import type { GraphqlReply } from '../replies.js';
import type { GatewayCall } from './gateway-call.js';
import type { NewIdentifier } from './patient.js';

/** What the gateway knows about a record, as far as it decides what is left to do. */
export interface RecordState {
  /** Its present status; OpenCRVS has a closed set of them. */
  readonly status: string | undefined;
  /** Present once it is registered. */
  readonly registrationNumber: string | undefined;
  /** Of the child; empty for a death. */
  readonly identifiers: readonly { readonly type: string; readonly value: string }[];
}

/**
 * A record that waits at the gateway for an outcome, opened with its own token. All calls throw as {@link GatewayCall}.
 * That nothing here looks at what was done before is not in the reference: core v1.7.0 to v1.9.15, `toRegistered` and
 * `upsertPatientIdentifiers` of the workflow service, read and not run.
 */
export interface GatewayRecord {
  read(): Promise<RecordState>;
  /** Registers it. OpenCRVS looks at no status and writes a second number without a word. */
  confirm(details: {
    readonly registrationNumber: string;
    readonly identifiers: readonly NewIdentifier[];
    readonly comment?: string | undefined;
  }): Promise<void>;
  reject(details: { readonly reason: string; readonly comment: string }): Promise<void>;
  /** Adds an identifier to a record of any status. OpenCRVS adds a second one of a type, and the same one twice. */
  addIdentifier(identifier: NewIdentifier): Promise<void>;
}

/** Every field is nullable in the gateway's schema, and so is every member of its lists. */
const FetchedIdentifier = z.object({ id: z.string().nullish(), type: z.string().nullish() }).nullable();
const FetchedRecord = z.object({
  fetchRegistration: z.object({
    registration: z.object({
      registrationNumber: z.string().nullish(),
      // The newest first.
      status: z.array(z.object({ type: z.string().nullish() }).nullable()).nullish(),
    }),
    child: z.object({ identifier: z.array(FetchedIdentifier).nullish() }).nullish(),
  }),
});

const READ: GatewayOperation<RecordState> = {
  name: 'fetchRegistration',
  query: `query fetchRegistration($id: ID!) {
    fetchRegistration(id: $id) {
      registration { registrationNumber status { type } }
      ... on BirthRegistration { child { identifier { id type } } }
    }
  }`,
  data: FetchedRecord.transform(({ fetchRegistration: { registration, child } }) => ({
    status: registration.status?.[0]?.type ?? undefined,
    registrationNumber: registration.registrationNumber ?? undefined,
    identifiers: (child?.identifier ?? []).flatMap((given) =>
      given?.id && given.type ? [{ type: given.type, value: given.id }] : [],
    ),
  })),
};

/** Each gives the id of the record's Task. */
const mutation = (name: string, parameters: string, passed: string): GatewayOperation<unknown> => ({
  name,
  query: `mutation ${name}($id: ID!, ${parameters}) { ${name}(id: $id, ${passed}) }`,
  data: z.object({ [name]: z.string().min(1) }),
});

const CONFIRM = mutation('confirmRegistration', '$details: ConfirmRegistrationInput!', 'details: $details');
const REJECT = mutation('rejectRegistration', '$details: RejectRegistrationInput!', 'details: $details');
const ADD_IDENTIFIER = mutation(
  'upsertRegistrationIdentifier',
  '$identifierType: String!, $identifierValue: String!',
  'identifierType: $identifierType, identifierValue: $identifierValue',
);

/** The record of a reply address, at the GraphQL gateway of OpenCRVS 1.7 to 1.9 (reference/opencrvs.md 4.7). */
export function openRecord(
  call: GatewayCall,
  { recordId: id, token }: GraphqlReply,
  signal: AbortSignal,
): GatewayRecord {
  const options = { token, signal };
  return {
    read: () => call(READ, { id }, options),
    async confirm(details) {
      await call(CONFIRM, { id, details }, options);
    },
    async reject(details) {
      await call(REJECT, { id, details }, options);
    },
    async addIdentifier({ type, value }) {
      await call(ADD_IDENTIFIER, { id, identifierType: type, identifierValue: value }, options);
    },
  };
}
