import type { Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Caller } from './caller.js';
import { NewIdentifiers, withIdentifiers } from './patient.js';
import { createPatientStore } from './patient-store.js';
import type { WriteBack } from './port.js';

export const OPENHIM_FHIR_MAPPING = 'opencrvs/openhim-fhir.jsonata';

/**
 * OpenCRVS 1.0 to 1.4: the Patient in the FHIR store is read, given the identifiers and written back whole. What is
 * there already is not written again, so a repetition does no harm.
 */
export function createOpenHimFhirWriteBack(call: Caller, baseUrl: string, mapping: Mapping): WriteBack {
  const store = createPatientStore(call, baseUrl);
  return {
    kind: 'openhim-fhir',
    async deliver({ event, outcome, outwardKey, signal }) {
      if (outcome.result === 'refused') {
        return { result: 'not-offered', note: 'The FHIR store of OpenCRVS takes no refusals.' };
      }
      const identity = outcome.result === 'issued' ? outcome.identity : {};
      const additions = NewIdentifiers.safeParse(await mapping.apply({ event, identity, outwardKey }));
      if (!additions.success) {
        throw new MediatorError('mapping_failed', {
          message: `The result of ${OPENHIM_FHIR_MAPPING} is not a list of type and value.`,
        });
      }
      if (additions.data.length === 0) {
        return { result: 'not-offered', note: `${OPENHIM_FHIR_MAPPING} writes nothing for this outcome.` };
      }
      const changed = withIdentifiers(await store.readSubject(event, signal), additions.data);
      if (changed !== undefined) await store.update(changed, signal);
      return { result: 'delivered' };
    },
  };
}
