import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { type OutboundResponse, readJson } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Answer, NationalIdSystem } from '../port.js';
import { type FhirServer, readPatient } from './fhir-server.js';
import { MULTIPLE_MATCHES, refusalOf } from './refusal.js';
import { FhirPatient, hasIdentifier, identifierValue } from './resources.js';
import type { ToPatient } from './to-patient.js';

export interface IssueDeps {
  readonly server: FhirServer;
  readonly clock: Clock;
  readonly toPatient: ToPatient;
}

const PATIENT_LOCATION = /\/Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/;

/**
 * A birth by conditional create (reference/mosip.md 7.2): the registration number makes it idempotent. The national ID is
 * the identifier that the server put under the configured system.
 *
 * The function throws MediatorError `mapping_failed`, `peer_error` while the server has not given an ID yet, and what a
 * failed call or an unreadable answer stands for.
 */
export function createIssue(
  { server, clock, toPatient }: IssueDeps,
  settings: FhirSettings,
): NationalIdSystem['issue'] {
  /** The body, or where it is none (`Prefer` is a wish), what `Location` names: read below our own base, always. */
  const created = async (response: OutboundResponse, signal: AbortSignal): Promise<FhirPatient> => {
    const body = response.body.length === 0 ? undefined : FhirPatient.safeParse(readJson(response)).data;
    if (body !== undefined) return body;
    const id = PATIENT_LOCATION.exec(String(response.headers['location'] ?? ''))?.[1];
    if (id === undefined) throw new MediatorError('peer_response_invalid');
    const read = await server.read(id, signal);
    if (read.status !== 200) {
      throw new MediatorError('peer_error', { message: `The created Patient cannot be read (HTTP ${read.status}).` });
    }
    return readPatient(read);
  };

  return async (submission) => {
    const { event, repeated, signal } = submission;
    const registration = { system: settings.registrationSystem, value: event.registrationNumber };

    const answer = (patient: FhirPatient): Answer => {
      if (!hasIdentifier(patient, registration)) {
        throw new MediatorError('peer_response_invalid', { message: 'The FHIR server answered with another Patient.' });
      }
      const nationalId = identifierValue(patient, settings.nationalIdSystem);
      if (nationalId === undefined) throw new MediatorError('peer_error', { message: 'no national id yet' });
      return { result: 'issued', identity: { nationalId } };
    };

    const patient = await toPatient(submission);
    if (repeated) {
      // Conditional create is optional in FHIR: a server that ignores the header would make a second person.
      const [known, ...others] = await server.find(registration, signal);
      if (others.length > 0) return MULTIPLE_MATCHES;
      if (known !== undefined) return answer(known);
    }
    const response = await server.create(patient, registration, signal);
    if (response.status === 412) return MULTIPLE_MATCHES;
    if (response.status !== 200 && response.status !== 201) return refusalOf(response, clock.now());
    return answer(await created(response, signal));
  };
}
