import type { Readable } from 'node:stream';
import type { ErrorCode } from '../errors/index.js';

/** The systems we call; each has its own circuit breaker and is a label in the metrics. */
export type Peer =
  | 'openhim'
  | 'opencrvs-auth'
  | 'opencrvs-webhooks'
  | 'opencrvs-write-back'
  | 'opencrvs-fhir'
  | 'opencrvs-gateway'
  | 'opencrvs-system-clients'
  | 'mosip-auth'
  | 'mosip'
  | 'mosip-websub'
  | 'mosip-ida'
  | 'esignet'
  /** A running mediator, as its own commands call it. */
  | 'mediator'
  | 'fhir-auth'
  | 'fhir'
  | 'osia-auth'
  | 'osia-uin'
  | 'osia'
  | 'osia-notification'
  | 'rest-auth'
  | 'rest';

export interface OutboundRequest {
  readonly peer: Peer;
  /** What the call is for, from a closed set of names: shown in metrics and as the orchestration's name. */
  readonly operation: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** What records show instead of the path, where that holds an identifier or a secret. */
  readonly recordedPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Its body, or that of its answer, is or holds a secret of ours: no record shows them. */
  readonly isSecret?: true;
  /** Ends the call early, e.g. because the caller went away or the service stops. */
  readonly signal?: AbortSignal;
  /** Default 10 s, for the whole call including the body. */
  readonly timeoutMs?: number;
  /** Default 10 MiB. */
  readonly maxResponseBytes?: number;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; a header that came more than once is joined with ", ", except `set-cookie`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

/**
 * Makes calls to peers with a deadline, a size limit, a keep-alive transport, a circuit breaker and metrics.
 * Any HTTP answer is returned, whatever its status; redirects are not followed.
 *
 * @throws MediatorError `peer_unreachable`, `peer_certificate_invalid`, `peer_unauthorized` (our certificate),
 *   `peer_timeout`, `peer_circuit_open`, `call_cancelled` (by `signal`), `peer_response_invalid` (cut answer), all of these `unanswered`;
 *   `peer_response_too_large`
 */
export interface OutboundClient {
  send(request: OutboundRequest): Promise<OutboundResponse>;
  /** Closes idle connections. */
  close(): Promise<void>;
}

/** An answer before its body. */
export type ResponseHead = Pick<OutboundResponse, 'status' | 'headers'>;

/** An answer whose body is still coming. Whoever takes it reads it to the end or destroys it. */
export interface StreamedResponse extends ResponseHead {
  /** The bytes as the peer sends them; ends with a MediatorError when the answer is cut or the deadline passes. */
  readonly body: Readable;
}

/** Also makes calls over a leaner transport, for the path on which every microsecond counts. */
export interface StreamingClient extends OutboundClient {
  /**
   * Like `send`, but an answer may come before its body: `isStreamed` looks at its head. The deadline holds to the end of
   * the body either way, the size limit only for a whole one. A body in a content encoding is always given whole, decoded.
   *
   * @throws MediatorError as `send` does
   */
  open(
    request: OutboundRequest,
    isStreamed: (head: ResponseHead) => boolean,
  ): Promise<OutboundResponse | StreamedResponse>;
}

/** What became of one call, for the OpenHIM orchestration of the request during which it was made. */
export interface CallRecord {
  readonly peer: Peer;
  readonly operation: string;
  readonly request: {
    readonly method: string;
    readonly host: string;
    readonly port: number;
    /** Without the query: it may hold an identifier. */
    readonly path: string;
    readonly timestamp: string;
    readonly body?: string;
  };
  readonly response?: { readonly status: number; readonly timestamp: string; readonly body?: string };
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}
