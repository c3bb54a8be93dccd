export { type Audit, type AuditEntry, type AuditLine, createAudit } from './audit.js';
export type { CallbackRow, CallbackState, CallbackStore, CallbackSummary } from './callback-store.js';
export type { Connections, Database, Sql } from './database.js';
export type { EventContents, EventPayload } from './event-content.js';
export {
  createEventFinder,
  type EventFilter,
  type EventFinder,
  type EventPage,
  type EventSummary,
  type StateCount,
} from './event-finder.js';
export type { EventRow } from './event-row.js';
export type { Change, Due, EventStore, Failure } from './event-store.js';
export type { History, HistoryEntry, HistoryLine } from './history.js';
export { type IndexKeyStanding, keepIndexKey } from './index-key.js';
export {
  type FolderStanding,
  inspectFolder,
  inspectServer,
  type KeyStanding,
  type SchemaStanding,
  type ServerStanding,
  type StoreInspection,
} from './inspect.js';
export { createLeases, type Leases } from './leases.js';
export type { LostPayloads } from './lost-payloads.js';
export type { NewEvent } from './new-event.js';
export { createNotes, type Notes } from './notes.js';
export { connect, openDatabase } from './open.js';
export type { PersonIndex } from './person-index.js';
export { createReportStore, NO_REPORTS, type Report, type ReportStore } from './report-store.js';
export { type KeyUse, keysInUse, type Resealed, resealAll } from './sealed-columns.js';
export { createSealer, type Sealer } from './sealer.js';
export { createStores, type Stores } from './stores.js';
