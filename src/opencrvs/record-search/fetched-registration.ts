import { z } from 'zod';
import { type Reading, type RegistrationKind, VitalEvent } from '../../vital-events/index.js';
import type { GatewayOperation } from '../graphql.js';
import { optional, Text } from '../readers/lenient.js';
import { dateOfDeath, hasUnreadableBirthDate, toPerson } from '../readers/person.js';
import { unreadable } from '../readers/record.js';
import { FetchedParts, FetchedPerson, MEMBERS, PERSON_MEMBERS, partsOf, patientOf, TYPES } from './fetched-parts.js';

/** A registered record as it was fetched whole. */
export interface FetchedRegistration {
  readonly recordId: string;
  readonly registrationNumber: string | undefined;
  readonly reading: Reading;
  /** The answer itself. */
  readonly shown: unknown;
}

const Deceased = z.object({ deathDate: optional(Text) });
const Fetched = FetchedParts.extend({
  registration: z.object({ registrationNumber: optional(Text), trackingId: optional(Text) }),
  child: optional(FetchedPerson),
  deceased: optional(FetchedPerson.extend({ deceased: optional(Deceased) })),
});
type Fetched = z.infer<typeof Fetched>;

/** Whom the record is about, by its type (gateway/src/graphql/schema.graphql, core v1.5.0 to v1.9.15). */
const SUBJECTS: Readonly<Record<RegistrationKind, string>> = {
  birth: `child { ${PERSON_MEMBERS} } ${MEMBERS.mother} ${MEMBERS.father} ${MEMBERS.informant} ${MEMBERS.place}`,
  death: `deceased { ${PERSON_MEMBERS} deceased { deathDate } } ${Object.values(MEMBERS).join(' ')}`,
};

function readingOf(kind: RegistrationKind, fetched: Fetched): Reading {
  const { registrationNumber, trackingId } = fetched.registration;
  const known = { kind, registrationNumber, trackingId };
  const subject = kind === 'birth' ? fetched.child : fetched.deceased;
  if (registrationNumber === undefined) return unreadable('The record has no registration number.', known);
  if (subject === undefined) return unreadable('The record shows nobody whom it is about.', known);
  const patient = { ...patientOf(subject), deceasedDateTime: fetched.deceased?.deceased?.deathDate };
  if (kind === 'birth' && hasUnreadableBirthDate(patient)) {
    return unreadable('The birth date of the child is not a date.', known);
  }
  const death = kind === 'death' ? { dateOfDeath: dateOfDeath(patient) } : {};
  const event = VitalEvent.safeParse({
    kind,
    registrationNumber,
    trackingId,
    recordId: fetched.id,
    subject: toPerson(patient),
    ...partsOf(fetched),
    ...death,
  });
  return event.success ? { ok: true, event: event.data } : unreadable('The record is not a whole event.', known);
}

/** Fetches a record as a delivery would have told it; see {@link fetchParts} for the operation. */
export function fetchRegistration(kind: RegistrationKind): GatewayOperation<FetchedRegistration> {
  return {
    name: 'fetchRegistration',
    query: `query fetchRegistration($id: ID!) {
      fetchRegistration(id: $id) { id registration { registrationNumber trackingId } ... on ${TYPES[kind]} { ${SUBJECTS[kind]} } }
    }`,
    data: z.object({ fetchRegistration: z.unknown() }).transform(({ fetchRegistration: shown }, context) => {
      const fetched = Fetched.safeParse(shown);
      if (!fetched.success) {
        context.addIssue('It is no record.');
        return z.NEVER;
      }
      const { id: recordId, registration } = fetched.data;
      return {
        recordId,
        registrationNumber: registration.registrationNumber,
        reading: readingOf(kind, fetched.data),
        shown,
      };
    }),
  };
}
