import type { VitalEvent } from '../vital-events/index.js';

/** Parts of an event that may be left out when it is sent, and that can be read afterwards. */
export const RECORD_PARTS = ['mother', 'father', 'spouse', 'informant', 'place'] as const;
export type RecordPart = (typeof RECORD_PARTS)[number];

/** Parts as a record has them. */
export type RecordParts = Partial<Pick<VitalEvent, RecordPart>>;
