import { z } from 'zod';
import type { GraphqlSchema } from './graphql-schema.js';
import { SearchParameters } from './opencrvs-search-index.js';

const RECORD = { id: {}, registration: { type: 'Registration' } };
const PARENTS = { mother: { type: 'Person' }, father: { type: 'Person' } };
const PARTS = { ...PARENTS, informant: { type: 'RelatedPerson' }, eventLocation: { type: 'Location' } };

/** What a Person and a RelatedPerson have in common. */
const PERSON = {
  id: {},
  identifier: { type: 'IdentityType' },
  name: { type: 'HumanName' },
  telecom: { type: 'ContactPoint' },
  gender: {},
  birthDate: {},
  age: {},
  ageOfIndividualInYears: {},
  maritalStatus: {},
  occupation: {},
  detailsExist: {},
  reasonNotApplying: {},
  multipleBirth: {},
  address: { type: 'Address' },
  nationality: {},
  educationalAttainment: {},
  deceased: { type: 'Deceased' },
};
const HIT = { id: {}, type: {}, registration: { type: 'RegistrationSearchSet' } };

/**
 * The part of the gateway's schema that is about single records (reference/opencrvs.md 4.7) and their search (4.6; names as in
 * core v1.5.0, v1.7.0 and v1.9.0). The mutations are there from 1.7 on.
 */
export const SCHEMA: GraphqlSchema = {
  types: {
    Query: {
      fetchRegistration: { arguments: { id: 'ID!' }, type: 'EventRegistration' },
      fetchBirthRegistration: { arguments: { id: 'ID!' }, type: 'BirthRegistration' },
      searchEvents: {
        arguments: {
          advancedSearchParameters: 'AdvancedSearchParametersInput!',
          count: 'Int',
          skip: 'Int',
          sort: 'String',
          sortColumn: 'String',
        },
        type: 'EventSearchResultSet',
      },
    },
    Mutation: {
      confirmRegistration: { arguments: { id: 'ID!', details: 'ConfirmRegistrationInput!' } },
      rejectRegistration: { arguments: { id: 'ID!', details: 'RejectRegistrationInput!' } },
      upsertRegistrationIdentifier: {
        arguments: { id: 'ID!', identifierType: 'String!', identifierValue: 'String!' },
      },
    },
    EventRegistration: RECORD,
    BirthRegistration: { ...RECORD, ...PARTS, child: { type: 'Person' } },
    DeathRegistration: { ...RECORD, ...PARTS, deceased: { type: 'Person' }, spouse: { type: 'Person' } },
    Registration: { id: {}, registrationNumber: {}, trackingId: {}, status: { type: 'RegWorkflow' } },
    RegWorkflow: { type: {} },
    Person: PERSON,
    Deceased: { deceased: {}, deathDate: {} },
    RelatedPerson: { ...PERSON, _fhirIDPatient: {}, relationship: {}, otherRelationship: {} },
    Location: { id: {}, name: {}, type: {}, address: { type: 'Address' } },
    HumanName: { use: {}, firstNames: {}, middleName: {}, familyName: {} },
    ContactPoint: { system: {}, value: {}, use: {} },
    Address: { type: {}, line: {}, city: {}, district: {}, state: {}, postalCode: {}, country: {} },
    EventSearchResultSet: { totalItems: {}, results: { type: 'EventSearchSet' } },
    EventSearchSet: HIT,
    RegistrationSearchSet: { status: {}, trackingId: {}, registrationNumber: {}, dateOfDeclaration: {} },
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
  'AdvancedSearchParametersInput!': SearchParameters,
  Int: z.int().nullish(),
  String: z.string().nullish(),
};

/** Core 1.7's list, without those that registrations and links between records have for themselves. */
export const CODES: ReadonlySet<string> = new Set([
  ...['PASSPORT', 'NATIONAL_ID', 'DRIVING_LICENSE', 'REFUGEE_NUMBER', 'ALIEN_NUMBER', 'OTHER', 'SOCIAL_SECURITY_NO'],
  ...[1, 2, 3].map((serial) => `BIRTH_CONFIGURABLE_IDENTIFIER_${serial}`),
]);
