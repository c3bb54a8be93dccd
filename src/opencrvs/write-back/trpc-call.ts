import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson, serviceUrl } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { holdsJson } from '../json-answer.js';
import { trpcErrorCode, trpcRequest, trpcResult } from '../trpc.js';
import type { ReplyCaller } from './caller.js';

/**
 * Calls a procedure of the events service with the token of the action that it is about.
 *
 * @throws MediatorError `write_back_refused` for an answer that a repetition will not change; retry codes for
 *   everything else, `peer_misconfigured` where there is no such service
 */
export type TrpcCall = (
  procedure: string,
  input: Readonly<Record<string, unknown>>,
  options: { readonly token: string; readonly signal: AbortSignal },
) => Promise<void>;

/** Words for the codes with which the events service refuses an answer (reference/opencrvs.md 6.3). */
const REFUSALS: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'OpenCRVS does not take the token of this action any more.',
  FORBIDDEN: 'The token of this action does not allow the answer.',
  NOT_FOUND: 'OpenCRVS has no such action.',
  BAD_REQUEST:
    'OpenCRVS does not take this answer: the action was rejected meanwhile, or a field does not fit the form.',
  CONFLICT: 'OpenCRVS does not take this answer in the present state of the record.',
};

function failureIn(response: OutboundResponse, nowMs: number): MediatorError | undefined {
  const { status } = response;
  const error = errorForStatus(response, nowMs);
  // What passes by itself is told by the status alone; the rest needs the words of tRPC.
  if (status < 300 || status === 408 || status === 429 || status >= 500) return error;
  const hasWords = status >= 400 && holdsJson(response);
  const code = hasWords ? trpcErrorCode(readJson(response)) : undefined;
  const words = code === undefined ? undefined : REFUSALS[code];
  if (words !== undefined) return new MediatorError('write_back_refused', { message: words });
  return error ?? new MediatorError('peer_misconfigured', { message: `The events service answered HTTP ${status}.` });
}

/** Calls procedures below `/events` of this gateway. */
export function createTrpcCall(call: ReplyCaller, clock: Clock, gatewayUrl: string): TrpcCall {
  const base = serviceUrl(gatewayUrl, '/events');
  return async (procedure, input, { token, signal }) => {
    const { method, url, body } = trpcRequest(base, procedure, input);
    const headers = { 'content-type': 'application/json' };
    const request = { operation: procedure, method, url, headers, body: JSON.stringify(body), signal };
    await call(token, request, (response) => {
      const failure = failureIn(response, clock.now());
      if (failure !== undefined) throw failure;
      if (trpcResult(readJson(response)) === undefined) throw new MediatorError('peer_response_invalid');
    });
  };
}
