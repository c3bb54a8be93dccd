import { MediatorError } from '../errors/index.js';

const CERTIFICATE_ERRORS = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** Alerts by which a peer ends a handshake over our certificate, or for want of one (RFC 5246 7.2.2, RFC 8446 6.2). */
const CLIENT_CERTIFICATE_ALERTS =
  /ALERT_(?:HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_[A-Z]+|UNKNOWN_CA|ACCESS_DENIED)$/;

/** Failures that come before a connection is there, and so before anything was sent. */
const NO_CONNECTION = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/;

/** Whether a peer ended the handshake over our client certificate, or for want of one, by Node's code of the failure. */
export const isCertificateAlert = (code: string): boolean => CLIENT_CERTIFICATE_ALERTS.test(code);

/** The error for a call that got no answer, by the code that Node or a library gave its failure. */
export function noAnswer(code: unknown): MediatorError {
  const text = typeof code === 'string' ? code : '';
  if (CERTIFICATE_ERRORS.test(text)) {
    return new MediatorError('peer_certificate_invalid', { unanswered: true, unsent: true });
  }
  if (isCertificateAlert(text)) {
    const message = 'The peer ended the TLS handshake: it does not take our client certificate, or misses one.';
    return new MediatorError('peer_unauthorized', { unanswered: true, unsent: true, message });
  }
  const reason = /^[A-Z_]{3,30}$/.test(text) ? ` (${text})` : '';
  const message = `The peer cannot be reached${reason}.`;
  return new MediatorError('peer_unreachable', { unanswered: true, unsent: NO_CONNECTION.test(text), message });
}

/** The error for a call that its deadline ended. */
export const tooLate = (): MediatorError => new MediatorError('peer_timeout', { unanswered: true });

/** The error for a call that the caller ended. Whether the peer would have answered is not known: not held against it. */
export const cancelled = (): MediatorError => new MediatorError('call_cancelled', { unanswered: true });

/** The error for an answer that broke off, or that breaks its own encoding. */
export const brokenAnswer = (): MediatorError => new MediatorError('peer_response_invalid', { unanswered: true });
