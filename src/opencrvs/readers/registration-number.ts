import { z } from 'zod';
import type { Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { RegistrationKind } from '../../vital-events/index.js';

export const REGISTRATION_NUMBER_MAPPING = 'opencrvs/registration-number.jsonata';

/** What a number is made of: the record is an EventDocument or a Bundle, as it came. */
export interface NumberSource {
  readonly kind: RegistrationKind;
  readonly trackingId: string | undefined;
  readonly record: unknown;
}

const Result = z.string().regex(/\S/);

/**
 * The number for a record that waits for one. It must be the same each time: it is the key by which a registration is
 * known.
 *
 * @throws MediatorError `registration_number_missing` when the mapping makes no text, `mapping_failed`,
 *   `mapping_timeout`
 */
export async function makeRegistrationNumber(mapping: Mapping, source: NumberSource): Promise<string> {
  const made = Result.safeParse(await mapping.apply(source));
  if (made.success) return made.data;
  throw new MediatorError('registration_number_missing', {
    message: `The record has no number yet, and ${REGISTRATION_NUMBER_MAPPING} makes none of it.`,
  });
}
