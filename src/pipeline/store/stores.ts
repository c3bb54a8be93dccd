import type { Settings } from '../../config/index.js';
import { type CallbackStore, createCallbackStore } from './callback-store.js';
import { createEventContents, type EventContents } from './event-content.js';
import { createEventStore, type EventStore } from './event-store.js';
import { createHistory, type History } from './history.js';
import { createLostPayloads, type LostPayloads } from './lost-payloads.js';
import { createPersonIndex, type PersonIndex } from './person-index.js';
import { createSealer } from './sealer.js';

/** The tables of events, each behind what reads and writes it. */
export interface Stores {
  readonly events: EventStore;
  readonly contents: EventContents;
  readonly callbacks: CallbackStore;
  readonly persons: PersonIndex;
  readonly history: History;
  readonly lost: LostPayloads;
}

/** Over a database whose data at rest is under these keys. */
export function createStores({ encryption, index }: Settings['keys']): Stores {
  const sealer = createSealer(encryption);
  return {
    events: createEventStore(sealer),
    contents: createEventContents(sealer),
    callbacks: createCallbackStore(sealer),
    persons: createPersonIndex(index),
    history: createHistory(),
    lost: createLostPayloads(sealer),
  };
}
