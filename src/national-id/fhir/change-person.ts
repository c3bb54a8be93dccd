import { isDeepStrictEqual } from 'node:util';
import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { Answer, Submission } from '../port.js';
import { type FhirServer, readPatient } from './fhir-server.js';
import { personKey } from './person-key.js';
import { MULTIPLE_MATCHES, PERSON_NOT_FOUND, type Refused, refusalOf } from './refusal.js';
import type { FhirPatient } from './resources.js';

export interface ChangePersonDeps {
  readonly server: FhirServer;
  readonly clock: Clock;
  readonly log: Logger;
}

export type Edit = (patient: FhirPatient) => FhirPatient;

export type ChangePerson = (submission: Submission, edit: Edit) => Promise<Answer>;

/** An update that met another's change is done again on the new version this often within one try. */
const UPDATE_ATTEMPTS = 2;

/**
 * Finds the person of an event and changes the Patient under its version (reference/mosip.md 7.2); `confirmed` also where
 * there was nothing to change.
 *
 * The function throws MediatorError `peer_error` when the record keeps changing, and what a failed call or an unreadable
 * answer stands for.
 */
export function createChangePerson({ server, clock, log }: ChangePersonDeps, settings: FhirSettings): ChangePerson {
  const findOne = async (submission: Submission): Promise<string | Refused> => {
    const key = personKey(submission, settings);
    const [found, ...others] = key === undefined ? [] : await server.find(key, submission.signal);
    if (others.length > 0) return MULTIPLE_MATCHES;
    if (found === undefined) return PERSON_NOT_FOUND;
    if (found.id === undefined) throw new MediatorError('peer_response_invalid');
    return found.id;
  };

  return async (submission, edit) => {
    const { signal } = submission;
    const id = await findOne(submission);
    if (typeof id !== 'string') return id;
    for (let attempt = 1; attempt <= UPDATE_ATTEMPTS; attempt += 1) {
      // Read anew, also the first time: a search may give a part of the resource, and an update replaces all of it.
      const read = await server.read(id, signal);
      if (read.status === 404 || read.status === 410) return PERSON_NOT_FOUND;
      if (read.status !== 200) return refusalOf(read, clock.now());
      const patient = readPatient(read);
      const next = edit(patient);
      if (isDeepStrictEqual(next, patient)) return { result: 'confirmed' };
      const etag = read.headers['etag'];
      const version = typeof etag === 'string' ? etag : undefined;
      const updated = await server.update(id, { patient: next, version }, signal);
      if (updated.status >= 200 && updated.status < 300) return { result: 'confirmed' };
      if (updated.status !== 409 && updated.status !== 412) return refusalOf(updated, clock.now());
      log.debug({ event: 'fhir.version_conflict', peer: 'fhir', attempt }, 'the Patient has changed, read again');
    }
    throw new MediatorError('peer_error', { message: 'The Patient was changed by others meanwhile.' });
  };
}
