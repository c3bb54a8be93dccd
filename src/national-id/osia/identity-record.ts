import { z } from 'zod';
import type { OsiaSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { VitalEvent } from '../../vital-events/index.js';
import { loadEventMapping, type MappingSource } from '../event-mapping.js';
import type { Biometrics } from '../port.js';
import { Attributes } from './scalar.js';

const FILE = 'osia/birth.jsonata';

/** An identity of OSIA's population registry, without id and status. */
const IdentityRecord = z.strictObject({
  identityType: z.string().min(1),
  biographicData: Attributes,
  contextualData: Attributes.optional(),
});
export type IdentityRecord = z.infer<typeof IdentityRecord>;

/**
 * Makes the identity of a birth, as the record is now.
 *
 * @throws MediatorError `mapping_failed`, `mapping_timeout`
 */
export type ToIdentityRecord = (event: VitalEvent) => Promise<IdentityRecord>;

/** Loads `osia/birth.jsonata`. */
export function createToIdentityRecord(
  source: MappingSource,
  { registrationAttribute }: Pick<OsiaSettings, 'registrationAttribute'>,
): { readonly toIdentityRecord: ToIdentityRecord; readonly biometrics: Biometrics } {
  const mapping = loadEventMapping(source, FILE);

  const toIdentityRecord: ToIdentityRecord = async (event) => {
    const mapped = IdentityRecord.safeParse(await mapping.apply({ event, registrationAttribute }));
    // Without the number of the registration the person could not be found again, and would be made twice.
    if (mapped.success && mapped.data.biographicData[registrationAttribute] === event.registrationNumber) {
      return mapped.data;
    }
    const place = mapped.success ? registrationAttribute : mapped.error.issues[0]?.path.join('.');
    throw new MediatorError('mapping_failed', {
      message: `The mapping ${FILE} made no identity that OSIA takes: see ${place || 'its result'}.`,
    });
  };
  return { toIdentityRecord, biometrics: mapping.biometrics };
}
