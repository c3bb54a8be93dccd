import http from 'node:http';
import https from 'node:https';
import axios, { type AxiosResponse, isAxiosError } from 'axios';
import { MediatorError } from '../errors/index.js';
import { type Clock, isoNow } from '../runtime/index.js';
import type { Metrics } from '../telemetry/index.js';
import { type BreakerOptions, createBreakers } from './breaker.js';
import type { CallRecord, OutboundClient, OutboundRequest, OutboundResponse } from './client.js';
import { recordCall } from './recorder.js';

export interface OutboundClientDeps {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface OutboundClientOptions {
  readonly breaker?: BreakerOptions;
  /** Whether call records keep bodies (`OPENHIM_LOG_BODIES`). */
  readonly recordBodies?: boolean;
  /** Of a call that names no other. Default 10 s. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;

const CERTIFICATE_ERRORS = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_|HOSTNAME_MISMATCH)/;

/** Turns what axios threw into one of our codes; the axios error is not kept as cause, it holds headers and bodies. */
export function errorForFailure(thrown: unknown, timedOut: boolean): MediatorError {
  if (timedOut) return new MediatorError('peer_timeout', { unanswered: true });
  const code = isAxiosError(thrown) ? (thrown.code ?? '') : '';
  if (CERTIFICATE_ERRORS.test(code)) return new MediatorError('peer_certificate_invalid', { unanswered: true });
  if (isAxiosError(thrown) && /maxContentLength/.test(thrown.message)) {
    return new MediatorError('peer_response_too_large');
  }
  if (isAxiosError(thrown) && thrown.response !== undefined) {
    return new MediatorError('peer_response_invalid', { unanswered: true });
  }
  const reason = /^[A-Z_]{3,30}$/.test(code) ? ` (${code})` : '';
  return new MediatorError('peer_unreachable', { unanswered: true, message: `The peer cannot be reached${reason}.` });
}

function toResponse(answer: AxiosResponse<Buffer>): OutboundResponse {
  const headers: Record<string, string | readonly string[] | undefined> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (Array.isArray(value)) headers[name.toLowerCase()] = value.map(String);
    else if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  return { status: answer.status, headers, body: answer.data };
}

const asText = (body: string | Uint8Array): string =>
  typeof body === 'string' ? body : Buffer.from(body).toString('utf8');

/** The one client for calls to peers, over axios and shared keep-alive connections. See {@link OutboundClient}. */
export function createOutboundClient(deps: OutboundClientDeps, options: OutboundClientOptions = {}): OutboundClient {
  const { clock, metrics } = deps;
  const agents = { httpAgent: new http.Agent({ keepAlive: true }), httpsAgent: new https.Agent({ keepAlive: true }) };
  const breakers = createBreakers(metrics, options.breaker);

  const call = async (request: OutboundRequest): Promise<OutboundResponse> => {
    const deadline = AbortSignal.timeout(request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
    try {
      const answer = await axios.request<Buffer>({
        ...agents,
        method: request.method,
        url: request.url,
        headers: { accept: 'application/json', ...request.headers, 'user-agent': 'national-id-mediator' },
        data: request.body,
        transformRequest: [(data: unknown) => data],
        responseType: 'arraybuffer',
        maxContentLength: request.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
        maxBodyLength: Number.POSITIVE_INFINITY,
        maxRedirects: 0,
        proxy: false,
        validateStatus: () => true,
        signal,
      });
      return toResponse(answer);
    } catch (thrown) {
      // Ended by the caller: whether the peer would have answered is not known, so it is not held against it.
      const isCancelled = request.signal?.aborted === true && !deadline.aborted;
      throw isCancelled
        ? new MediatorError('call_cancelled', { unanswered: true })
        : errorForFailure(thrown, deadline.aborted);
    }
  };

  const record = (request: OutboundRequest, startedAt: string, ended: Pick<CallRecord, 'response' | 'error'>): void => {
    const url = new URL(request.url);
    recordCall({
      peer: request.peer,
      operation: request.operation,
      request: {
        method: request.method,
        host: url.hostname,
        port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
        path: url.pathname,
        timestamp: startedAt,
        ...(options.recordBodies === true && request.body !== undefined ? { body: asText(request.body) } : {}),
      },
      ...ended,
    });
  };

  return {
    async send(request) {
      const { peer, operation } = request;
      const startedAt = isoNow(clock);
      const endTimer = metrics.outboundCall.startTimer({ peer, operation });
      try {
        const response = await breakers.run(peer, () => call(request));
        endTimer({ outcome: `${Math.floor(response.status / 100)}xx` });
        const body = options.recordBodies === true ? { body: asText(response.body) } : {};
        record(request, startedAt, { response: { status: response.status, timestamp: isoNow(clock), ...body } });
        return response;
      } catch (thrown) {
        const error = thrown instanceof MediatorError ? thrown : new MediatorError('internal_error', { cause: thrown });
        endTimer({ outcome: error.code });
        record(request, startedAt, { error: { code: error.code, message: error.message } });
        throw error;
      }
    },
    async close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}
