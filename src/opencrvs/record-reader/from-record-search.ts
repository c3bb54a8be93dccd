import { MediatorError } from '../../errors/index.js';
import type { Logger } from '../../telemetry/index.js';
import type { RegistrationKind, VitalEvent } from '../../vital-events/index.js';
import { openBundle } from '../readers/bundle.js';
import type { RecordPart, RecordParts } from '../record-part.js';
import type { RecordSearch, WantedRecord } from '../record-search/index.js';
import { createAskedOnce } from './asked-once.js';
import type { IncompleteEvent, PartsSource } from './parts-source.js';
import { sentEntries } from './sent-body.js';

export interface SearchSourceDeps {
  readonly search: Pick<RecordSearch, 'readParts'>;
  readonly log: Logger;
}

/** What a record of each kind can have. */
const PARTS_OF: Readonly<Record<RegistrationKind, ReadonlySet<RecordPart>>> = {
  birth: new Set(['mother', 'father', 'informant', 'place']),
  death: new Set(['mother', 'father', 'spouse', 'informant', 'place']),
};

/** How long an event waits that the index does not have yet. */
const NOT_INDEXED_WAIT_MS = 60_000;

/** A record that came by webhook without its Composition, in part only; from 1.7 on it comes whole (3.6). */
function wantedRecord({ event, raw }: IncompleteEvent): WantedRecord | undefined {
  const { kind, recordId, registrationNumber } = event;
  if ((kind !== 'birth' && kind !== 'death') || recordId === undefined) return undefined;
  const sent = openBundle({ resourceType: 'Bundle', entry: sentEntries(raw) });
  const isPart = sent !== undefined && sent.all('Composition').length === 0;
  return isPart ? { kind, recordId, registrationNumber } : undefined;
}

/** A child without any parent is not made an identity of for want of a search; all else goes on without the part. */
function isWaitedFor({ kind, mother, father }: VitalEvent, lacking: readonly RecordPart[]): boolean {
  const isAlone = kind === 'birth' && mother === undefined && father === undefined;
  return isAlone && (lacking.includes('mother') || lacking.includes('father'));
}

/** The parts, or the error that passes by itself in time: today's searches are used up, or the index is behind. */
async function partsOrDelay(read: () => ReturnType<RecordSearch['readParts']>): Promise<RecordParts | MediatorError> {
  try {
    const message = 'The record search of OpenCRVS does not find this registration yet.';
    return (await read()) ?? new MediatorError('peer_error', { message, retryAfterMs: NOT_INDEXED_WAIT_MS });
  } catch (thrown) {
    if (thrown instanceof MediatorError && thrown.code === 'peer_quota_used') return thrown;
    throw thrown;
  }
}

/** Record search of OpenCRVS 1.5 to 1.9, for webhooks that hold part of a record: asked once for an event. */
export function fromRecordSearch({ search, log }: SearchSourceDeps): PartsSource {
  const asked = createAskedOnce();
  /** Those that the index did not have: it gets a second chance. */
  const missed = createAskedOnce();

  return {
    async read(incomplete) {
      const { event, signal } = incomplete;
      const wanted = wantedRecord(incomplete);
      if (wanted === undefined || asked.has(event)) return {};
      const lacking = incomplete.lacking.filter((part) => PARTS_OF[wanted.kind].has(part));
      if (lacking.length === 0) return {};

      const found = await partsOrDelay(() => search.readParts(wanted, lacking, signal));
      if (!(found instanceof MediatorError)) {
        asked.add(event);
        return found;
      }
      const isFirstMiss = found.code === 'peer_error' && !missed.has(event);
      if (isFirstMiss) missed.add(event);
      if (isFirstMiss || isWaitedFor(event, lacking)) throw found;
      const { kind, registrationNumber } = event;
      const fields = { event: 'record.part_unread', kind, registrationNumber, reason: found.code };
      log.warn(fields, 'the event goes on without a part that cannot be read now');
      return {};
    },
  };
}
