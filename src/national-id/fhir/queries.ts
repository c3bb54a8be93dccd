import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import { answerAge, compareClaim } from '../compare.js';
import type { NationalIdSystem } from '../port.js';
import type { KnownPerson, LookupKey } from '../queries.js';
import type { FhirServer } from './fhir-server.js';
import { createMatch } from './match.js';
import { type BusinessIdentifier, identifierValue } from './resources.js';
import { toKnownPerson } from './to-known-person.js';

export interface FhirQueriesDeps {
  readonly server: FhirServer;
  readonly clock: Clock;
}

export type FhirQueries = Pick<NationalIdSystem, 'verify' | 'checkAge' | 'lookup' | 'match'>;

/**
 * What is asked about persons at a FHIR server (reference/mosip.md 7.2). FHIR compares no claims: the Patient is fetched
 * by its identifier and compared here.
 */
export function createFhirQueries({ server, clock }: FhirQueriesDeps, settings: FhirSettings): FhirQueries {
  const findOne = async (key: BusinessIdentifier, signal: AbortSignal): Promise<KnownPerson | undefined> => {
    // A number that was taken from somebody is nobody's.
    const found = (await server.find(key, signal)).filter(
      (patient) => identifierValue(patient, key.system) === key.value,
    );
    if (found.length > 1) {
      throw new MediatorError('peer_response_invalid', { message: 'Several Patients have the same number.' });
    }
    return found[0] && toKnownPerson(found[0], settings);
  };

  const byNationalId = (value: string, signal: AbortSignal): Promise<KnownPerson | undefined> =>
    findOne({ system: settings.nationalIdSystem, value }, signal);

  const identifierOf = (key: LookupKey): BusinessIdentifier =>
    'nationalId' in key
      ? { system: settings.nationalIdSystem, value: key.nationalId }
      : { system: settings.registrationSystem, value: key.registrationNumber };

  return {
    verify: async (claim, signal) => compareClaim(claim, await byNationalId(claim.nationalId, signal)),
    async checkAge(question, signal) {
      const answer = answerAge(question, await byNationalId(question.nationalId, signal));
      if (answer !== undefined) return answer;
      throw new MediatorError('peer_response_invalid', { message: 'The Patient has no date of birth.' });
    },
    async lookup(key, signal) {
      const found = await findOne(identifierOf(key), signal);
      return found === undefined ? { result: 'not-found' } : { result: 'found', found };
    },
    match: createMatch({ server, clock }, settings),
  };
}
