import type { MediatorError } from '../errors/index.js';
import type { Handler, Reply } from './reply.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Turns an error into the reply of a group of routes. */
export type ErrorRenderer = (error: MediatorError, correlationId: string) => Reply;

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
  /** Asks for `INBOUND_USERNAME` and `INBOUND_PASSWORD`. */
  readonly guarded?: true;
  /** Default: problem+json. */
  readonly renderError?: ErrorRenderer;
  /** Through OpenHIM, a failure that may pass asks core to send the request again: only where a repeat does no harm. */
  readonly rerunnable?: true;
  /** Probes are not logged. */
  readonly quiet?: true;
}
