export { createESignet, type ESignet, type ESignetDeps, type LogIn } from './esignet.js';
export { esignetProbes } from './probes.js';
export type { UserInfo } from './user-info.js';
