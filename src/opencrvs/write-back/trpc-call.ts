import superjson from 'superjson';
import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson, serviceUrl } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { holdsJson, type ReplyCaller } from './caller.js';

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

/** A batch of one, each error and result in the form of the superjson transformer. */
const Failed = z.tuple([z.object({ error: z.object({ json: z.object({ data: z.object({ code: z.string() }) }) }) })]);
const Done = z.tuple([z.object({ result: z.object({ data: z.object({ json: z.unknown() }) }) })]);

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
  const code = hasWords ? Failed.safeParse(readJson(response)).data?.[0].error.json.data.code : undefined;
  const words = code === undefined ? undefined : REFUSALS[code];
  if (words !== undefined) return new MediatorError('write_back_refused', { message: words });
  return error ?? new MediatorError('peer_misconfigured', { message: `The events service answered HTTP ${status}.` });
}

/** Calls procedures below `/events` of this gateway, as the batch link of tRPC does (reference/opencrvs.md 6.3). */
export function createTrpcCall(call: ReplyCaller, clock: Clock, gatewayUrl: string): TrpcCall {
  const base = serviceUrl(gatewayUrl, '/events');
  return async (procedure, input, { token, signal }) => {
    const request = {
      operation: procedure,
      method: 'POST',
      url: `${base}/${procedure}?batch=1`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ 0: superjson.serialize(input) }),
      signal,
    } as const;
    await call(token, request, (response) => {
      const failure = failureIn(response, clock.now());
      if (failure !== undefined) throw failure;
      if (!Done.safeParse(readJson(response)).success) throw new MediatorError('peer_response_invalid');
    });
  };
}
