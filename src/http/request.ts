import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { MediatorError, toMediatorError } from '../errors/index.js';
import type { InboundRequest } from './reply.js';

const CORRELATION_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Far more than core's own form, 24 hexadecimal digits: whoever calls us directly may send anything. */
const TRANSACTION_ID = /^[A-Za-z0-9._-]{1,64}$/;

const NOTHING = Buffer.alloc(0);

/** A header that comes once; of one that came more often the first. */
function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value[0] : value;
}

/** The path of the address as it was sent. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const queryAt = url.indexOf('?');
  return queryAt < 0 ? url : url.slice(0, queryAt);
}

/** OpenHIM core adds its transaction id to every request it passes on (reference/openhim.md 5); what is no id is none. */
export function transactionIdOf(request: IncomingMessage): string | undefined {
  const given = headerOf(request, 'x-openhim-transactionid');
  return given !== undefined && TRANSACTION_ID.test(given) ? given : undefined;
}

/** The caller's own correlation id when it is harmless, else a new one. */
export function correlationIdOf(request: IncomingMessage): string {
  const given = headerOf(request, 'x-correlation-id');
  return given !== undefined && CORRELATION_ID.test(given) ? given : randomUUID();
}

/** Takes what handlers may see out of a request, whose body was read as far as its route wants it. */
export function toInbound(
  request: IncomingMessage & { readonly body?: unknown },
  response: ServerResponse,
  correlationId: string,
): InboundRequest {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const path = pathOf(request);
  const rawQuery = request.url?.slice(path.length + 1) ?? '';
  return {
    method: request.method ?? 'GET',
    path,
    rawQuery,
    query: rawQuery === '' ? {} : parse(rawQuery),
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : NOTHING,
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
