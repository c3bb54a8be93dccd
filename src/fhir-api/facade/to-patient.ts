import type { IdentityClaim, KnownPerson } from '../../national-id/index.js';
import type { Address, PersonName } from '../../vital-events/index.js';
import { type IdentifierSystems, writeIdentifiers } from './identifiers.js';

/** A Patient as it is answered, in FHIR R4. Members that are undefined are not written out. */
export interface AnsweredPatient {
  readonly resourceType: 'Patient';
  readonly id?: string | undefined;
  readonly meta?: { readonly versionId: string } | undefined;
  readonly [member: string]: unknown;
}

/** FHIR takes no empty arrays. */
const orNothing = <T>(values: readonly T[]): readonly T[] | undefined => (values.length === 0 ? undefined : values);

function fromName({ language, given, family }: PersonName): object {
  const url = 'http://hl7.org/fhir/StructureDefinition/language';
  return {
    use: 'official',
    extension: language === undefined ? undefined : [{ url, valueCode: language }],
    family,
    given: orNothing(given.filter((word) => word.trim() !== '')),
  };
}

function fromAddress({ lines, city, district, districtName, state, stateName, postalCode, country }: Address): object {
  return {
    line: orNothing(lines.filter((line) => line.trim() !== '')),
    city,
    district: districtName ?? district,
    state: stateName ?? state,
    postalCode,
    country,
  };
}

/**
 * What a system knows of a person. Of the numbers only those that FHIR callers know the systems of; `nationalId` stands in
 * the place of the one that the system tells: who asks by a number that stands for it does not get it.
 */
export function toPatient(
  { person, identity, isActive, deceased }: KnownPerson,
  {
    id,
    nationalId = identity.nationalId,
  }: { readonly id?: string | undefined; readonly nationalId?: string | undefined },
  systems: IdentifierSystems,
): AnsweredPatient {
  const others = person.identifiers.filter(({ type }) => type !== 'NATIONAL_ID');
  const identifiers = nationalId === undefined ? others : [{ type: 'NATIONAL_ID', value: nationalId }, ...others];
  const addresses = person.addresses.map(fromAddress);
  return {
    resourceType: 'Patient',
    id,
    active: isActive,
    identifier: orNothing(writeIdentifiers(identifiers, systems)),
    name: orNothing(person.names.map(fromName)),
    gender: person.gender,
    birthDate: person.birthDate?.value,
    ...(deceased === true ? { deceasedBoolean: true } : { deceasedDateTime: deceased }),
    address: orNothing(addresses.filter((address) => Object.values(address).some((part) => part !== undefined))),
  };
}

/** What was claimed and found true, and nothing else. */
export function toConfirmedPatient(claim: IdentityClaim, systems: IdentifierSystems): AnsweredPatient {
  const { nationalId, name, gender, birthDate } = claim;
  return {
    resourceType: 'Patient',
    identifier: [{ system: systems.nationalIdSystem, value: nationalId }],
    name: name === undefined ? undefined : [{ family: name.family, given: orNothing(name.given) }],
    gender,
    birthDate,
  };
}
