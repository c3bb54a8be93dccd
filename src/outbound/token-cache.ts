import jwt from 'jsonwebtoken';
import { MediatorError, toMediatorError } from '../errors/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import type { Peer, ResponseHead } from './client.js';

/** A token as a peer issued it. */
export interface IssuedToken {
  readonly value: string;
  /** Milliseconds it lives from the moment it was asked for; by the issuer's own clock, so that skew does not matter. */
  readonly lifeMs: number;
}

export interface TokenSource {
  /**
   * A token that has not expired: the cached one at once, else one request shared by every caller.
   *
   * @throws MediatorError what the request threw
   */
  get(): Promise<string>;
  /** Forgets this token, because a peer refused it; one that has already been replaced is kept. */
  drop(value: string): void;
  stop(): void;
}

export interface TokenCacheDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface TokenCacheOptions {
  readonly peer: Peer;
  /** Asks the peer for a token. */
  readonly request: () => Promise<IssuedToken>;
  /** Told after each request, with the error when it failed. */
  readonly onResult?: (error: MediatorError | undefined) => void;
}

/** The longest time before expiry at which a token is renewed; a short-lived one is renewed at four fifths of its life. */
const LONGEST_MARGIN_MS = 60_000;
const RENEWAL_RETRY_MS = 5_000;
/** A longer-lived token is renewed early: timers cannot wait for more than 24 days. */
const LONGEST_WAIT_MS = 24 * 60 * 60 * 1000;

const renewalDelayMs = (lifeMs: number): number =>
  Math.min(lifeMs - Math.min(lifeMs / 5, LONGEST_MARGIN_MS), LONGEST_WAIT_MS);

/**
 * Keeps one token fresh: renewed in the background when a fifth of its life (at most 60 s) is left, one request in
 * flight however many callers, never an expired one given out (architecture section 10).
 */
export function createTokenCache(deps: TokenCacheDeps, options: TokenCacheOptions): TokenSource {
  const { clock, log, metrics } = deps;
  let current: { readonly value: string; readonly expiresAt: number } | undefined;
  let inFlight: Promise<string> | undefined;
  let cancelRenewal: () => void = () => undefined;
  let stopped = false;

  const scheduleRenewal = (delayMs: number): void => {
    cancelRenewal();
    if (!stopped) cancelRenewal = clock.after(delayMs, () => void renew());
  };

  const fetchToken = async (): Promise<string> => {
    const askedAt = clock.now();
    try {
      const issued = await options.request();
      if (!(issued.lifeMs > 0)) {
        throw new MediatorError('peer_response_invalid', { message: 'The token had expired when it was issued.' });
      }
      current = { value: issued.value, expiresAt: askedAt + issued.lifeMs };
      scheduleRenewal(renewalDelayMs(issued.lifeMs));
      metrics.tokenRefresh.inc({ peer: options.peer, outcome: 'ok' });
      log.debug({ event: 'token.refreshed', peer: options.peer, waitMs: issued.lifeMs }, 'token refreshed');
      options.onResult?.(undefined);
      return issued.value;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      metrics.tokenRefresh.inc({ peer: options.peer, outcome: error.code });
      options.onResult?.(error);
      throw error;
    } finally {
      inFlight = undefined;
    }
  };

  const share = (): Promise<string> => {
    inFlight ??= fetchToken();
    return inFlight;
  };

  const renew = async (): Promise<void> => {
    try {
      await share();
    } catch (thrown) {
      log.warn({ event: 'token.refresh_failed', peer: options.peer, err: thrown }, 'token refresh failed, will retry');
      scheduleRenewal(RENEWAL_RETRY_MS);
    }
  };

  return {
    async get() {
      if (current !== undefined && clock.now() < current.expiresAt) return current.value;
      return share();
    },
    drop(value) {
      if (current?.value === value) current = undefined;
    },
    stop() {
      stopped = true;
      cancelRenewal();
    },
  };
}

/**
 * Life of a JWT in milliseconds: `exp - iat`, or `exp` against `nowMs` where there is no `iat`.
 *
 * @throws MediatorError `peer_response_invalid` when it is no JWT or has no `exp`
 */
export function jwtLifeMs(token: string, nowMs: number): number {
  const claims = jwt.decode(token);
  if (claims === null || typeof claims === 'string' || claims.exp === undefined) {
    throw new MediatorError('peer_response_invalid', { message: 'The token is not a JWT with an expiry.' });
  }
  return claims.iat === undefined ? claims.exp * 1000 - nowMs : (claims.exp - claims.iat) * 1000;
}

/**
 * Makes a call with a token; when the peer refuses the token, drops it and tries once more with a new one.
 * `isRefused` is for peers that say so otherwise than by a 401.
 */
export async function withToken<R extends ResponseHead>(
  tokens: TokenSource,
  call: (token: string) => Promise<R>,
  isRefused: (response: R) => boolean = ({ status }) => status === 401,
): Promise<R> {
  const token = await tokens.get();
  const response = await call(token);
  if (!isRefused(response)) return response;
  tokens.drop(token);
  return call(await tokens.get());
}
