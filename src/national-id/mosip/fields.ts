import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { loadEventMapping, type MappingSource, mostOf } from '../event-mapping.js';
import type { Biometrics, Submission } from '../port.js';

/**
 * A document as the packet manager takes one beside the fields (mosip/packet-manager, `PacketDto.documents`): it reads a
 * field that the schema calls a document from nowhere else.
 */
const PacketDocument = z.strictObject({
  /** In base64. */
  document: z.base64().min(1),
  type: z.string().min(1),
  /** The ending of its file: pdf, jpg, ... */
  format: z.string().min(1),
  value: z.string().optional(),
  refNumber: z.string().optional(),
});

/** Otherwise it takes a map of texts; a value with languages is JSON inside its text (reference/mosip.md 4). */
const Fields = z.record(z.string(), z.union([z.string(), PacketDocument]));

/** The identity fields of a packet by their names in the schema. */
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

/** Loads `mosip/birth.jsonata`, `mosip/death.jsonata` and `mosip/correction.jsonata`. */
export function createFieldMapping(source: MappingSource): {
  readonly mapFields: FieldMapping;
  readonly biometrics: Biometrics;
} {
  const mappings = {
    birth: loadEventMapping(source, 'mosip/birth.jsonata'),
    death: loadEventMapping(source, 'mosip/death.jsonata'),
    correction: loadEventMapping(source, 'mosip/correction.jsonata'),
  } as const;

  return {
    biometrics: mostOf(Object.values(mappings)),
    async mapFields(kind, { event, outwardKey, known }) {
      const parsed = Fields.safeParse(await mappings[kind].apply({ event, outwardKey, known }));
      if (!parsed.success) {
        throw new MediatorError('mapping_failed', {
          message: `The mapping mosip/${kind}.jsonata gave something other than an object of texts and documents.`,
        });
      }
      return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== ''));
    },
  };
}
