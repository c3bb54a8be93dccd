import { z } from 'zod';
import { loadMapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Submission } from '../port.js';

/** The packet manager takes a map of texts; a value with languages is JSON inside its text (reference/mosip.md 4). */
const Fields = z.record(z.string(), z.string());

export type IdentityFields = z.infer<typeof Fields>;

/** What a packet can tell MOSIP; each has a process and a mapping of its own. */
export type PacketKind = 'birth' | 'death' | 'correction';

/**
 * Makes the identity fields of a packet.
 *
 * @throws MediatorError `mapping_failed`, `mapping_timeout`
 */
export type FieldMapping = (
  kind: PacketKind,
  input: Pick<Submission, 'event' | 'outwardKey' | 'known'>,
) => Promise<IdentityFields>;

/** Loads `mosip/birth.jsonata`, `mosip/death.jsonata` and `mosip/correction.jsonata` below `dir`. */
export function createFieldMapping(dir: string): FieldMapping {
  const mappings = {
    birth: loadMapping(dir, 'mosip/birth.jsonata'),
    death: loadMapping(dir, 'mosip/death.jsonata'),
    correction: loadMapping(dir, 'mosip/correction.jsonata'),
  } as const;

  return async (kind, { event, outwardKey, known }) => {
    const parsed = Fields.safeParse(await mappings[kind].apply({ event, outwardKey, known }));
    if (!parsed.success) {
      throw new MediatorError('mapping_failed', {
        message: `The mapping mosip/${kind}.jsonata gave something other than an object of texts.`,
      });
    }
    return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== ''));
  };
}
