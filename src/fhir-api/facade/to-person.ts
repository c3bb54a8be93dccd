import type { Address, Person, PersonName } from '../../vital-events/index.js';
import { type IdentifierSystems, readIdentifiers } from './identifiers.js';
import type { FhirAddress, FhirContact, FhirName, Patient } from './resources.js';

const LANGUAGE_URL = 'http://hl7.org/fhir/StructureDefinition/language';
/** Where `fhir/patient-to-downstream.jsonata` keeps OpenCRVS's type of an address. */
const ADDRESS_TYPE_URL = 'urn:national-id-mediator:opencrvs-address-type';

interface Extended {
  readonly extension?: readonly { readonly url: string; readonly valueCode?: string | undefined }[] | undefined;
}

const codeAt = ({ extension }: Extended, url: string): string | undefined =>
  extension?.find((one) => one.url === url)?.valueCode;

function toName(name: FhirName): PersonName[] {
  const { use, family, given, text } = name;
  if (use === 'old') return [];
  const isStructured = family !== undefined || given !== undefined;
  const words = isStructured ? (given ?? []) : text === undefined ? [] : [text];
  if (words.length === 0 && family === undefined) return [];
  return [{ language: codeAt(name, LANGUAGE_URL), given: words, family }];
}

function toAddress(address: FhirAddress): Address[] {
  if (address.use === 'old') return [];
  const { line = [], city, district, state, postalCode, country } = address;
  const type = codeAt(address, ADDRESS_TYPE_URL);
  return [{ type, lines: line.map((text) => text ?? ''), city, district, state, postalCode, country }];
}

type Telecom = Patient['telecom'];
const contactPoint = (telecom: Telecom, wanted: string): string | undefined =>
  telecom?.find(({ system }) => system === wanted)?.value;

/** The person whom an R4 Patient is about. */
export function toPerson(patient: Patient, systems: IdentifierSystems): Person {
  const { name = [], gender, birthDate, identifier = [], address = [], telecom } = patient;
  return {
    names: name.flatMap(toName),
    gender,
    birthDate: birthDate === undefined ? undefined : { value: birthDate, approximate: false },
    birthOrder: patient.multipleBirthInteger,
    identifiers: readIdentifiers(identifier, systems),
    nationalities: [],
    addresses: address.flatMap(toAddress),
    phone: contactPoint(telecom, 'phone'),
    email: contactPoint(telecom, 'email'),
  };
}

const PARENTS = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

function hasRole({ relationship = [] }: FhirContact, role: string): boolean {
  return relationship.some(({ coding = [] }) => coding.some(({ system, code }) => system === PARENTS && code === role));
}

/** A parent, who stands among the contacts of a child (reference/mosip.md 7.2). */
export function toParent({ contact = [] }: Patient, role: 'MTH' | 'FTH'): Person | undefined {
  const found = contact.find((one) => hasRole(one, role));
  if (found === undefined) return undefined;
  const { name, address, gender, telecom } = found;
  return {
    names: name === undefined ? [] : toName(name),
    gender,
    identifiers: [],
    nationalities: [],
    addresses: address === undefined ? [] : toAddress(address),
    phone: contactPoint(telecom, 'phone'),
    email: contactPoint(telecom, 'email'),
  };
}
