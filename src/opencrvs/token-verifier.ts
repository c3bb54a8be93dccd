import { createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import { errorForStatus, type OutboundClient, serviceUrl } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';

export interface TokenVerifierDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface TokenVerifierOptions {
  /** Base of the auth service; its public key is at `/.well-known` below it. */
  readonly authUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

/** What OpenCRVS says in its tokens, as far as it matters here (reference/opencrvs.md 2.2). */
export const Claims = z.object({
  sub: z.string().min(1),
  scope: z.array(z.string()).default([]),
  exp: z.number(),
  iat: z.number(),
  /** In a token for one record of 1.7 to 1.9. */
  recordId: z.string().min(1).optional(),
  /** In a token for one action of 1.9 and later, together with `actionId`. */
  eventId: z.string().min(1).optional(),
  actionId: z.string().min(1).optional(),
});
export type Claims = z.infer<typeof Claims>;

export interface VerifiedToken {
  readonly token: string;
  readonly claims: Claims;
}

export interface TokenVerifier {
  /**
   * Checks the bearer token of a request that OpenCRVS, or its country configuration, has sent.
   *
   * @throws MediatorError `credentials_missing`, `credentials_invalid`; `peer_…` codes when the key cannot be had
   */
  verify(authorizationHeader: string | undefined): Promise<VerifiedToken>;
}

/** How far the clocks of OpenCRVS and of this host may be apart. */
const SKEW_SECONDS = 5;
/** As OpenCRVS's own country configuration does it (reference/opencrvs.md 2.3). */
const REFETCH_AFTER_MS = 60_000;

function bearerToken(header: string | undefined): string {
  if (header === undefined || header === '') throw new MediatorError('credentials_missing');
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (token === undefined) throw new MediatorError('credentials_invalid', { message: 'Expected a bearer token.' });
  return token;
}

/** The address may be that of a token endpoint (architecture section 10): the key is beside it. */
function keyUrl(authUrl: string): string {
  return serviceUrl(authUrl.replace(/\/(?:authenticateSystemClient|token)\/?$/, ''), '/.well-known');
}

function readKey(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Falls through: what the parser says names nothing an operator could use.
  }
  throw new MediatorError('peer_response_invalid', { message: 'OpenCRVS auth does not give a PEM key of type RSA.' });
}

/**
 * The public key with which OpenCRVS checks its own tokens.
 *
 * @throws MediatorError what a failed call stands for; `peer_response_invalid` where the answer is no RSA key
 */
export async function fetchTokenKey(
  { outbound, clock }: Pick<TokenVerifierDeps, 'outbound' | 'clock'>,
  authUrl: string,
): Promise<KeyObject> {
  const url = keyUrl(authUrl);
  const response = await outbound.send({ peer: 'opencrvs-auth', operation: 'public-key', method: 'GET', url });
  const error = errorForStatus(response, clock.now());
  if (error !== undefined) throw error;
  // The PEM text itself: neither JSON nor a key set.
  return readKey(Buffer.from(response.body).toString('utf8'));
}

/**
 * The public key of OpenCRVS, fetched when it is first needed and shared by all who wait for it. `renew` gives another
 * key than the one that did not fit: it asks for it, but at most once a minute. Undefined where there is none.
 */
function createKeySource({ outbound, clock, log }: TokenVerifierDeps, authUrl: string) {
  let key: KeyObject | undefined;
  let askedAt = 0;
  let inFlight: Promise<KeyObject> | undefined;

  const fetchKey = async (): Promise<KeyObject> => {
    askedAt = clock.now();
    try {
      key = await fetchTokenKey({ outbound, clock }, authUrl);
      log.info({ event: 'key.fetched', peer: 'opencrvs-auth' }, 'public key of OpenCRVS fetched');
      return key;
    } finally {
      inFlight = undefined;
    }
  };
  const share = (): Promise<KeyObject> => {
    inFlight ??= fetchKey();
    return inFlight;
  };

  return {
    current: (): Promise<KeyObject> => (key === undefined ? share() : Promise.resolve(key)),
    async renew(unfit: KeyObject): Promise<KeyObject | undefined> {
      if (key !== unfit) return key;
      return inFlight === undefined && clock.now() - askedAt < REFETCH_AFTER_MS ? undefined : share();
    },
  };
}

/**
 * Verifies the RS256 tokens of OpenCRVS. A signature that does not match may be by a new key: the key is then fetched
 * again, at most once a minute.
 */
export function createTokenVerifier(deps: TokenVerifierDeps, options: TokenVerifierOptions): TokenVerifier {
  const { issuer, audience } = options;
  const keys = createKeySource(deps, options.authUrl);

  /** The claims; undefined for a signature by another key. */
  const claimsOf = (token: string, key: KeyObject): Claims | undefined => {
    try {
      const clockTimestamp = Math.floor(deps.clock.now() / 1000);
      const expected = {
        algorithms: ['RS256' as const],
        issuer,
        audience,
        clockTolerance: SKEW_SECONDS,
        clockTimestamp,
      };
      return Claims.parse(jwt.verify(token, key, expected));
    } catch (thrown) {
      if (thrown instanceof jwt.JsonWebTokenError && thrown.message === 'invalid signature') return undefined;
      // What is wrong with it is not told: it would help nobody but a forger.
      throw new MediatorError('credentials_invalid', { message: 'The token is not valid, or no longer.' });
    }
  };

  return {
    async verify(authorizationHeader) {
      const token = bearerToken(authorizationHeader);
      const key = await keys.current();
      const claims = claimsOf(token, key);
      if (claims !== undefined) return { token, claims };
      const renewed = await keys.renew(key);
      const again = renewed === undefined ? undefined : claimsOf(token, renewed);
      if (again === undefined) throw new MediatorError('credentials_invalid');
      return { token, claims: again };
    },
  };
}
