import type { DocumentSettings, Mapping } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import type { Reading } from '../../vital-events/index.js';
import { readRecord } from './record.js';
import { makeRegistrationNumber } from './registration-number.js';

/**
 * Reads a FHIR record that waits to be registered (1.7 and 1.8, reference/opencrvs.md 4.7): it has no number yet, so
 * the one it will get is made here. `documents`: what of its documents the event takes.
 */
export async function readWaitingRecord(
  registrationNumber: Mapping,
  bundle: unknown,
  documents: DocumentSettings,
): Promise<Reading> {
  const reading = readRecord(bundle, undefined, { documents });
  if (reading.ok || reading.code !== 'registration_number_missing') return reading;
  const { kind, trackingId } = reading;
  if (kind !== 'birth' && kind !== 'death') return reading;
  try {
    const numberToCome = await makeRegistrationNumber(registrationNumber, { kind, trackingId, record: bundle });
    return readRecord(bundle, kind, { numberToCome, documents });
  } catch (thrown) {
    if (!(thrown instanceof MediatorError)) throw thrown;
    return { ...reading, code: thrown.code, reason: thrown.message };
  }
}
