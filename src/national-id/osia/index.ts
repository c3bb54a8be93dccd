export { createOsia, type OsiaDeps } from './osia.js';
export { osiaProbes } from './probes.js';
