/** Digits of a registration id after centre and machine: 5 + 5 + 19 = the 29 that MOSIP uses. */
const SERIAL_DIGITS = 19;

/**
 * The registration id of an event: centre (5 digits), machine (5 digits), then 19 digits taken from the event's digest.
 *
 * MOSIP's own ids end in a sequence and a timestamp. Ours must not: the same event has to get the same id on each try,
 * so that MOSIP refuses the second workflow (`RPR-WIS-001`) instead of issuing a second identity. A timestamp would
 * make every try a new person. The workflow manager takes any id (reference/mosip.md 1.1: others send 15 digits).
 */
export function registrationId(
  digest: Uint8Array,
  place: { readonly centerId: string; readonly machineId: string },
): string {
  const number = BigInt(`0x${Buffer.from(digest).toString('hex')}`);
  const serial = number % 10n ** BigInt(SERIAL_DIGITS);
  return `${place.centerId}${place.machineId}${serial.toString().padStart(SERIAL_DIGITS, '0')}`;
}
