export { type Backfill, type OpenBackfillDeps, openBackfill } from './backfill.js';
export {
  type ImportResult,
  openPendingImport,
  type PendingImport,
  type PendingSubmission,
} from './import-pending.js';
export { type KeyRotation, openKeyRotation } from './key-rotation.js';
export type {
  ActionBy,
  ActionResult,
  BulkResult,
  EventDetail,
  NextStep,
  Operator,
  OperatorAction,
  Refusal,
} from './operator/index.js';
export type { ReportPolicy } from './outcome-reports.js';
export { createPipeline, type Pipeline, type PipelineDeps, type PipelineOptions } from './pipeline.js';
export type { RetryPolicy } from './retry.js';
export { STATES, type State } from './states.js';
export type { AuditLine, EventFilter, EventPage, EventSummary, HistoryLine, StateCount } from './store/index.js';
export {
  type FolderStanding,
  inspectFolder,
  inspectServer,
  type KeyStanding,
  type SchemaStanding,
  type ServerStanding,
  type StoreInspection,
} from './store/index.js';
