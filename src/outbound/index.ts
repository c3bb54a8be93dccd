export { serviceUrl } from './address.js';
export { errorForStatus, readJson, retryAfterMs } from './answers.js';
export { errorForFailure } from './axios-transport.js';
export { type BreakerOptions, DEFAULT_BREAKER } from './breaker.js';
export type {
  CallRecord,
  OutboundClient,
  OutboundRequest,
  OutboundResponse,
  Peer,
  ResponseHead,
  StreamedResponse,
  StreamingClient,
} from './client.js';
export { type ClientCredentialsOptions, createClientCredentials } from './client-credentials.js';
export { isCertificateAlert } from './failure.js';
export { createOutboundClient, type OutboundClientOptions, type PeerTrust } from './outbound-client.js';
export { recordedCalls, recordingCalls } from './recorder.js';
export {
  createTokenCache,
  type IssuedToken,
  jwtLifeMs,
  type TokenCacheDeps,
  type TokenSource,
  withToken,
} from './token-cache.js';
export type { ClientCertificate } from './transport.js';
