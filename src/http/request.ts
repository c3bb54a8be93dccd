import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { MediatorError, toMediatorError } from '../errors/index.js';
import type { InboundRequest } from './reply.js';

const CORRELATION_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** OpenHIM core adds its transaction id to every request it passes on (reference/openhim.md 5). */
export function transactionIdOf(request: Request): string | undefined {
  return request.get('x-openhim-transactionid');
}

/** The caller's own correlation id when it is harmless, else a new one. */
export function correlationIdOf(request: Request): string {
  const given = request.get('x-correlation-id');
  return given !== undefined && CORRELATION_ID.test(given) ? given : randomUUID();
}

/** Takes what handlers may see out of an Express request. */
export function toInbound(request: Request, response: Response, correlationId: string): InboundRequest {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const queryAt = request.originalUrl.indexOf('?');
  return {
    method: request.method,
    path: request.path,
    rawQuery: queryAt < 0 ? '' : request.originalUrl.slice(queryAt + 1),
    query: request.query,
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    transactionId: transactionIdOf(request),
    correlationId,
    signal: gone.signal,
  };
}

/** Anything thrown while a request was read or handled, in our words. */
export function toRequestError(thrown: unknown): MediatorError {
  if (thrown instanceof MediatorError) return thrown;
  if (thrown instanceof URIError) return new MediatorError('url_invalid');
  const { type, status } = (thrown ?? {}) as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') return new MediatorError('body_too_large');
  if (type === 'encoding.unsupported') return new MediatorError('media_type_unsupported');
  if (status === 400) return new MediatorError('request_invalid');
  return toMediatorError(thrown);
}
