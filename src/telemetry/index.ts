export {
  type CheckReport,
  type CheckState,
  createHealth,
  type Health,
  type HealthCheck,
  type ReadinessReport,
} from './health.js';
export { createLogger, type LogFields, type Logger, type LogLevel, type RootLogger } from './log.js';
export { createMetrics, type Metrics } from './metrics.js';
