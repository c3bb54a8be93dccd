export { createMosip, type MosipDeps, type MosipOptions } from './mosip.js';
export { mosipProbes } from './probes.js';
