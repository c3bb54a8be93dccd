import { MediatorError } from '../../errors/index.js';
import { R4, STU3 } from '../fhir-version.js';
import type { PatientMapping } from '../patient-mapping.js';
import type { FhirVersion } from './negotiation.js';
import { Patient, readResource } from './resources.js';

/**
 * A Patient of the caller's as R4; `version` is what its media type says. `place` begins the paths in an error.
 *
 * @throws MediatorError `payload_invalid`, `media_type_unsupported` for STU3 where no mapping takes it, `mapping_timeout`
 */
export type ReadPatient = (resource: unknown, version: FhirVersion | undefined, place?: string) => Promise<Patient>;

/** As in the proxy, a Patient that does not say that it is R4 may be in OpenCRVS's form, and is put into R4. */
export function createReadPatient(patients: PatientMapping): ReadPatient {
  const toR4 = async (resource: unknown): Promise<unknown> => {
    try {
      const mapped = await patients.toDownstream(Buffer.from(JSON.stringify(resource ?? null)));
      return JSON.parse(mapped.toString('utf8'));
    } catch (thrown) {
      if (!(thrown instanceof MediatorError) || thrown.code !== 'mapping_failed') throw thrown;
      // What no mapping can read is the caller's fault: the schema says where it lies.
      return resource;
    }
  };

  return async (resource, version, place = 'Patient') => {
    if (version === STU3 && !patients.mapsRequests) throw new MediatorError('media_type_unsupported');
    return readResource(Patient, version === R4 ? resource : await toR4(resource), place);
  };
}
