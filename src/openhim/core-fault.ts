import { MediatorError, type MediatorErrorOptions } from '../errors/index.js';
import { errorForFailure, errorForStatus } from '../outbound/index.js';

/** How one call to OpenHIM core failed. `status` is absent when there was no whole answer. */
export interface CoreFailure {
  readonly call: 'registration' | 'look-up' | 'heartbeat';
  readonly apiUrl: string;
  readonly status: number | undefined;
  /** What the transport threw: looked at, never kept, because it carries the Authorization header. */
  readonly thrown: unknown;
  readonly isTimeout: boolean;
}

/**
 * What each status tells the operator (openhim.md 1.1, 1.2); core's own texts are not reliable (fact 8). Core 8.5.0 asks
 * for the group admin; permissions came after it.
 */
function adviceForStatus(call: CoreFailure['call'], status: number): string {
  if (status === 401)
    return 'OpenHIM core refuses the user or the password: check OPENHIM_USERNAME and OPENHIM_PASSWORD.';
  if (status === 403) {
    return 'The OpenHIM user may not do this: put it into the group admin or, where core has roles with permissions, give its role mediator-manage-all.';
  }
  if (status === 400 && call === 'registration') return 'OpenHIM core finds mediator.json invalid.';
  if (status >= 500 || status === 429) return `OpenHIM core answered the ${call} with HTTP ${status}.`;
  return `The ${call} was answered with HTTP ${status}, not as OpenHIM core does: does OPENHIM_API_URL lead to its API?`;
}

function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** A TLS server drops a caller that speaks plain HTTP; a plain server's answer is no TLS record. */
function isWrongScheme(apiUrl: string, code: string): boolean {
  return apiUrl.startsWith('https:') ? code === 'EPROTO' || code.startsWith('ERR_SSL_') : code === 'ECONNRESET';
}

function adviceForTransport(failure: CoreFailure, error: MediatorError): string {
  const { apiUrl, thrown } = failure;
  const code = codeOf(thrown);
  if (error.code === 'peer_timeout') {
    // At its plain ports core 8.5.0 logs a TLS greeting and leaves the connection open.
    return apiUrl.startsWith('https:')
      ? 'OpenHIM core did not answer in time: if its API does not speak TLS, OPENHIM_API_URL has to begin with http.'
      : 'OpenHIM core did not answer in time.';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return "The certificate of OpenHIM core is made out to another host than the one in OPENHIM_API_URL: core's own names localhost alone.";
  }
  if (error.code === 'peer_certificate_invalid') {
    return 'The certificate of OpenHIM core is not trusted: give its authority in OPENHIM_CA_FILE.';
  }
  if (error.code === 'peer_unreachable' && isWrongScheme(apiUrl, code)) {
    return apiUrl.startsWith('https:')
      ? 'The API of OpenHIM core does not speak TLS: OPENHIM_API_URL may have to begin with http.'
      : 'OpenHIM core closed the connection without an answer: OPENHIM_API_URL may have to begin with https.';
  }
  if (error.code === 'peer_unreachable') return `OpenHIM core cannot be reached${code === '' ? '' : ` (${code})`}.`;
  return `The answer to the ${failure.call} was cut off or too large: does OPENHIM_API_URL lead to the API of OpenHIM core?`;
}

/** Turns a failed call into one of our errors. Its message tells an operator what to look at, and holds no secret. */
export function coreFault(failure: CoreFailure): MediatorError {
  const { call, status } = failure;
  const known =
    status === undefined
      ? errorForFailure(failure.thrown, failure.isTimeout)
      : (errorForStatus({ status, headers: {}, body: new Uint8Array() }, 0) ?? new MediatorError('peer_misconfigured'));
  const options: MediatorErrorOptions = {
    message: status === undefined ? adviceForTransport(failure, known) : adviceForStatus(call, status),
    unanswered: known.unanswered,
  };
  return new MediatorError(known.code, options);
}
