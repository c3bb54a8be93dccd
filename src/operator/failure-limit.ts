import { isIPv6 } from 'node:net';
import type { Clock } from '../runtime/index.js';

export interface FailureLimitOptions {
  /** Failures in a row that are free. */
  readonly most: number;
  /** Time after which one more is. */
  readonly refillMs: number;
  /** Addresses that are kept; all others share one count. */
  readonly mostClients: number;
}

/** How often an address may fail: a token bucket for each, in a memory that does not grow. */
export interface FailureLimit {
  /** Milliseconds until the address may try again; 0: now. */
  waitMs(client: string): number;
  failed(client: string): void;
}

/** As many guesses as a person makes, and then ten a minute. */
const DEFAULT_LIMIT: FailureLimitOptions = { most: 10, refillMs: 6_000, mostClients: 1_000 };

const MAPPED = '::ffff:';
const OTHERS = 'others';

/** Whoever has one address of IPv6 has its whole network (/64). */
function networkOf(client: string): string {
  if (client.startsWith(MAPPED)) return client.slice(MAPPED.length);
  if (!isIPv6(client)) return client;
  const [before = [], after = []] = client.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/** Counts failures by address: each puts off by `refillMs` the time at which all of them are forgotten. */
export function createFailureLimit(
  clock: Pick<Clock, 'now'>,
  { most, refillMs, mostClients }: FailureLimitOptions = DEFAULT_LIMIT,
): FailureLimit {
  const forgottenAt = new Map<string, number>();

  /** A clock that was set back locks nobody out for longer. */
  const leftMs = (key: string): number =>
    Math.min(Math.max(0, (forgottenAt.get(key) ?? 0) - clock.now()), most * refillMs);

  const keyOf = (client: string): string => {
    const key = networkOf(client);
    if (forgottenAt.has(key) || forgottenAt.size < mostClients) return key;
    for (const kept of forgottenAt.keys()) if (leftMs(kept) === 0) forgottenAt.delete(kept);
    return forgottenAt.size < mostClients ? key : OTHERS;
  };

  return {
    waitMs: (client) => Math.max(0, leftMs(keyOf(client)) - (most - 1) * refillMs),
    failed(client) {
      const key = keyOf(client);
      forgottenAt.set(key, clock.now() + leftMs(key) + refillMs);
    },
  };
}
