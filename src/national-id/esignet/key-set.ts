import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundClient, readJson } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';

export interface KeySetDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
}

export interface KeySet {
  /**
   * The signing key with this id, or the only one for a signature that names none; undefined where there is none.
   *
   * @throws MediatorError when the set cannot be had
   */
  keyFor(id: string | undefined, signal: AbortSignal): Promise<KeyObject | undefined>;
  /** How many signing keys there are now. @throws MediatorError when the set cannot be had */
  size(signal: AbortSignal): Promise<number>;
}

/** A JWK set (RFC 7517); keys that sign nothing, or otherwise than by RSA, are passed over. */
const Jwks = z.object({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional(), use: z.string().optional() })),
});

/** A key that was taken back must not be trusted for longer. */
const LONGEST_LIFE_MS = 60 * 60_000;
/** An unknown key id asks for the set again, but strangers must not make us call all the time. */
const REFETCH_AFTER_MS = 60_000;

interface FetchedKeys {
  readonly at: number;
  readonly keys: readonly { readonly id: string | undefined; readonly key: KeyObject }[];
}

/** The public keys at an address, kept for an hour at most. */
export function createKeySet({ outbound, clock }: KeySetDeps, url: string): KeySet {
  let fetched: FetchedKeys | undefined;

  const fetchKeys = async (signal: AbortSignal): Promise<FetchedKeys> => {
    const response = await outbound.send({ peer: 'esignet', operation: 'key-set', method: 'GET', url, signal });
    if (response.status !== 200) {
      throw errorForStatus(response, clock.now()) ?? new MediatorError('peer_misconfigured');
    }
    const set = Jwks.safeParse(readJson(response));
    if (!set.success) throw new MediatorError('peer_response_invalid', { message: 'e-Signet gives no key set.' });
    const signing = set.data.keys.filter(({ kty, use }) => kty === 'RSA' && (use ?? 'sig') === 'sig');
    try {
      const keys = signing.map((jwk) => ({ id: jwk.kid, key: createPublicKey({ key: jwk, format: 'jwk' }) }));
      return { at: clock.now(), keys };
    } catch {
      throw new MediatorError('peer_response_invalid', { message: 'A key of e-Signet cannot be read.' });
    }
  };

  const find = (set: FetchedKeys, id: string | undefined): KeyObject | undefined => {
    if (id !== undefined) return set.keys.find((entry) => entry.id === id)?.key;
    return set.keys.length === 1 ? set.keys[0]?.key : undefined;
  };

  return {
    async keyFor(id, signal) {
      const isKept = fetched !== undefined && clock.now() - fetched.at < LONGEST_LIFE_MS;
      const known = isKept && fetched !== undefined ? find(fetched, id) : undefined;
      if (known !== undefined) return known;
      if (isKept && fetched !== undefined && clock.now() - fetched.at < REFETCH_AFTER_MS) return undefined;
      fetched = await fetchKeys(signal);
      return find(fetched, id);
    },
    async size(signal) {
      fetched = await fetchKeys(signal);
      return fetched.keys.length;
    },
  };
}
