import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  type IPolicy,
} from 'cockatiel';
import { MediatorError } from '../errors/index.js';
import type { Metrics } from '../telemetry/index.js';
import type { OutboundResponse, Peer } from './client.js';

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
  run(peer: Peer, call: () => Promise<OutboundResponse>): Promise<OutboundResponse>;
}

function isFailure(thrown: unknown): boolean {
  return thrown instanceof MediatorError && thrown.unanswered;
}

/** One circuit breaker a peer. An answered error (a 500, a refusal) shows that the peer lives and does not count. */
export function createBreakers(metrics: Metrics, options: BreakerOptions = DEFAULT_BREAKER): Breakers {
  const policies = new Map<Peer, IPolicy>();

  const policyFor = (peer: Peer): IPolicy => {
    const known = policies.get(peer);
    if (known !== undefined) return known;
    const failure = handleWhenResult((result) => UNAVAILABLE_STATUSES.has((result as OutboundResponse).status)).orWhen(
      isFailure,
    );
    const policy = circuitBreaker(failure, {
      halfOpenAfter: new ExponentialBackoff({ initialDelay: options.firstPauseMs, maxDelay: options.longestPauseMs }),
      breaker: new ConsecutiveBreaker(options.failures),
    });
    policy.onStateChange((state) => metrics.circuitOpen.set({ peer }, state === CircuitState.Closed ? 0 : 1));
    policies.set(peer, policy);
    return policy;
  };

  return {
    async run(peer, call) {
      try {
        return await policyFor(peer).execute(call);
      } catch (thrown) {
        if (thrown instanceof BrokenCircuitError) {
          throw new MediatorError('peer_circuit_open', {
            unanswered: true,
            retryAfterMs: options.firstPauseMs,
          });
        }
        throw thrown;
      }
    },
  };
}
