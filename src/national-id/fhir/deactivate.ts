import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { VitalEvent } from '../../vital-events/index.js';
import type { NationalIdSystem } from '../port.js';
import { type FhirServer, readPatient } from './fhir-server.js';
import { MULTIPLE_MATCHES, PERSON_NOT_FOUND, type Refused, refusalOf } from './refusal.js';
import type { BusinessIdentifier, FhirPatient } from './resources.js';

export interface DeactivateDeps {
  readonly server: FhirServer;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An update that met another's change is done again on the new version this often within one try. */
const UPDATE_ATTEMPTS = 2;

/**
 * By what the deceased is looked for: the national ID, else the number of the birth. The number of the death itself is not
 * used: no Patient was made under it, and a country may number births and deaths alike.
 */
function keyOf(event: VitalEvent, settings: FhirSettings): BusinessIdentifier | undefined {
  const identifier = (type: string) => event.subject.identifiers.find((entry) => entry.type === type)?.value;
  const nationalId = identifier('NATIONAL_ID');
  if (nationalId !== undefined) return { system: settings.nationalIdSystem, value: nationalId };
  const birth = identifier('BIRTH_REGISTRATION_NUMBER');
  return birth === undefined ? undefined : { system: settings.registrationSystem, value: birth };
}

function isDeceased(patient: FhirPatient): boolean {
  return patient.deceasedBoolean === true || patient.deceasedDateTime !== undefined;
}

/** The same Patient, dead and inactive; deceased[x] takes one form only. */
function asDeceased(patient: FhirPatient, event: VitalEvent): FhirPatient {
  const { deceasedBoolean: _boolean, deceasedDateTime: _date, ...rest } = patient;
  const date = event.kind === 'death' ? event.dateOfDeath?.value : undefined;
  return { ...rest, active: false, ...(date === undefined ? { deceasedBoolean: true } : { deceasedDateTime: date }) };
}

/**
 * A death: finds the person and marks it deceased and inactive under its version (reference/mosip.md 7.2). A person who is
 * deceased already is confirmed.
 *
 * The function throws MediatorError `peer_error` when the record keeps changing, and what a failed call or an unreadable
 * answer stands for.
 */
export function createDeactivate(
  { server, clock, log }: DeactivateDeps,
  settings: FhirSettings,
): NationalIdSystem['deactivate'] {
  const findOne = async (event: VitalEvent, signal: AbortSignal): Promise<string | Refused> => {
    const key = keyOf(event, settings);
    const [found, ...others] = key === undefined ? [] : await server.find(key, signal);
    if (others.length > 0) return MULTIPLE_MATCHES;
    if (found === undefined) return PERSON_NOT_FOUND;
    if (found.id === undefined) throw new MediatorError('peer_response_invalid');
    return found.id;
  };

  return async ({ event, signal }) => {
    const id = await findOne(event, signal);
    if (typeof id !== 'string') return id;
    for (let attempt = 1; attempt <= UPDATE_ATTEMPTS; attempt += 1) {
      // Read anew, also the first time: a search may give a part of the resource, and an update replaces all of it.
      const read = await server.read(id, signal);
      if (read.status === 404 || read.status === 410) return PERSON_NOT_FOUND;
      if (read.status !== 200) return refusalOf(read, clock.now());
      const patient = readPatient(read);
      if (isDeceased(patient)) return { result: 'confirmed' };
      const etag = read.headers['etag'];
      const next = { patient: asDeceased(patient, event), version: typeof etag === 'string' ? etag : undefined };
      const updated = await server.update(id, next, signal);
      if (updated.status >= 200 && updated.status < 300) return { result: 'confirmed' };
      if (updated.status !== 409 && updated.status !== 412) return refusalOf(updated, clock.now());
      log.debug({ event: 'fhir.version_conflict', peer: 'fhir', attempt }, 'the Patient has changed, read again');
    }
    throw new MediatorError('peer_error', { message: 'The Patient was changed by others meanwhile.' });
  };
}
