export {
  type Found,
  type FoundResult,
  type Here,
  type ReconcileDeps,
  type ReconcileOptions,
  type ReconcileReport,
  reconcile,
  underWay,
} from './reconcile.js';
export { LEASE, LEASE_MS, type ReconcileStore, startReconciliation, startScheduled } from './scheduled.js';
