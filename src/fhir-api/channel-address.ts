import type { InboundRequest } from '../http/index.js';
import { FHIR_PREFIX } from './target.js';

export interface ChannelAddressOptions {
  /** The address of `/fhir` as callers reach it (`FHIR_PUBLIC_URL`), without a last slash; it wins over any header. */
  readonly publicUrl?: string | undefined;
  /** Whether our own listener speaks TLS. */
  readonly isTls?: boolean;
}

/** A name or an address with an optional port: nothing that could turn a link into another one. */
const HOST = /^(?:[\w.-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Core says at which host and port it was asked, but not by which scheme; 5000 is its TLS port (reference/openhim.md 7.1). */
const TLS_PORT = /:(?:443|5000)$/;

function first(header: string | string[] | undefined): string {
  return (typeof header === 'string' ? header : (header?.[0] ?? '')).split(',', 1)[0]?.trim() ?? '';
}

/**
 * `/fhir` as the caller of this request reaches it: through a channel of OpenHIM (`X-Forwarded-Host`), through another
 * proxy, or directly. Without a usable host the path alone.
 */
export function channelAddress({ headers }: InboundRequest, { publicUrl, isTls }: ChannelAddressOptions): string {
  if (publicUrl !== undefined) return publicUrl;
  const forwarded = first(headers['x-forwarded-host']);
  const host = forwarded === '' ? first(headers['host']) : forwarded;
  if (!HOST.test(host)) return FHIR_PREFIX;
  const isSecure = forwarded === '' ? isTls === true : TLS_PORT.test(host);
  const scheme = first(headers['x-forwarded-proto']).toLowerCase();
  return `${/^https?$/.test(scheme) ? scheme : isSecure ? 'https' : 'http'}://${host}${FHIR_PREFIX}`;
}
