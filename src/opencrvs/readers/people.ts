import type { RegistrationKind } from '../../vital-events/index.js';
import { only, type RecordBundle, type ResourceOf } from './bundle.js';
import type { Composition, Patient, ResourceType } from './resources.js';

/** The Patients of a record by what they are to the event. A role stays empty where it cannot be told for certain. */
export interface People {
  readonly mother?: Patient | undefined;
  readonly father?: Patient | undefined;
  readonly spouse?: Patient | undefined;
}

type Role = keyof People;

/** A record in the making: its resources, its table of contents where one was sent (from 1.7), its kind of event. */
export interface OpenRecord {
  readonly kind: RegistrationKind;
  readonly bundle: RecordBundle;
  readonly composition: Composition | undefined;
}

/** Codes of `RelatedPerson.relationship` (reference/opencrvs.md section 4.5). */
const RELATIONSHIP: Readonly<Record<Role, string>> = { mother: 'MOTHER', father: 'FATHER', spouse: 'SPOUSE' };

/** References in the Composition's section with this code; the code's system differs by section and is ignored (4.1). */
export function sectionReferences({ composition }: OpenRecord, code: string): string[] {
  return (composition?.section ?? []).filter((section) => section.code === code).flatMap((section) => section.entry);
}

/** What the section with this code names; without a Composition, the only resource of the type that it would name. */
export function sectionResource<T extends ResourceType>(
  record: OpenRecord,
  code: string,
  type: T,
): ResourceOf<T> | undefined {
  const { bundle, composition } = record;
  return composition === undefined ? bundle.only(type) : bundle.find(type, sectionReferences(record, code)[0]);
}

function sectionPatients(record: OpenRecord, code: string): Patient[] {
  return sectionReferences(record, code).flatMap((reference) => record.bundle.find('Patient', reference) ?? []);
}

/** The numbers under which a Patient was registered by an event of this kind. */
export function registrationNumbersOf(patient: Patient, kind: RegistrationKind): string[] {
  const type = kind === 'birth' ? 'BIRTH_REGISTRATION_NUMBER' : 'DEATH_REGISTRATION_NUMBER';
  return patient.identifier.filter((identifier) => identifier.type === type).map((identifier) => identifier.value);
}

/**
 * The child or the deceased: the Patient in the Composition's section, and the one that carries the registration number
 * of the Task. One of the two is enough (to 1.6 no Composition is sent), but they must not lead to different people.
 * Never by position (3.6).
 */
export function findSubject(record: OpenRecord, registrationNumber: string): Patient | undefined {
  const { kind, bundle } = record;
  const named = sectionPatients(record, kind === 'birth' ? 'child-details' : 'deceased-details');
  const registered = bundle
    .all('Patient')
    .filter((patient) => registrationNumbersOf(patient, kind).includes(registrationNumber));
  return only([...new Set([...named, ...registered])]);
}

/** Patients whom the informant's RelatedPerson names as the given relative of the subject. */
function relatives(bundle: RecordBundle, role: Role, others: readonly Patient[]): Patient[] {
  const patients = bundle
    .all('RelatedPerson')
    .filter((related) => related.relationship === RELATIONSHIP[role])
    .flatMap((related) => bundle.find('Patient', related.patient) ?? []);
  return others.filter((patient) => patients.includes(patient));
}

/**
 * The parents in a birth without a Composition (1.0-1.6), where nothing but the child, the mother and the father comes
 * as a Patient (3.6). A parent is told by the informant's relationship, else by gender, else by being the one who is
 * left beside a parent that was told. The order of the entries is not used: missing sections shift it, and a father
 * in the mother's place is worse than none.
 */
function inferParents(bundle: RecordBundle, others: readonly Patient[]): People {
  const related = { mother: relatives(bundle, 'mother', others), father: relatives(bundle, 'father', others) };
  const unrelated = others.filter((patient) => !related.mother.includes(patient) && !related.father.includes(patient));
  const mother = only(related.mother) ?? only(unrelated.filter((patient) => patient.gender === 'female'));
  const father = only(related.father) ?? only(unrelated.filter((patient) => patient.gender === 'male'));
  const left = only(others.filter((patient) => patient !== mother && patient !== father));
  const untold = left !== undefined && (left.gender === undefined || left.gender === 'unknown') ? left : undefined;
  if (mother !== undefined && father === undefined) return { mother, father: untold };
  if (father !== undefined && mother === undefined) return { mother: untold, father };
  return { mother, father };
}

/** Mother, father and (in a death) spouse of the subject. */
export function findRelatives(record: OpenRecord, subject: Patient): People {
  const { kind, bundle, composition } = record;
  if (composition !== undefined) {
    const inSection = (role: Role) => sectionPatients(record, `${role}-details`)[0];
    return { mother: inSection('mother'), father: inSection('father'), spouse: inSection('spouse') };
  }
  const others = bundle.all('Patient').filter((patient) => patient !== subject);
  if (kind === 'birth') return inferParents(bundle, others);
  return {
    mother: only(relatives(bundle, 'mother', others)),
    father: only(relatives(bundle, 'father', others)),
    spouse: only(relatives(bundle, 'spouse', others)),
  };
}
