import { toMediatorError } from '../errors/index.js';
import { type Clock, isoNow } from '../runtime/index.js';
import type { Metrics } from '../telemetry/index.js';
import { createAxiosTransport } from './axios-transport.js';
import { type BreakerOptions, createBreakers } from './breaker.js';
import type { CallRecord, OutboundRequest, OutboundResponse, StreamedResponse, StreamingClient } from './client.js';
import { recordCall } from './recorder.js';
import type { CallOptions, ClientCertificate } from './transport.js';
import { createUndiciTransport } from './undici-transport.js';

export interface OutboundClientDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** How a peer with a certificate of its own is trusted. */
export interface PeerTrust {
  /** PEM text of the authority; undefined: those of the system. */
  readonly ca: string | undefined;
  /** Takes any certificate. */
  readonly trustSelfSigned: boolean;
}

export interface OutboundClientOptions {
  /** Where all calls go to one peer; without it the authorities of the system count. */
  readonly trust?: PeerTrust;
  /** Shown to peers that ask for one. */
  readonly clientCertificate?: ClientCertificate | undefined;
  readonly breaker?: BreakerOptions;
  /** Whether call records keep bodies (`OPENHIM_LOG_BODIES`). */
  readonly recordBodies?: boolean;
  /** Of a call that names no other; a function where it can change meanwhile. Default 10 s. */
  readonly timeoutMs?: number | (() => number);
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

const STATUS_CLASSES: Readonly<Record<number, string>> = { 2: '2xx', 3: '3xx', 4: '4xx', 5: '5xx' };

const asText = (body: string | Uint8Array): string =>
  typeof body === 'string' ? body : Buffer.from(body).toString('utf8');

/**
 * The one client for calls to peers: breaker, metrics and records around two transports, axios for `send` and undici for
 * `open`. See {@link StreamingClient}.
 */
export function createOutboundClient(deps: OutboundClientDeps, options: OutboundClientOptions = {}): StreamingClient {
  const { clock, metrics } = deps;
  const { ca, trustSelfSigned = false } = options.trust ?? {};
  const tls = {
    rejectUnauthorized: !trustSelfSigned,
    ...(ca === undefined ? {} : { ca }),
    ...options.clientCertificate,
  };
  const axios = createAxiosTransport(tls);
  const undici = createUndiciTransport(tls);
  const breakers = createBreakers(metrics, options.breaker);

  const usualTimeoutMs = (): number => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    return typeof timeoutMs === 'function' ? timeoutMs() : timeoutMs;
  };

  const optionsOf = (request: OutboundRequest): CallOptions => ({
    url: new URL(request.url),
    timeoutMs: request.timeoutMs ?? usualTimeoutMs(),
    maxResponseBytes: request.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
  });

  const recordsBodies = ({ isSecret }: OutboundRequest): boolean => options.recordBodies === true && isSecret !== true;

  const describe = (
    request: OutboundRequest,
    { url }: CallOptions,
    startedAt: string,
    ended: Pick<CallRecord, 'response' | 'error'>,
  ): CallRecord => ({
    peer: request.peer,
    operation: request.operation,
    request: {
      method: request.method,
      host: url.hostname,
      port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      path: request.recordedPath ?? url.pathname,
      timestamp: startedAt,
      ...(recordsBodies(request) && request.body !== undefined ? { body: asText(request.body) } : {}),
    },
    ...ended,
  });

  /** A streamed answer is timed and recorded when its head is there, without its body. */
  const watched = async <T extends OutboundResponse | StreamedResponse>(
    request: OutboundRequest,
    call: (callOptions: CallOptions) => Promise<T>,
  ): Promise<T> => {
    const { peer, operation } = request;
    const callOptions = optionsOf(request);
    const startedAt = isoNow(clock);
    const begun = performance.now();
    const observe = (outcome: string): void =>
      metrics.outboundCall.observe({ peer, operation, outcome }, (performance.now() - begun) / 1000);
    try {
      const response = await breakers.run(peer, () => call(callOptions));
      const { status } = response;
      observe(STATUS_CLASSES[Math.floor(status / 100)] ?? '1xx');
      recordCall(() => {
        const hasBody = recordsBodies(request) && response.body instanceof Uint8Array;
        const body = hasBody ? { body: asText(response.body) } : {};
        return describe(request, callOptions, startedAt, { response: { status, timestamp: isoNow(clock), ...body } });
      });
      return response;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      observe(error.code);
      recordCall(() =>
        describe(request, callOptions, startedAt, { error: { code: error.code, message: error.message } }),
      );
      throw error;
    }
  };

  return {
    send: (request) => watched(request, (callOptions) => axios.call(request, callOptions)),
    open: (request, isStreamed) => watched(request, (callOptions) => undici.call(request, callOptions, isStreamed)),
    async close() {
      await Promise.all([axios.close(), undici.close()]);
    },
  };
}
