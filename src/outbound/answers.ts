import { MediatorError } from '../errors/index.js';
import { UNAVAILABLE_STATUSES } from './breaker.js';
import type { OutboundResponse } from './client.js';

/**
 * The answer's body as JSON, still unknown in shape.
 *
 * @throws MediatorError `peer_response_invalid`
 */
export function readJson(response: OutboundResponse): unknown {
  try {
    return JSON.parse(Buffer.from(response.body).toString('utf8'));
  } catch {
    // The parse error quotes the body, which may hold a person's data: it is not kept.
    throw new MediatorError('peer_response_invalid');
  }
}

/** Milliseconds of a `Retry-After` header in seconds or as an HTTP date; undefined where there is none. */
export function retryAfterMs(response: OutboundResponse, nowMs: number): number | undefined {
  const value = response.headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined;
}

/**
 * The error for an answer that is not a success, by its status alone: 502, 503, 504 and 429 say "not now", other 5xx
 * "failed", 401 "credentials", 404/405 "wrong address". Returns undefined for 2xx, and for 4xx that the caller must
 * judge itself (400, 403, 409, 422, ...).
 */
export function errorForStatus(response: OutboundResponse, nowMs: number): MediatorError | undefined {
  const { status } = response;
  if (status < 300) return undefined;
  const wait = retryAfterMs(response, nowMs);
  const options = {
    message: `The peer answered HTTP ${status}.`,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  if (UNAVAILABLE_STATUSES.has(status)) return new MediatorError('peer_unavailable', { ...options, unanswered: true });
  if (status === 429 || status === 408) return new MediatorError('peer_unavailable', options);
  if (status >= 500) return new MediatorError('peer_error', options);
  if (status === 401) return new MediatorError('peer_unauthorized', options);
  if (status === 404 || status === 405 || status < 400) return new MediatorError('peer_misconfigured', options);
  return undefined;
}
