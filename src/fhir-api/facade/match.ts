import { MediatorError, parseJson } from '../../errors/index.js';
import type { Candidate, IdentityClaim, MatchGrade, NationalIdSystem } from '../../national-id/index.js';
import type { Person } from '../../vital-events/index.js';
import type { Action, Resource } from './action.js';
import type { IdentifierSystems } from './identifiers.js';
import { sentVersion } from './negotiation.js';
import type { PatientIds } from './patient-ids.js';
import type { ReadPatient } from './read-patient.js';
import { MatchParameters, readResource } from './resources.js';
import { fullUrl, searchSet } from './searches.js';
import { type AnsweredPatient, toConfirmedPatient, toPatient } from './to-patient.js';
import { toPerson } from './to-person.js';

export interface MatchDeps {
  readonly system: Pick<NationalIdSystem, 'name' | 'capabilities' | 'match' | 'verify'>;
  readonly ids: PatientIds;
  readonly readPatient: ReadPatient;
}

const GRADE_URL = 'http://hl7.org/fhir/StructureDefinition/match-grade';
const MOST_CANDIDATES = 10;
const WHOLE_DATE = /^\d{4}-\d{2}-\d{2}$/;

interface Match {
  readonly resource: AnsweredPatient;
  readonly score: number;
  readonly grade: MatchGrade;
}

function setOf(matches: readonly Match[], own: string): Resource {
  const entry = matches.map(({ resource, score, grade }) => ({
    ...fullUrl(own, resource),
    resource,
    search: { mode: 'match', score, extension: [{ url: GRADE_URL, valueCode: grade }] },
  }));
  return searchSet(entry);
}

/**
 * What a Patient claims about the holder of its national ID; undefined where it has none.
 *
 * @throws MediatorError `payload_invalid` where there is nothing to compare, or a date that cannot be
 */
function claimOf({ identifiers, names: [name], birthDate, gender }: Person): IdentityClaim | undefined {
  const nationalId = identifiers.find(({ type }) => type === 'NATIONAL_ID')?.value;
  if (nationalId === undefined) return undefined;
  if (birthDate !== undefined && !WHOLE_DATE.test(birthDate.value)) {
    throw new MediatorError('payload_invalid', { message: 'Patient.birthDate has to be a whole date to be compared.' });
  }
  if (name === undefined && birthDate === undefined) {
    const message = 'Patient.name or Patient.birthDate is needed: a number alone claims nothing.';
    throw new MediatorError('payload_invalid', { message });
  }
  return {
    nationalId,
    name: name && { given: name.given, family: name.family },
    birthDate: birthDate?.value,
    // Nothing can be said of an unknown gender.
    gender: gender === 'unknown' ? undefined : gender,
  };
}

/**
 * `POST Patient/$match`: asks the system who a Patient could be. One that hands nobody out, but compares (MOSIP), is asked
 * whether it is the holder of its number: then a match tells the caller nothing that it did not send.
 */
export function createMatch({ system, ids, readPatient }: MatchDeps, systems: IdentifierSystems): Action {
  const cannot = (what: string): MediatorError =>
    new MediatorError('not_supported', { message: `The national ID system (${system.name}) ${what}.` });

  const toMatch = ({ score, grade, ...known }: Candidate): Match => {
    const { nationalId } = known.identity;
    const id = nationalId === undefined ? undefined : ids.idOf({ nationalId });
    return { resource: toPatient(known, { id }, systems), score, grade };
  };

  const verify = async (person: Person, signal: AbortSignal): Promise<readonly Match[]> => {
    const claim = claimOf(person);
    if (claim === undefined) {
      throw cannot(`compares with the holder of a number only: an identifier of ${systems.nationalIdSystem} is needed`);
    }
    const { result } = await system.verify(claim, signal);
    if (result === 'not-supported') throw cannot('is not set up to compare');
    return result === 'match' ? [{ resource: toConfirmedPatient(claim, systems), score: 1, grade: 'certain' }] : [];
  };

  return async (request, { own, signal }) => {
    const version = sentVersion(request);
    const { parameter } = readResource(MatchParameters, parseJson(request.body), 'Parameters');
    const [given] = parameter.flatMap((one) => (one.name === 'resource' ? [one.resource] : []));
    const [onlyCertain = false] = parameter.flatMap((one) =>
      one.name === 'onlyCertainMatches' ? [one.valueBoolean] : [],
    );
    const [count = MOST_CANDIDATES] = parameter.flatMap((one) => (one.name === 'count' ? [one.valueInteger] : []));
    const person = toPerson(await readPatient(given, version), systems);

    if (system.capabilities.has('match')) {
      const answer = await system.match(person, { atMost: Math.min(count, MOST_CANDIDATES), onlyCertain }, signal);
      if (answer.result === 'not-supported') throw cannot('finds no candidates');
      return { status: 200, resource: setOf(answer.candidates.map(toMatch), own) };
    }
    if (system.capabilities.has('verify')) return { status: 200, resource: setOf(await verify(person, signal), own) };
    throw cannot('neither finds candidates nor compares');
  };
}
