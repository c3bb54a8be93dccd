import { readFileSync } from 'node:fs';
import type { DocumentSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { parseDelivery, readDelivery, readRecord } from '../../opencrvs/index.js';
import { parseEvent, type Reading, type VitalEvent } from '../../vital-events/index.js';
import { UsageError } from '../command.js';

const has = (value: object, member: string): boolean => Object.hasOwn(value, member);

function eventIn(body: unknown, documents: DocumentSettings): Reading {
  if (typeof body !== 'object' || body === null) throw new UsageError('The file holds no JSON object.');
  if (has(body, 'event')) return readDelivery(parseDelivery(body), documents);
  if (has(body, 'resourceType')) return readRecord(body, undefined, { documents });
  const event = parseEvent({ ...body }, documents);
  if (event.success) return { ok: true, event: event.data };
  const [issue] = event.error.issues;
  throw new UsageError(
    `The file is neither a webhook of OpenCRVS nor a FHIR record nor an event: ${issue?.path.join('.') || 'kind'} is not as expected.`,
  );
}

/**
 * The event in a file: a webhook body of OpenCRVS, a FHIR record, or an event in the mediator's own form. `documents`:
 * what of the documents in it the event takes.
 *
 * @throws UsageError for a file that holds none, MediatorError for a record that cannot be read
 */
export function readEventFile(path: string, documents: DocumentSettings): VitalEvent {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new UsageError('The file that --event names cannot be read.');
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's own words quote the file.
    throw new UsageError('The file that --event names does not hold valid JSON.');
  }
  const reading = eventIn(body, documents);
  if (!reading.ok) throw new MediatorError(reading.code, { message: reading.reason });
  return reading.event;
}
