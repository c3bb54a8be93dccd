import { z } from 'zod';
import type { PartialDate, Person, PersonName } from '../../vital-events/index.js';
import { type Extension, extensionText, extensionValue, type Patient } from './resources.js';

/** An extension of HL7, the only one here that is not OpenCRVS's own. */
const NATIONALITY = 'http://hl7.org/fhir/StructureDefinition/patient-nationality';

const CalendarDate = z
  .string()
  // Of a time, the day as written: OpenCRVS means a day, and a shift of zone would change it.
  .transform((text) => text.replace(/T.*$/, ''))
  .pipe(z.union([z.iso.date(), z.string().regex(/^\d{4}(-(0[1-9]|1[0-2]))?$/)]));

const Age = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,3}$/)
      .transform(Number),
  ])
  .pipe(z.number().nonnegative());

/** `old` is the one FHIR name use that would pass for a language tag. */
const LANGUAGE_TAG = /^(?!old$)[a-z]{2,3}(-[a-z\d]{1,8})*$/i;

function readDate(value: unknown, approximate: boolean): PartialDate | undefined {
  const parsed = CalendarDate.safeParse(value);
  return parsed.success ? { value: parsed.data, approximate } : undefined;
}

function readAge(extensions: readonly Extension[], name: string): number | undefined {
  const parsed = Age.safeParse(extensionValue(extensions, name));
  return parsed.success ? parsed.data : undefined;
}

/** `use` holds the language of the name, not FHIR's official or usual (reference/opencrvs.md section 4.3). */
function readName({ use, given, family }: Patient['name'][number]): PersonName | undefined {
  if (given.length === 0 && family.length === 0) return undefined;
  return {
    language: use !== undefined && LANGUAGE_TAG.test(use) ? use : undefined,
    given,
    family: family.length === 0 ? undefined : family.join(' '),
  };
}

function readNationalities(extensions: readonly Extension[]): string[] {
  const codes = extensions
    .filter((extension) => extension.url === NATIONALITY)
    .flatMap((extension) => extension.extension)
    .filter((part) => part.url === 'code')
    .flatMap((part) => part.valueCodeableConcept ?? []);
  // The same country may stand there twice (4.3).
  return [...new Set(codes)];
}

/**
 * A Patient as a person of the canonical model. Where only the age was declared, the birth date is OpenCRVS's
 * assumption and marked approximate; the `age` of a deceased stands beside a date that was declared (4.3).
 */
export function toPerson(patient: Patient): Person {
  const { extension } = patient;
  const declaredAge = readAge(extension, 'age-of-individual-in-years');
  const contact = (system: string) => patient.telecom.find((point) => point.system === system)?.value;
  return {
    sourceId: patient.id,
    names: patient.name.flatMap((name) => readName(name) ?? []),
    gender: patient.gender,
    birthDate: readDate(patient.birthDate, declaredAge !== undefined),
    ageInYears: declaredAge ?? readAge(extension, 'age'),
    birthOrder: patient.multipleBirthInteger,
    identifiers: patient.identifier,
    nationalities: readNationalities(extension),
    addresses: patient.address,
    phone: contact('phone'),
    email: contact('email'),
    maritalStatus: patient.maritalStatus,
    occupation: extensionText(extension, 'patient-occupation'),
    education: extensionText(extension, 'educational-attainment'),
  };
}

/** Whether the Patient only says that there is no such parent (4.3). */
export function isAbsent(patient: Patient): boolean {
  if (patient.active === false) return true;
  const isNamed = patient.name.some((name) => readName(name) !== undefined);
  return !isNamed && extensionText(patient.extension, 'reason-not-applying') !== undefined;
}

/** Whether a birth date was sent that is no date. */
export function hasUnreadableBirthDate({ birthDate }: Patient): boolean {
  const isSent = birthDate !== undefined && birthDate !== null && birthDate !== '';
  return isSent && readDate(birthDate, false) === undefined;
}

/** The date of death stands on the deceased, under the name that the version uses (4.3). */
export function dateOfDeath(patient: Patient): PartialDate | undefined {
  return readDate(patient.deceasedDateTime, false) ?? readDate(patient.deceased, false);
}
