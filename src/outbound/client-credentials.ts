import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import { errorForStatus, readJson } from './answers.js';
import type { OutboundClient, OutboundResponse, Peer } from './client.js';
import { createTokenCache, jwtLifeMs, type TokenCacheDeps, type TokenSource } from './token-cache.js';

export interface ClientCredentialsOptions {
  /** The token endpoint, as a peer of its own. */
  readonly peer: Peer;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  /** Where the endpoint looks for our credentials (RFC 6749 2.3.1). */
  readonly sendIn: 'header' | 'body';
  readonly onResult?: (error: MediatorError | undefined) => void;
}

/** RFC 6749 5.1. */
const TokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().optional() });

/** RFC 6749 5.2: the endpoint says that it does not know us either by 401 or by 400 and a code. */
const Refusal = z.object({ error: z.enum(['invalid_client', 'unauthorized_client']) });

function refusal(response: OutboundResponse, nowMs: number): MediatorError {
  if (response.status === 400 && Refusal.safeParse(readJson(response)).success) {
    return new MediatorError('peer_unauthorized', { message: 'The token endpoint does not accept our credentials.' });
  }
  const message = `The token endpoint answered HTTP ${response.status}.`;
  return errorForStatus(response, nowMs) ?? new MediatorError('peer_misconfigured', { message });
}

/**
 * Tokens by the client credentials grant of OAuth 2.0 (RFC 6749 4.4), kept fresh. A token lives as long as `expires_in`
 * says, else as long as the JWT that it is.
 */
export function createClientCredentials(
  deps: TokenCacheDeps & { readonly outbound: OutboundClient },
  options: ClientCredentialsOptions,
): TokenSource {
  const { outbound, clock } = deps;
  const { peer, tokenUrl, clientId, clientSecret, scope, sendIn, onResult } = options;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (sendIn === 'body') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  const pair = [clientId, clientSecret].map(encodeURIComponent).join(':');
  const authorization = sendIn === 'body' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };

  return createTokenCache(deps, {
    peer,
    ...(onResult === undefined ? {} : { onResult }),
    async request() {
      const response = await outbound.send({
        peer,
        operation: 'token',
        method: 'POST',
        url: tokenUrl,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...authorization },
        body: form.toString(),
        isSecret: true,
      });
      if (response.status < 200 || response.status >= 300) throw refusal(response, clock.now());
      const answer = TokenAnswer.safeParse(readJson(response));
      if (!answer.success) throw new MediatorError('peer_response_invalid', { message: 'The answer holds no token.' });
      const { access_token: value, expires_in: seconds } = answer.data;
      return { value, lifeMs: seconds === undefined ? jwtLifeMs(value, clock.now()) : seconds * 1000 };
    },
  });
}
