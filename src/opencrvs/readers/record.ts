import type { DocumentSettings } from '../../config/index.js';
import {
  type Informant,
  NO_DOCUMENTS,
  type Person,
  type Reading,
  type RegistrationKind,
  type VitalEvent,
} from '../../vital-events/index.js';
import { openBundle } from './bundle.js';
import { readDocuments } from './documents.js';
import { findRelatives, findSubject, type OpenRecord, registrationNumbersOf, sectionResource } from './people.js';
import { dateOfDeath, hasUnreadableBirthDate, isAbsent, toPerson } from './person.js';
import type { Patient } from './resources.js';
import { readTask, type TaskFacts } from './task.js';

type Unreadable = Extract<Reading, { readonly ok: false }>;
type Known = Pick<Unreadable, 'kind' | 'trackingId' | 'registrationNumber'>;

/** The result for a record that cannot be understood. */
export function unreadable(reason: string, known: Known = {}): Unreadable {
  return { ok: false, code: 'event_unreadable', reason, ...known };
}

function personUnlessAbsent(patient: Patient | undefined): Person | undefined {
  return patient === undefined || isAbsent(patient) ? undefined : toPerson(patient);
}

/** The person of a RelatedPerson is often not in the bundle (reference/opencrvs.md section 3.6). */
function readInformant(record: OpenRecord, contact: TaskFacts['contact']): Informant | undefined {
  const related = sectionResource(record, 'informant-details', 'RelatedPerson');
  const informant: Informant = {
    relationship: related?.relationship ?? contact.relationship,
    phone: contact.phone,
    email: contact.email,
    person: personUnlessAbsent(record.bundle.find('Patient', related?.patient)),
  };
  return Object.values(informant).some((part) => part !== undefined) ? informant : undefined;
}

/** The Location of the event's Encounter; to 1.6 the Location itself is not sent (3.6). */
function readPlace(record: OpenRecord): VitalEvent['place'] {
  const encounter = sectionResource(record, `${record.kind}-encounter`, 'Encounter');
  const location = record.bundle.find('Location', encounter?.location[0]?.location);
  return location && { name: location.name, type: location.type, address: location.address };
}

function toEvent(
  record: OpenRecord,
  task: TaskFacts,
  registrationNumber: string,
  subject: Patient,
  documents: DocumentSettings,
): VitalEvent {
  const { kind, composition } = record;
  const { mother, father, spouse } = findRelatives(record, subject);
  const common = {
    registrationNumber,
    trackingId: task.trackingId,
    recordId: task.recordId ?? composition?.id,
    registeredAt: task.changedAt,
    subject: toPerson(subject),
    mother: personUnlessAbsent(mother),
    father: personUnlessAbsent(father),
    spouse: personUnlessAbsent(spouse),
    informant: readInformant(record, task.contact),
    place: readPlace(record),
    ...readDocuments(record, { subject, mother, father, spouse }, documents),
  };
  return kind === 'birth' ? { kind, ...common } : { kind, ...common, dateOfDeath: dateOfDeath(subject) };
}

export interface RecordOptions {
  readonly numberToCome?: string;
  readonly documents?: DocumentSettings;
}

/**
 * Reads a record of OpenCRVS 1.0-1.9, a FHIR Bundle in any of the shapes of reference/opencrvs.md sections 3.6 and 4,
 * into the canonical model. `expected` is the kind of event that the sender announced, `numberToCome` the number that a
 * record without one will get, `documents` what of its documents the event takes: as shipped none. Never throws: what the event cannot do without is named in the result, and everything
 * else is left out where it is malformed.
 */
export function readRecord(
  payload: unknown,
  expected?: RegistrationKind,
  { numberToCome, documents = NO_DOCUMENTS }: RecordOptions = {},
): Reading {
  const bundle = openBundle(payload);
  if (bundle === undefined) return unreadable('The payload is not a FHIR Bundle with entries.', { kind: expected });

  const task = readTask(bundle, expected);
  if (task === undefined) return unreadable('The bundle has no Task.', { kind: expected });
  const { kind, trackingId } = task;
  const [registrationNumber = numberToCome, ...otherNumbers] = task.registrationNumbers;
  const known = { kind: kind ?? expected, trackingId, registrationNumber };

  if (kind === undefined) return unreadable('Task.code is neither BIRTH nor DEATH.', known);
  if (expected !== undefined && kind !== expected) {
    return unreadable(`Task.code does not belong to the ${expected} that was announced.`, known);
  }
  if (registrationNumber === undefined) {
    const reason = `Task.identifier has no ${kind} registration number: the record is not registered yet.`;
    return { ...unreadable(reason, known), code: 'registration_number_missing' };
  }
  if (otherNumbers.length > 0) return unreadable('Task.identifier has several registration numbers.', known);

  const composition = bundle.find('Composition', task.focus) ?? bundle.only('Composition');
  const record = { kind, bundle, composition };
  const subject = findSubject(record, registrationNumber);
  const role = kind === 'birth' ? 'child' : 'deceased';
  if (subject === undefined) {
    return unreadable(`The ${role} cannot be told: section and registration number do not lead to one Patient.`, known);
  }
  if (registrationNumbersOf(subject, kind).some((number) => number !== registrationNumber)) {
    return unreadable(`The Task and the Patient of the ${role} have different registration numbers.`, known);
  }
  // No identity is made with a birth date that got lost in reading; a death can be told without one.
  if (kind === 'birth' && hasUnreadableBirthDate(subject)) {
    return unreadable('Patient.birthDate of the child is not a date.', known);
  }
  return { ok: true, event: toEvent(record, task, registrationNumber, subject, documents) };
}
