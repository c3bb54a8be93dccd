import { MediatorError } from '../../errors/index.js';
import {
  createTokenCache,
  type IssuedToken,
  jwtLifeMs,
  type OutboundClient,
  type OutboundResponse,
  type TokenCacheDeps,
  type TokenSource,
} from '../../outbound/index.js';
import { envelopeText, readEnvelope } from './envelope.js';

export interface AuthManagerDeps extends TokenCacheDeps {
  readonly outbound: OutboundClient;
}

export interface AuthManagerOptions {
  readonly url: string;
  readonly appId: string;
  readonly client: { readonly id: string; readonly secret: string };
}

/** Life of a token that tells none. */
const UNKNOWN_LIFE_MS = 5 * 60_000;

/** Tokens of one client from MOSIP's auth manager, by client id and secret (reference/mosip.md 2). */
export function createMosipTokens(deps: AuthManagerDeps, options: AuthManagerOptions): TokenSource {
  const { outbound, clock } = deps;

  const request = async (): Promise<IssuedToken> => {
    const response = await outbound.send({
      peer: 'mosip-auth',
      operation: 'authenticate-client',
      method: 'POST',
      url: options.url,
      isSecret: true,
      headers: { 'content-type': 'application/json' },
      body: envelopeText(clock, {
        id: 'mosip.io.clientId.pwd',
        version: 'v1',
        request: { clientId: options.client.id, secretKey: options.client.secret, appId: options.appId },
      }),
    });
    const [code] = readEnvelope(response, clock.now()).errorCodes;
    if (code === 'KER-ATH-500')
      throw new MediatorError('peer_error', { message: `The auth manager answered ${code}.` });
    if (code !== undefined) {
      throw new MediatorError('peer_unauthorized', { message: `The auth manager answered ${code}.` });
    }
    return issuedToken(response, clock.now());
  };

  return createTokenCache(deps, { peer: 'mosip-auth', request });
}

/** The hub reads only the Cookie header, and splits it on `; ` and `=`: exactly this, with no `;` at the end. */
export function tokenCookie(token: string): Readonly<Record<string, string>> {
  return { cookie: `Authorization=${token}` };
}

/** The token comes as a cookie and again in a header of the same name. */
function issuedToken(response: OutboundResponse, nowMs: number): IssuedToken {
  const cookies = [response.headers['set-cookie'] ?? []].flat();
  const cookie = cookies.find((text) => text.startsWith('Authorization='));
  const value = cookie === undefined ? response.headers['authorization'] : cookieValue(cookie);
  if (typeof value !== 'string' || !/^[\w.~+/=-]+$/.test(value)) {
    throw new MediatorError('peer_response_invalid', { message: 'The auth manager gave no usable token.' });
  }
  // Three parts make a JWT; only its own claims tell how long it really lives.
  if (value.split('.').length === 3) return { value, lifeMs: jwtLifeMs(value, nowMs) };
  const maxAge = /;\s*max-age=(\d+)/i.exec(cookie ?? '')?.[1];
  return { value, lifeMs: maxAge === undefined ? UNKNOWN_LIFE_MS : Number(maxAge) * 1000 };
}

function cookieValue(cookie: string): string | undefined {
  return /^Authorization=([^;]+)/.exec(cookie)?.[1];
}
