import type { FhirSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { loadEventMapping, type MappingSource } from '../event-mapping.js';
import type { Biometrics, Submission } from '../port.js';
import { FhirPatient, hasIdentifier } from './resources.js';

/**
 * Makes the Patient of a birth, as the record is now.
 *
 * @throws MediatorError `mapping_failed`, `mapping_timeout`
 */
export type ToPatient = (submission: Submission) => Promise<FhirPatient>;

/** Loads `fhir/birth.jsonata`. */
export function createToPatient(
  source: MappingSource,
  settings: FhirSettings,
): { readonly toPatient: ToPatient; readonly biometrics: Biometrics } {
  const { registrationSystem, nationalIdSystem } = settings;
  const mapping = loadEventMapping(source, 'fhir/birth.jsonata');

  const toPatient: ToPatient = async ({ event, outwardKey }) => {
    const mapped = FhirPatient.safeParse(
      await mapping.apply({ event, outwardKey, registrationSystem, nationalIdSystem }),
    );
    const registration = { system: registrationSystem, value: event.registrationNumber };
    if (mapped.success && hasIdentifier(mapped.data, registration)) return mapped.data;
    throw new MediatorError('mapping_failed', {
      message: 'The mapping fhir/birth.jsonata made no Patient with the registration number.',
    });
  };
  return { toPatient, biometrics: mapping.biometrics };
}
