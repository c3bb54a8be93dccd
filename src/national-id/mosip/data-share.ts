import type { OutboundClient, OutboundResponse, TokenSource } from '../../outbound/index.js';
import { errorForStatus, withToken } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { tokenCookie } from './auth-manager.js';

export interface DataShareDeps {
  readonly outbound: OutboundClient;
  readonly tokens: TokenSource;
  readonly clock: Clock;
}

/**
 * Fetches a credential that MOSIP has shared at an address (`dataShareUri`, reference/mosip.md 3): the sealed credential
 * as text.
 *
 * @throws MediatorError `retry` codes; Error when the address is not one of MOSIP's, or holds nothing
 */
export type FetchShare = (uri: string) => Promise<string>;

/** A credential has a few kilobytes. */
const MAX_SHARE_BYTES = 1024 * 1024;

/** The address comes from outside, and our token goes there: only what lies below the configured one is called. */
function isBelow(base: URL, target: URL): boolean {
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  const isPlain = target.username === '' && target.password === '' && target.search === '';
  return isPlain && target.origin === base.origin && target.pathname.startsWith(folder);
}

export function createFetchShare(
  { outbound, tokens, clock }: DataShareDeps,
  { dataShareUrl }: { readonly dataShareUrl: string },
): FetchShare {
  const base = new URL(dataShareUrl);

  const send = (target: URL, token: string): Promise<OutboundResponse> =>
    outbound.send({
      peer: 'mosip',
      operation: 'fetch-credential',
      method: 'GET',
      url: target.href,
      // Whoever knows the rest of the path can fetch the credential.
      recordedPath: base.pathname,
      headers: tokenCookie(token),
      maxResponseBytes: MAX_SHARE_BYTES,
    });

  return async (uri) => {
    const target = new URL(uri);
    if (!isBelow(base, target)) throw new Error('the share is not below MOSIP_DATA_SHARE_URL');
    const response = await withToken(tokens, (token) => send(target, token));
    const failure = errorForStatus(response, clock.now());
    if (failure !== undefined) throw failure;
    const text = Buffer.from(response.body).toString('latin1').trim();
    // What is gone or used up is told in a JSON envelope with HTTP 200.
    if (response.status !== 200 || !/^[\w+/=-]+$/.test(text)) throw new Error('the share holds no sealed credential');
    return text;
  };
}
