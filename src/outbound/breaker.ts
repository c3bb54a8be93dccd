import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  noJitterGenerator,
} from 'cockatiel';
import { MediatorError } from '../errors/index.js';
import type { Metrics } from '../telemetry/index.js';
import type { Peer, ResponseHead } from './client.js';

export interface BreakerOptions {
  /** Failures in a row that open the breaker. */
  readonly failures: number;
  /** First and longest pause before one call is let through again, in milliseconds. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const DEFAULT_BREAKER: BreakerOptions = { failures: 5, firstPauseMs: 5_000, longestPauseMs: 60_000 };

/** Statuses by which a system, or the proxy before it, says that it is not there: they count like no answer. */
export const UNAVAILABLE_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

export interface Breakers {
  /** @throws MediatorError `peer_circuit_open` without calling, or what `call` throws */
  run<T extends ResponseHead>(peer: Peer, call: () => Promise<T>): Promise<T>;
}

/**
 * An answered error (a 500, a refusal) shows that the peer lives. A call that was cancelled shows nothing: it does not
 * open a closed breaker, nor close one whose trial call it was.
 */
function isFailure(thrown: unknown, state: CircuitState): boolean {
  if (!(thrown instanceof MediatorError)) return false;
  return thrown.code === 'call_cancelled' ? state !== CircuitState.Closed : thrown.unanswered;
}

/** One circuit breaker a peer. */
export function createBreakers(metrics: Metrics, options: BreakerOptions = DEFAULT_BREAKER): Breakers {
  const policies = new Map<Peer, CircuitBreakerPolicy>();

  const policyFor = (peer: Peer): CircuitBreakerPolicy => {
    const known = policies.get(peer);
    if (known !== undefined) return known;
    const failure = handleWhenResult((result) => UNAVAILABLE_STATUSES.has((result as ResponseHead).status)).orWhen(
      (thrown): boolean => isFailure(thrown, policy.state),
    );
    const policy: CircuitBreakerPolicy = circuitBreaker(failure, {
      halfOpenAfter: new ExponentialBackoff({
        initialDelay: options.firstPauseMs,
        maxDelay: options.longestPauseMs,
        // The library's own jitter makes some first pauses a few milliseconds long.
        generator: noJitterGenerator,
      }),
      breaker: new ConsecutiveBreaker(options.failures),
    });
    policy.onStateChange((state) => metrics.circuitOpen.set({ peer }, state === CircuitState.Closed ? 0 : 1));
    policies.set(peer, policy);
    return policy;
  };

  const circuitOpen = (): MediatorError =>
    new MediatorError('peer_circuit_open', { unanswered: true, unsent: true, retryAfterMs: options.firstPauseMs });

  return {
    async run(peer, call) {
      const policy = policyFor(peer);
      // While a trial call runs the library makes all others wait for its end, past their own deadlines.
      if (policy.state === CircuitState.HalfOpen) throw circuitOpen();
      try {
        return await policy.execute(call);
      } catch (thrown) {
        throw thrown instanceof BrokenCircuitError ? circuitOpen() : thrown;
      }
    },
  };
}
