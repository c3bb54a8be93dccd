import { z } from 'zod';
import { loadMapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { VitalEvent } from '../../vital-events/index.js';

/** The packet manager takes a map of texts; a value with languages is JSON inside its text (reference/mosip.md 4). */
const Fields = z.record(z.string(), z.string());

export type IdentityFields = z.infer<typeof Fields>;

/**
 * Maps an event to the identity fields of its packet.
 *
 * @throws MediatorError `mapping_failed`, `mapping_timeout`
 */
export type FieldMapping = (event: VitalEvent, outwardKey: string) => Promise<IdentityFields>;

/** Loads `mosip/birth.jsonata` and `mosip/death.jsonata` below `dir`. */
export function createFieldMapping(dir: string): FieldMapping {
  const mappings = {
    birth: loadMapping(dir, 'mosip/birth.jsonata'),
    death: loadMapping(dir, 'mosip/death.jsonata'),
  } as const;

  return async (event, outwardKey) => {
    const parsed = Fields.safeParse(await mappings[event.kind].apply({ event, outwardKey }));
    if (!parsed.success) {
      throw new MediatorError('mapping_failed', {
        message: `The mapping mosip/${event.kind}.jsonata gave something other than an object of texts.`,
      });
    }
    return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== ''));
  };
}
