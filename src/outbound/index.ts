export { serviceUrl } from './address.js';
export { errorForStatus, readJson, retryAfterMs } from './answers.js';
export { createOutboundClient, errorForFailure, type OutboundClientOptions } from './axios-client.js';
export { type BreakerOptions, DEFAULT_BREAKER } from './breaker.js';
export type { CallRecord, OutboundClient, OutboundRequest, OutboundResponse, Peer } from './client.js';
export { recordingCalls } from './recorder.js';
export {
  createTokenCache,
  type IssuedToken,
  jwtLifeMs,
  type TokenCacheDeps,
  type TokenSource,
  withToken,
} from './token-cache.js';
