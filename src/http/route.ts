import type { MediatorError } from '../errors/index.js';
import type { Handler, InboundRequest, Reply } from './reply.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Turns an error into the reply of a group of routes. */
export type ErrorRenderer = (error: MediatorError, correlationId: string) => Reply;

/**
 * Another way into a guarded route than our own credentials: looks at a bearer token.
 *
 * @throws MediatorError with status 401 for one that does not let in; others when it cannot be checked
 */
export type BearerGuard = (authorization: string) => Promise<unknown>;

/**
 * A lock of a route's own, in the place of our usual credentials: judges a request before its body is read.
 *
 * @throws MediatorError for one that may not pass
 */
export type HeadGuard = (request: GuardedHead) => void;

/** What is known of a request before its body is read. */
export interface GuardedHead extends Pick<InboundRequest, 'method' | 'headers'> {
  /** Address of the connection: what a header says of it, anybody can write. */
  readonly client: string;
}

/** One route, as the parts of the service declare theirs. */
export interface Route {
  /** Methods it takes; `all` for a route that judges them itself. */
  readonly methods: readonly Method[] | 'all';
  /** Express path pattern; also the label in the metrics. */
  readonly path: string;
  readonly handler: Handler;
  /** Largest body taken; without it a body is not read. */
  readonly maxBodyBytes?: number;
  /** Content types taken for a request with a body (415 otherwise); without it any. */
  readonly contentTypes?: readonly string[];
  /** Asks for `INBOUND_USERNAME` and `INBOUND_PASSWORD`, or takes a bearer token in their place; `by`: for others. */
  readonly guarded?: true | { readonly orBearer: BearerGuard } | { readonly by: HeadGuard };
  /** Default: problem+json. */
  readonly renderError?: ErrorRenderer;
  /** Through OpenHIM, a failure that may pass asks core to send the request again: only where a repeat does no harm. */
  readonly rerunnable?: true;
  /** What it takes is worked on after the answer: its transaction in OpenHIM ends later, where outcomes are reported. */
  readonly outlivesAnswer?: true;
  /** First segment of an address, such as `/fhir`: a server passes all below it straight to the handler, past Express. */
  readonly shortcut?: string;
  /** Probes are not logged. */
  readonly quiet?: true;
}
