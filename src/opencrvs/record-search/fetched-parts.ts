import { z } from 'zod';
import type { Informant, Person, RegistrationKind, VitalEvent } from '../../vital-events/index.js';
import type { GatewayOperation } from '../graphql.js';
import { listOf, optional, Text } from '../readers/lenient.js';
import { isAbsent, toPerson } from '../readers/person.js';
import { type Patient, Resource } from '../readers/resources.js';
import type { RecordPart, RecordParts } from '../record-part.js';

/** The same members of a Person and of a RelatedPerson (gateway/src/graphql/schema.graphql, core v1.5.0 to v1.9.15). */
const OF_A_PERSON = `name { use firstNames middleName familyName } birthDate ageOfIndividualInYears age
  identifier { id type } nationality address { type line city district state postalCode country }
  maritalStatus occupation educationalAttainment multipleBirth detailsExist reasonNotApplying`;
/** Members of a Person. */
export const PERSON_MEMBERS = `id gender telecom { system value } ${OF_A_PERSON}`;
const PERSON = `{ ${PERSON_MEMBERS} }`;

/** Members of a part. A RelatedPerson has those of its Patient, whose id is apart, but neither gender nor telecom. */
export const MEMBERS: Readonly<Record<RecordPart, string>> = {
  mother: `mother ${PERSON}`,
  father: `father ${PERSON}`,
  spouse: `spouse ${PERSON}`,
  informant: `informant { _fhirIDPatient relationship ${OF_A_PERSON} }`,
  place: 'eventLocation { name type address { type line city district state postalCode country } }',
};

const Age = optional(z.number());
export const FetchedPerson = z.object({
  id: optional(Text),
  _fhirIDPatient: optional(Text),
  relationship: optional(Text),
  name: listOf(
    z.object({
      use: optional(Text),
      firstNames: optional(Text),
      middleName: optional(Text),
      familyName: optional(Text),
    }),
  ),
  gender: optional(Text),
  birthDate: optional(Text),
  ageOfIndividualInYears: Age,
  age: Age,
  identifier: listOf(z.object({ id: Text, type: Text })),
  nationality: listOf(Text),
  address: listOf(z.looseObject({})),
  telecom: listOf(z.looseObject({})),
  maritalStatus: optional(Text),
  occupation: optional(Text),
  educationalAttainment: optional(Text),
  multipleBirth: optional(z.number()),
  detailsExist: optional(z.boolean()),
  reasonNotApplying: optional(Text),
});
export type FetchedPerson = z.infer<typeof FetchedPerson>;

const Place = z.object({ name: optional(Text), type: optional(Text), address: z.unknown() });

export const FetchedParts = z.object({
  id: Text,
  registration: z.object({ registrationNumber: optional(Text) }),
  mother: optional(FetchedPerson),
  father: optional(FetchedPerson),
  spouse: optional(FetchedPerson),
  informant: optional(FetchedPerson),
  eventLocation: optional(Place),
});

/** A record as it was fetched, with the parts that were asked for and that it has. */
export interface FetchedRecord {
  readonly recordId: string;
  readonly registrationNumber: string | undefined;
  readonly parts: RecordParts;
}

const extension = (name: string, value: string | number | undefined) => {
  const url = `http://opencrvs.org/specs/extension/${name}`;
  return value === undefined
    ? []
    : [typeof value === 'number' ? { url, valueInteger: value } : { url, valueString: value }];
};

/** The FHIR Patient that the gateway made this of, so that one reader reads persons. */
export function patientOf(fetched: FetchedPerson): Patient {
  const nationalities = fetched.nationality.map((code) => ({
    url: 'code',
    valueCodeableConcept: { coding: [{ code }] },
  }));
  const patient = Resource.parse({
    ...fetched,
    resourceType: 'Patient',
    id: fetched._fhirIDPatient ?? fetched.id,
    active: fetched.detailsExist,
    name: fetched.name.map(({ use, firstNames, middleName, familyName }) => ({
      use,
      given: [firstNames, middleName],
      family: familyName,
    })),
    identifier: fetched.identifier.map(({ id, type }) => ({ type, value: id })),
    multipleBirthInteger: fetched.multipleBirth,
    extension: [
      ...extension('age-of-individual-in-years', fetched.ageOfIndividualInYears),
      ...extension('age', fetched.age),
      ...extension('patient-occupation', fetched.occupation),
      ...extension('educational-attainment', fetched.educationalAttainment),
      ...extension('reason-not-applying', fetched.reasonNotApplying),
      { url: 'http://hl7.org/fhir/StructureDefinition/patient-nationality', extension: nationalities },
    ],
  });
  if (patient.resourceType !== 'Patient') throw new TypeError('unreachable: it was made a Patient');
  return patient;
}

/** Undefined for an absent one. */
export function personOf(fetched: FetchedPerson): Person | undefined {
  const patient = patientOf(fetched);
  return isAbsent(patient) ? undefined : toPerson(patient);
}

function informantOf(fetched: FetchedPerson): Informant | undefined {
  const person = personOf(fetched);
  const { relationship } = fetched;
  return person && { ...(relationship === undefined ? {} : { relationship }), person };
}

function placeOf(fetched: z.infer<typeof Place>): VitalEvent['place'] {
  const location = Resource.parse({ ...fetched, resourceType: 'Location' });
  if (location.resourceType !== 'Location') return undefined;
  const { name, type, address } = location;
  return name === undefined && address === undefined ? undefined : { name, type, address };
}

/** The parts that were fetched, in the words of the canonical model. */
export function partsOf(fetched: z.infer<typeof FetchedParts>): RecordParts {
  const { mother, father, spouse, informant, eventLocation } = fetched;
  return {
    mother: mother && personOf(mother),
    father: father && personOf(father),
    spouse: spouse && personOf(spouse),
    informant: informant && informantOf(informant),
    place: eventLocation && placeOf(eventLocation),
  };
}

export const TYPES: Readonly<Record<RegistrationKind, string>> = {
  birth: 'BirthRegistration',
  death: 'DeathRegistration',
};

/**
 * Fetches these parts of a record and nothing else. `fetchRegistration` is what the search client may ask: the gateway
 * keeps `fetchBirthRegistration` and its like for registrars (core v1.5.0 to v1.9.15, registration/root-resolvers.ts).
 */
export function fetchParts(kind: RegistrationKind, parts: readonly RecordPart[]): GatewayOperation<FetchedRecord> {
  const members = parts.map((part) => MEMBERS[part]).join(' ');
  return {
    name: 'fetchRegistration',
    query: `query fetchRegistration($id: ID!) {
      fetchRegistration(id: $id) { id registration { registrationNumber } ... on ${TYPES[kind]} { ${members} } }
    }`,
    data: z.object({ fetchRegistration: FetchedParts }).transform(({ fetchRegistration: fetched }) => ({
      recordId: fetched.id,
      registrationNumber: fetched.registration.registrationNumber,
      parts: partsOf(fetched),
    })),
  };
}
