export { createPipeline, type Pipeline, type PipelineDeps, type PipelineOptions } from './pipeline.js';
export type { RetryPolicy } from './retry.js';
