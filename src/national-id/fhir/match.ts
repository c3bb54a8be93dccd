import { z } from 'zod';
import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Person } from '../../vital-events/index.js';
import { gradeOf, judgeCandidate, mostLikely } from '../compare.js';
import type { NationalIdSystem } from '../port.js';
import type { Candidate } from '../queries.js';
import type { FhirServer } from './fhir-server.js';
import { type BusinessIdentifier, FhirPatient } from './resources.js';
import { toKnownPerson } from './to-known-person.js';

export interface MatchDeps {
  readonly server: FhirServer;
  readonly clock: Clock;
}

const GRADE_URL = 'http://hl7.org/fhir/StructureDefinition/match-grade';

/** What `$match` answers (hl7.org/fhir/R4/patient-operation-match.html). */
const MatchSet = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z
    .array(
      z.looseObject({
        resource: z.unknown(),
        search: z
          .looseObject({
            score: z.number().min(0).max(1).optional(),
            extension: z.array(z.looseObject({ url: z.string(), valueCode: z.string().optional() })).optional(),
          })
          .optional(),
      }),
    )
    .optional(),
});

const Grade = z.enum(['certain', 'probable', 'possible', 'certainly-not']);

/** How a server says that it has no such operation: each has a way of its own. */
const NO_SUCH_OPERATION: ReadonlySet<number> = new Set([400, 404, 405, 501]);

function identifiersOf(person: Person, settings: FhirSettings): BusinessIdentifier[] {
  const systems: Readonly<Record<string, string>> = {
    NATIONAL_ID: settings.nationalIdSystem,
    BIRTH_REGISTRATION_NUMBER: settings.registrationSystem,
  };
  return person.identifiers.flatMap(({ type, value }) => {
    const system = systems[type];
    return system === undefined ? [] : [{ system, value }];
  });
}

/** The person as a Patient, with what a match can use; FHIR takes no empty arrays. */
function toPattern(person: Person, settings: FhirSettings): unknown {
  const identifier = identifiersOf(person, settings);
  const name = person.names.map(({ given, family }) => ({
    ...(given.length === 0 ? {} : { given }),
    ...(family === undefined ? {} : { family }),
  }));
  return {
    resourceType: 'Patient',
    ...(identifier.length === 0 ? {} : { identifier }),
    ...(name.length === 0 ? {} : { name }),
    gender: person.gender,
    birthDate: person.birthDate?.value,
  };
}

/**
 * Asks the server for likely persons by `$match`; where it has none, looks for those who share a number, or family name
 * and date of birth, and compares them here (reference/mosip.md 7.2).
 */
export function createMatch({ server, clock }: MatchDeps, settings: FhirSettings): NationalIdSystem['match'] {
  const readMatches = (response: OutboundResponse): Candidate[] => {
    const set = MatchSet.safeParse(readJson(response));
    if (!set.success) throw new MediatorError('peer_response_invalid');
    return (set.data.entry ?? []).flatMap(({ resource, search }) => {
      const patient = FhirPatient.safeParse(resource).data;
      if (patient === undefined) return [];
      const score = search?.score ?? 0;
      const told = search?.extension?.find(({ url }) => url === GRADE_URL)?.valueCode;
      return [{ ...toKnownPerson(patient, settings), score, grade: Grade.safeParse(told).data ?? gradeOf(score) }];
    });
  };

  const compareHere = async (person: Person, signal: AbortSignal): Promise<Candidate[]> => {
    const found = await Promise.all(identifiersOf(person, settings).map((key) => server.find(key, signal)));
    const family = person.names[0]?.family;
    const birthdate = person.birthDate?.value;
    if (family !== undefined && birthdate !== undefined) found.push(await server.search({ family, birthdate }, signal));
    const byId = new Map(found.flat().map((patient) => [patient.id ?? JSON.stringify(patient), patient]));
    return [...byId.values()].map((patient) => judgeCandidate(person, toKnownPerson(patient, settings)));
  };

  return async (person, options, signal) => {
    const response = await server.match(toPattern(person, settings), options, signal);
    const isAnswered = response.status === 200;
    if (!isAnswered && !NO_SUCH_OPERATION.has(response.status)) {
      throw errorForStatus(response, clock.now()) ?? new MediatorError('national_id_misconfigured');
    }
    const candidates = isAnswered ? readMatches(response) : await compareHere(person, signal);
    return mostLikely(candidates, options);
  };
}
