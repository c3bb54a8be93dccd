import { MediatorError } from '../errors/index.js';
import type { OutboundResponse } from '../outbound/index.js';

/**
 * The error for a page that came with HTTP 400, undefined for every other answer. nginx answers so, instead of ending the
 * handshake, where a client certificate is missing, has expired or is another's (ngx_http_ssl_module, `ssl_verify_client`):
 * the national ID system itself never got the call.
 */
export function proxyPageError({ status, headers }: OutboundResponse): MediatorError | undefined {
  if (status !== 400 || !/^text\/html\b/i.test(String(headers['content-type'] ?? ''))) return undefined;
  const message =
    'A page came with HTTP 400, as a proxy sends that does not take our client certificate, or misses one.';
  return new MediatorError('peer_unauthorized', { message, unsent: true });
}
