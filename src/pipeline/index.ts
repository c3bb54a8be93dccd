export {
  type ImportResult,
  openPendingImport,
  type PendingImport,
  type PendingSubmission,
} from './import-pending.js';
export { createPipeline, type Pipeline, type PipelineDeps, type PipelineOptions } from './pipeline.js';
export type { RetryPolicy } from './retry.js';
