import { z } from 'zod';
import type { GraphqlSchema } from './graphql-schema.js';

const RECORD = { id: {}, registration: { type: 'Registration' } };

/** The part of the gateway's schema that is about single records, 1.7 to 1.9 (reference/opencrvs.md 4.7). */
export const SCHEMA: GraphqlSchema = {
  types: {
    Query: { fetchRegistration: { arguments: { id: 'ID!' }, type: 'EventRegistration' } },
    Mutation: {
      confirmRegistration: { arguments: { id: 'ID!', details: 'ConfirmRegistrationInput!' } },
      rejectRegistration: { arguments: { id: 'ID!', details: 'RejectRegistrationInput!' } },
      upsertRegistrationIdentifier: {
        arguments: { id: 'ID!', identifierType: 'String!', identifierValue: 'String!' },
      },
    },
    EventRegistration: RECORD,
    BirthRegistration: { ...RECORD, child: { type: 'Person' } },
    DeathRegistration: { ...RECORD, deceased: { type: 'Person' } },
    Registration: { id: {}, registrationNumber: {}, status: { type: 'RegWorkflow' } },
    RegWorkflow: { type: {} },
    Person: { id: {}, identifier: { type: 'IdentityType' } },
    IdentityType: { id: {}, type: {}, otherType: {} },
  },
  implementations: { EventRegistration: ['BirthRegistration', 'DeathRegistration'] },
};

export const Identifier = z.strictObject({ type: z.string(), value: z.string() });
export const Confirmation = z.strictObject({
  registrationNumber: z.string(),
  identifiers: z.array(Identifier).nullish(),
  comment: z.string().nullish(),
});
export const Rejection = z.strictObject({ reason: z.string(), comment: z.string().nullish() });
/** What the variables of each input type must be. */
export const INPUTS: Readonly<Record<string, z.ZodType>> = {
  'ID!': z.string(),
  'String!': z.string(),
  'ConfirmRegistrationInput!': Confirmation,
  'RejectRegistrationInput!': Rejection,
};

/** Core 1.7's list, without those that registrations and links between records have for themselves. */
export const CODES: ReadonlySet<string> = new Set([
  ...['PASSPORT', 'NATIONAL_ID', 'DRIVING_LICENSE', 'REFUGEE_NUMBER', 'ALIEN_NUMBER', 'OTHER', 'SOCIAL_SECURITY_NO'],
  ...[1, 2, 3].map((serial) => `BIRTH_CONFIGURABLE_IDENTIFIER_${serial}`),
]);
