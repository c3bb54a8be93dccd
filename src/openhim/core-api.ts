import { MediatorError } from '../errors/index.js';
import { errorForStatus, type OutboundClient } from '../outbound/index.js';

export interface CoreCredentials {
  readonly apiUrl: string;
  readonly username: string;
  readonly password: string;
}

export interface CoreCall {
  /** From a closed set of names, for the metrics. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Its segments are encoded already. */
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Statuses besides those of a usual answer that the caller judges itself. */
  readonly judges?: readonly (401 | 403)[];
}

export interface CoreAnswer {
  readonly status: number;
  /** JSON; undefined where the answer is none, as core answers in plain texts too (openhim.md fact 8). */
  readonly body: unknown;
}

/**
 * One call to the API of OpenHIM core. Returns the answer to a known question, whatever its status.
 *
 * @throws MediatorError `peer_unauthorized`, also for a user who may not do this; what the outbound client throws;
 *   `peer_unavailable` where a proxy answered in core's stead
 */
export type CoreApi = (call: CoreCall) => Promise<CoreAnswer>;

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    // Most answers are sentences for people; the status says it all.
    return undefined;
  }
}

export function createCoreApi(
  { outbound }: { readonly outbound: OutboundClient },
  { apiUrl, username, password }: CoreCredentials,
): CoreApi {
  const base = apiUrl.replace(/\/+$/, '');
  // Core looks for the word in this very case (openhim.md 1.1).
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

  return async ({ operation, method, path, body, signal, judges = [] }) => {
    const response = await outbound.send({
      peer: 'openhim',
      operation,
      method,
      url: `${base}${path}`,
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const { status } = response;
    const isJudged = judges.some((judged) => judged === status);
    if (status === 401 && !isJudged) {
      throw new MediatorError('peer_unauthorized', { message: 'OpenHIM core refuses the user or the password.' });
    }
    if (status === 403 && !isJudged) {
      const message = 'The OpenHIM user may not do this: its group or role lacks the permission.';
      throw new MediatorError('peer_unauthorized', { message });
    }
    const fault = errorForStatus(response, 0);
    if (fault?.code === 'peer_unavailable') throw fault;
    return { status, body: parsed(response.body) };
  };
}

/** The error for an answer that a call does not expect. Core's own text is not kept: it quotes what it was sent. */
export function unexpectedAnswer(operation: string, { status }: CoreAnswer): MediatorError {
  return new MediatorError(status >= 500 ? 'peer_error' : 'peer_misconfigured', {
    message: `OpenHIM core answered ${operation} with HTTP ${status}.`,
  });
}
