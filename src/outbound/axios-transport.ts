import http from 'node:http';
import https from 'node:https';
import axios, { type AxiosResponse, isAxiosError } from 'axios';
import { MediatorError } from '../errors/index.js';
import type { OutboundResponse } from './client.js';
import { brokenAnswer, cancelled, noAnswer, tooLate } from './failure.js';
import type { TlsOptions, Transport } from './transport.js';

/** Turns what axios threw into one of our codes; the axios error is not kept as cause, it holds headers and bodies. */
export function errorForFailure(thrown: unknown, timedOut: boolean): MediatorError {
  if (timedOut) return tooLate();
  if (!isAxiosError(thrown)) return noAnswer(undefined);
  if (/maxContentLength/.test(thrown.message)) return new MediatorError('peer_response_too_large');
  return thrown.response === undefined ? noAnswer(thrown.code) : brokenAnswer();
}

function toResponse(answer: AxiosResponse<Buffer>): OutboundResponse {
  const headers: Record<string, string | readonly string[] | undefined> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (Array.isArray(value)) headers[name.toLowerCase()] = value.map(String);
    else if (value !== undefined && value !== null) headers[name.toLowerCase()] = String(value);
  }
  return { status: answer.status, headers, body: answer.data };
}

/** Calls over axios and shared keep-alive connections. */
export function createAxiosTransport(tls: TlsOptions): Transport<OutboundResponse> {
  const agents = {
    httpAgent: new http.Agent({ keepAlive: true }),
    httpsAgent: new https.Agent({ keepAlive: true, ...tls }),
  };

  return {
    async call(request, { url, timeoutMs, maxResponseBytes }) {
      const deadline = AbortSignal.timeout(timeoutMs);
      const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
      try {
        const answer = await axios.request<Buffer>({
          ...agents,
          method: request.method,
          url: url.href,
          headers: { accept: 'application/json', ...request.headers, 'user-agent': 'national-id-mediator' },
          data: request.body,
          transformRequest: [(data: unknown) => data],
          responseType: 'arraybuffer',
          maxContentLength: maxResponseBytes,
          maxBodyLength: Number.POSITIVE_INFINITY,
          maxRedirects: 0,
          proxy: false,
          validateStatus: () => true,
          signal,
        });
        return toResponse(answer);
      } catch (thrown) {
        const isCancelled = request.signal?.aborted === true && !deadline.aborted;
        throw isCancelled ? cancelled() : errorForFailure(thrown, deadline.aborted);
      }
    },
    async close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}
