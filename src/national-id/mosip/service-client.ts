import { MediatorError, toMediatorError } from '../../errors/index.js';
import { type OutboundClient, type OutboundResponse, type TokenSource, withToken } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { HealthCheck } from '../../telemetry/index.js';
import { tokenCookie } from './auth-manager.js';
import { type EnvelopeAnswer, envelopeText, readEnvelope } from './envelope.js';
import { meaningOf, TOKEN_CODES } from './error-codes.js';

export interface ServiceCall {
  readonly operation:
    | 'create-packet'
    | 'start-workflow'
    | 'search-status'
    | 'read-identity'
    | 'change-identity'
    | 'change-vids';
  readonly method: 'PUT' | 'POST' | 'PATCH';
  readonly url: string;
  readonly id: string;
  readonly version: string;
  readonly request: unknown;
  readonly signal: AbortSignal;
}

/** `done` also where MOSIP had done it before. */
export type ServiceAnswer =
  | { readonly result: 'done' }
  | { readonly result: 'refused'; readonly code: string; readonly reason: string };

export interface ServiceClientDeps {
  readonly outbound: OutboundClient;
  readonly tokens: TokenSource;
  readonly clock: Clock;
  /** Told how each call ended. */
  readonly check: HealthCheck;
}

/**
 * Calls a service of MOSIP and gives what `read` makes of its answer; what that throws counts as a failed call.
 *
 * @throws MediatorError `retry` codes, and what `read` throws
 */
export type ServiceCaller = <T>(call: ServiceCall, read: (answer: EnvelopeAnswer) => T) => Promise<T>;

export function createServiceCaller(deps: ServiceClientDeps): ServiceCaller {
  const { outbound, tokens, clock, check } = deps;

  const send = (call: ServiceCall, token: string): Promise<OutboundResponse> =>
    outbound.send({
      peer: 'mosip',
      operation: call.operation,
      method: call.method,
      url: call.url,
      headers: { 'content-type': 'application/json', ...tokenCookie(token) },
      body: envelopeText(clock, call),
      signal: call.signal,
    });

  return async (call, read) => {
    try {
      const response = await withToken(tokens, (token) => send(call, token), refusesToken);
      const answer = read(readEnvelope(response, clock.now()));
      check.report('ok');
      return answer;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      check.report('degraded', error.message);
      throw error;
    }
  };
}

/** A token is refused by status or by a code in a 200; the codes stand in no other answer of these services. */
function refusesToken(response: OutboundResponse): boolean {
  if (response.status === 401 || response.status === 403) return true;
  const body = Buffer.from(response.body);
  return response.status === 200 && TOKEN_CODES.some((code) => body.includes(code));
}

/**
 * Calls a service of MOSIP and says what became of it.
 *
 * @throws MediatorError `retry` codes, or `national_id_misconfigured`
 */
export type ServiceClient = (call: ServiceCall) => Promise<ServiceAnswer>;

export function createServiceClient(call: ServiceCaller): ServiceClient {
  return (service) => call(service, judge);
}

function judge({ content, errorCodes }: EnvelopeAnswer): ServiceAnswer {
  if (errorCodes.length > 0) return judgeErrors(errorCodes);
  // The packet manager answers a packet that it failed to write with 200, `response: null` and no errors.
  if (!hasContent(content))
    throw new MediatorError('peer_response_invalid', { message: 'MOSIP gave an empty answer.' });
  return { result: 'done' };
}

/** Of several errors the one that settles the matter counts; only all "already done" together are a success. */
function judgeErrors(codes: readonly string[]): ServiceAnswer {
  const found = codes.map((code) => ({ code, meaning: meaningOf(code) }));
  for (const { code, meaning } of found) {
    if (meaning.kind === 'configuration') {
      throw new MediatorError('national_id_misconfigured', {
        message: `MOSIP does not know our source or process (${code}).`,
      });
    }
    if (meaning.kind === 'unauthorized') {
      throw new MediatorError('peer_unauthorized', { message: `MOSIP answered ${code}.` });
    }
  }
  for (const { code, meaning } of found) {
    if (meaning.kind === 'refused') return { result: 'refused', code, reason: meaning.reason };
  }
  const open = found.find(({ meaning }) => meaning.kind !== 'already-done');
  if (open === undefined) return { result: 'done' };
  throw new MediatorError('peer_error', { message: `MOSIP answered ${open.code}.` });
}

function hasContent(content: unknown): boolean {
  return typeof content === 'object' && content !== null && Object.keys(content).length > 0;
}
