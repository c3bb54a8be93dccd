import type { InboundRequest } from '../http/index.js';
import type { ResponseHead } from '../outbound/index.js';

/** What of a caller's headers concerns the FHIR server; all else (credentials, cookies, `x-openhim-*`, ...) stays here. */
const REQUEST_HEADERS = [
  'accept',
  'accept-language',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-exist',
  'if-none-match',
  'if-unmodified-since',
  'prefer',
] as const;

/** What of the server's headers concerns the caller; `location` and `content-location` are rewritten apart. */
const RESPONSE_HEADERS = ['allow', 'content-type', 'etag', 'last-modified', 'retry-after'] as const;

const asText = (value: string | readonly string[]): string => (typeof value === 'string' ? value : value.join(', '));

/** The headers that go to the FHIR server. An answer in FHIR JSON is asked for where the caller does not say. */
export function forwardedRequestHeaders({ headers }: InboundRequest): Record<string, string> {
  // Bodies are looked into, and OpenHIM does not decode every encoding (reference/openhim.md 4.4): none is asked for.
  const forwarded: Record<string, string> = { accept: 'application/fhir+json', 'accept-encoding': 'identity' };
  for (const name of REQUEST_HEADERS) {
    const value = headers[name];
    if (value !== undefined) forwarded[name] = asText(value);
  }
  return forwarded;
}

/** The headers that go back to the caller, apart from those that hold an address. */
export function forwardedResponseHeaders({ headers }: ResponseHead): Record<string, string> {
  const forwarded: Record<string, string> = {};
  for (const name of RESPONSE_HEADERS) {
    const value = headers[name];
    if (value !== undefined) forwarded[name] = asText(value);
  }
  return forwarded;
}
