export { restProbes } from './probes.js';
export { createRestSystem, type RestSystemDeps } from './rest-system.js';
