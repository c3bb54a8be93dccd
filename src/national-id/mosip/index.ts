export { createMosip, type MosipDeps, type MosipOptions } from './mosip.js';
