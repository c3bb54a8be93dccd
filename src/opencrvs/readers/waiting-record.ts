import type { Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Reading } from '../../vital-events/index.js';
import { readRecord } from './record.js';
import { makeRegistrationNumber } from './registration-number.js';

/**
 * Reads a FHIR record that waits to be registered (1.7 and 1.8, reference/opencrvs.md 4.7): it has no number yet, so
 * the one it will get is made here.
 */
export async function readWaitingRecord(registrationNumber: Mapping, bundle: unknown): Promise<Reading> {
  const reading = readRecord(bundle);
  if (reading.ok || reading.code !== 'registration_number_missing') return reading;
  const { kind, trackingId } = reading;
  if (kind !== 'birth' && kind !== 'death') return reading;
  try {
    const number = await makeRegistrationNumber(registrationNumber, { kind, trackingId, record: bundle });
    return readRecord(bundle, kind, number);
  } catch (thrown) {
    if (!(thrown instanceof MediatorError)) throw thrown;
    return { ...reading, code: thrown.code, reason: thrown.message };
  }
}
