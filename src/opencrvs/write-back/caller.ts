import { MediatorError, toMediatorError } from '../../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
  type TokenSource,
  withToken,
} from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { HealthCheck } from '../../telemetry/index.js';

export interface CallerDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly tokens: TokenSource;
  /** Told how each call ended. */
  readonly check: HealthCheck;
}

export type Call = Omit<OutboundRequest, 'peer' | 'headers'> & {
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Makes a call with our system token and gives the answer if it is a success.
 *
 * @throws MediatorError `write_back_refused` for a 4xx that a repetition will not change, 404 among them (the record
 *   is not there); else the code of the status. A 401 is retried: OpenCRVS also gives it for a missing scope
 */
export type Caller = (call: Call) => Promise<OutboundResponse>;

function errorFor(response: OutboundResponse, nowMs: number): MediatorError | undefined {
  const { status } = response;
  const error = errorForStatus(response, nowMs);
  if (status < 400 || (error !== undefined && error.code !== 'peer_misconfigured')) return error;
  return new MediatorError('write_back_refused', { message: `OpenCRVS refused the outcome with HTTP ${status}.` });
}

export function createCaller({ outbound, clock, tokens, check }: CallerDeps): Caller {
  const send = async (call: Call): Promise<OutboundResponse> => {
    const response = await withToken(tokens, (token) =>
      outbound.send({
        ...call,
        peer: 'opencrvs-write-back',
        headers: { ...call.headers, authorization: `Bearer ${token}` },
      }),
    );
    const error = errorFor(response, clock.now());
    if (error !== undefined) throw error;
    return response;
  };

  return async (call) => {
    try {
      const response = await send(call);
      check.report('ok');
      return response;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      // A refusal concerns one record: OpenCRVS itself is well.
      if (error.code === 'write_back_refused') check.report('ok');
      else check.report('degraded', error.message);
      throw error;
    }
  };
}
