import { isDeepStrictEqual } from 'node:util';
import type { Logger } from '../../telemetry/index.js';
import type { VitalEvent } from '../../vital-events/index.js';
import type { Locations } from '../locations.js';
import type { RecordPart } from '../record-part.js';
import type { PartsSource } from './parts-source.js';
import { withPlaceNames } from './place-names.js';

export interface RecordReaderDeps {
  readonly source: PartsSource;
  /** Absent: districts and states keep their ids alone. */
  readonly locations: Locations | undefined;
  readonly log: Logger;
}

export interface RecordReaderOptions {
  /** What the mapping needs: nothing is read for an event that has all of it. */
  readonly parts: readonly RecordPart[];
}

/** Reads what OpenCRVS left out when it sent an event (reference/opencrvs.md 3.6, 4.6). */
export interface RecordReader {
  /**
   * The event with the needed parts it lacked, as far as the record has them, and with the names of districts and
   * states where locations are read. `raw` is the body with which it came. Without anything new the very same event is
   * given back.
   *
   * @throws MediatorError `peer_…` codes; `event_unreadable` when the whole record contradicts what was sent
   */
  completeEvent(event: VitalEvent, raw: string, signal: AbortSignal): Promise<VitalEvent>;
}

function isLacking(event: VitalEvent, part: RecordPart): boolean {
  return part === 'informant' ? event.informant?.person === undefined : event[part] === undefined;
}

export function createRecordReader(deps: RecordReaderDeps, options: RecordReaderOptions): RecordReader {
  const { source, locations, log } = deps;
  const { parts } = options;

  const withLackingParts: RecordReader['completeEvent'] = async (event, raw, signal) => {
    const lacking = parts.filter((part) => isLacking(event, part));
    if (lacking.length === 0) return event;
    const record = await source.read({ event, raw, lacking, signal });
    const found = parts.filter((part) => record[part] !== undefined);
    // The informant's telephone number may have been told, and not be in the record.
    const informant = { ...event.informant, ...record.informant };
    const added = found.map((part) => [part, part === 'informant' ? informant : record[part]]);
    const whole = { ...event, ...Object.fromEntries(added) };
    return isDeepStrictEqual(whole, event) ? event : whole;
  };

  return {
    async completeEvent(event, raw, signal) {
      const whole = await withLackingParts(event, raw, signal);
      return locations === undefined ? whole : withPlaceNames({ locations, log }, whole);
    },
  };
}
