import type { VitalEvent } from '../../vital-events/index.js';
import type { RecordPart, RecordParts } from '../record-part.js';

/** An event of which parts are needed and not there. */
export interface IncompleteEvent {
  readonly event: VitalEvent;
  /** The body with which it came. */
  readonly raw: string;
  readonly lacking: readonly RecordPart[];
  readonly signal: AbortSignal;
}

/** Where the parts of a record can be read. */
export interface PartsSource {
  /**
   * Parts as the record has them, the lacking ones among them if it has those; none where this source has nothing for
   * an event that came in such a form.
   *
   * @throws MediatorError `peer_…` codes; `event_unreadable` when the whole record contradicts what was sent
   */
  read(incomplete: IncompleteEvent): Promise<RecordParts>;
}
