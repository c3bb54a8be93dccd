import type { OutboundRequest, ResponseHead } from './client.js';

/** How one call is made, defaults filled in. */
export interface CallOptions {
  /** The address of the request. */
  readonly url: URL;
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Our certificate for a peer that asks for one, as PEM texts. */
export interface ClientCertificate {
  readonly key: string;
  /** The certificate of the key first, then those that lead to its authority. */
  readonly cert: string;
}

/** Whose certificates are taken, without `ca` those of the system's authorities; and which is ours. */
export interface TlsOptions extends Partial<ClientCertificate> {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
}

/** A way to carry out a call: only that. What holds for every call (breaker, metrics, records) is put around it. */
export interface Transport<T extends ResponseHead> {
  /** @throws MediatorError those of `OutboundClient.send`, save `peer_circuit_open` */
  call(request: OutboundRequest, options: CallOptions): Promise<T>;
  /** Closes idle connections. */
  close(): Promise<void>;
}
