export { type CallbackRow, type CallbackState, type CallbackStore, createCallbackStore } from './callback-store.js';
export type { Database, Sql } from './database.js';
export { createEventContents, type EventContents, type EventPayload } from './event-content.js';
export type { EventRow } from './event-row.js';
export { type Change, createEventStore, type Due, type EventStore, type NewEvent } from './event-store.js';
export { createHistory, type History, type HistoryEntry } from './history.js';
export { connect, openDatabase } from './open.js';
export { createPersonIndex, type PersonIndex } from './person-index.js';
export { createSealer, type Sealer } from './sealer.js';
