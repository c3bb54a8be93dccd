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
import { holdsJson } from '../json-answer.js';

export interface ReplyCallerDeps {
  readonly outbound: OutboundClient;
  /** Told how each call ended. */
  readonly check: HealthCheck;
}

export interface CallerDeps extends ReplyCallerDeps {
  readonly clock: Clock;
  readonly tokens: TokenSource;
}

export type Call = Omit<OutboundRequest, 'peer' | 'headers'> & {
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Makes a call with our system token and gives the answer if it is a success.
 *
 * @throws MediatorError `write_back_refused` for a 4xx that a repetition will not change, 404 among them (the record
 *   is not there); `peer_response_invalid` for a success that OpenCRVS did not give; else the code of the status. A 401
 *   is retried: OpenCRVS also gives it for a missing scope
 */
export type Caller = (call: Call) => Promise<OutboundResponse>;

/**
 * Makes a call with a token that came with the request for an answer, which cannot be replaced by another. `read` gets
 * whatever was answered and throws what it finds wrong.
 *
 * @throws MediatorError what `read` throws, and the codes of a call that was not answered
 */
export type ReplyCaller = <T>(token: string, call: Call, read: (response: OutboundResponse) => T) => Promise<T>;

/** The error for an answer by its status, as {@link Caller} says; undefined for a success. */
export function errorForAnswer(response: OutboundResponse, nowMs: number): MediatorError | undefined {
  const { status } = response;
  const error = errorForStatus(response, nowMs);
  if (status < 400 || (error !== undefined && error.code !== 'peer_misconfigured')) return error;
  return new MediatorError('write_back_refused', { message: `OpenCRVS refused the outcome with HTTP ${status}.` });
}

/** Whether a success is not OpenCRVS's own: the page of a proxy before it, or a body that was cut. */
function isGarbled(response: OutboundResponse): boolean {
  if (/\bhtml\b/.test(String(response.headers['content-type'] ?? ''))) return true;
  if (response.body.length === 0 || !holdsJson(response)) return false;
  try {
    JSON.parse(Buffer.from(response.body).toString('utf8'));
    return false;
  } catch {
    return true;
  }
}

const withBearer = (call: Call, token: string): OutboundRequest => ({
  ...call,
  peer: 'opencrvs-write-back',
  headers: { ...call.headers, authorization: `Bearer ${token}` },
});

/** Does the work and tells the health check how it ended. */
async function reported<T>(check: HealthCheck, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    check.report('ok');
    return result;
  } catch (thrown) {
    const error = toMediatorError(thrown);
    // A refusal concerns one record: OpenCRVS itself is well.
    if (error.code === 'write_back_refused') check.report('ok');
    else check.report('degraded', error.message);
    throw error;
  }
}

export function createCaller({ outbound, clock, tokens, check }: CallerDeps): Caller {
  return (call) =>
    reported(check, async () => {
      const response = await withToken(tokens, (token) => outbound.send(withBearer(call, token)));
      const error = errorForAnswer(response, clock.now());
      if (error !== undefined) throw error;
      if (isGarbled(response)) throw new MediatorError('peer_response_invalid');
      return response;
    });
}

export function createReplyCaller({ outbound, check }: ReplyCallerDeps): ReplyCaller {
  return (token, call, read) => reported(check, async () => read(await outbound.send(withBearer(call, token))));
}
