import { ERROR_CODES } from '../errors/index.js';
import type { ErrorRenderer } from './route.js';

/** An error as `application/problem+json` (RFC 9457), with our code and the correlation id by which logs are searched. */
export const problemReply: ErrorRenderer = (error, correlationId) => ({
  status: error.status,
  headers: {
    'content-type': 'application/problem+json',
    ...(error.retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) }),
  },
  body: JSON.stringify({
    type: 'about:blank',
    title: ERROR_CODES[error.code].title,
    status: error.status,
    // What went wrong inside is for the log, by its correlation id.
    ...(error.status < 500 || error.status === 503 ? { detail: error.message } : {}),
    code: error.code,
    correlationId,
  }),
});
