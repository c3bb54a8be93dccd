import { timingSafeEqual } from 'node:crypto';

/**
 * Compares what was sent with a secret, or with what only its holder can make. Takes the same time wherever they differ;
 * only their lengths, which are no secret, can be told.
 */
export function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  // The comparison throws for another length.
  return given.length === expected.length && timingSafeEqual(given, expected);
}
