import type { VitalEvent } from '../../vital-events/index.js';

/** Events of which all that could be read has been read. */
export interface AskedOnce {
  has(event: VitalEvent): boolean;
  add(event: VitalEvent): void;
}

/** Some hundred bytes each. */
const MOST_KEPT = 20_000;

const keyOf = (event: VitalEvent): string =>
  [event.kind, event.registrationNumber, 'revision' in event ? event.revision : ''].join(':');

/** Kept in memory: after a restart an event whose record lacks a part is asked about once more. */
export function createAskedOnce(): AskedOnce {
  const keys = new Set<string>();
  return {
    has: (event) => keys.has(keyOf(event)),
    add(event) {
      const [oldest] = keys;
      if (keys.size >= MOST_KEPT && oldest !== undefined) keys.delete(oldest);
      keys.add(keyOf(event));
    },
  };
}
