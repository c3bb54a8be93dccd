import { MediatorError } from '../../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  type OutboundResponse,
  type TokenSource,
  withToken,
} from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import {
  type GatewayError,
  type GatewayOperation,
  gatewayErrorIn,
  gatewayRequest,
  readGatewayAnswer,
} from '../graphql.js';
import { holdsJson } from '../json-answer.js';

export interface SearchCallDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  /** Of the client of type RECORD_SEARCH. */
  readonly tokens: TokenSource;
  /** Makes the error for OpenCRVS's word that the quota is used up. */
  readonly exhausted: () => MediatorError;
}

/**
 * Runs an operation at the GraphQL gateway as the search client.
 *
 * @throws MediatorError a `peer_…` code; `peer_quota_used` when OpenCRVS says so
 */
export type SearchCall = <T>(
  operation: GatewayOperation<T>,
  variables: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
) => Promise<T>;

/** The gateway fetches every hit whole before it answers. */
const TIMEOUT_MS = 30_000;
/** Answers that are no success and have `errors[]` in them: 429 from 1.7 on, when the quota is used up. */
const WORDED: ReadonlySet<number> = new Set([400, 429]);

const unauthorized = (message: string): MediatorError => new MediatorError('peer_unauthorized', { message });

/**
 * What an entry of `errors[]` means. Not in the reference: core v1.5.0 to v1.9.15, `searchEvents` and `auth` of the gateway, read
 * and not run. Up to 1.6 the quota has a code of its own and HTTP 200, from 1.7 on that of every limit and 429.
 */
function errorFor({ message, extensions }: GatewayError, exhausted: () => MediatorError): MediatorError {
  if (message === 'Daily search quota exceeded') return exhausted();
  switch (extensions?.code) {
    case 'UNAUTHENTICATED':
      return unauthorized('The OpenCRVS gateway does not accept the search client at the moment.');
    case 'RATE_LIMIT_EXCEEDED':
      return new MediatorError('peer_unavailable');
    case 'BAD_USER_INPUT':
    case 'GRAPHQL_VALIDATION_FAILED':
    case 'GRAPHQL_PARSE_FAILED':
      return new MediatorError('peer_misconfigured', {
        message: 'The OpenCRVS gateway does not understand the search: it is that of 1.5 to 1.9.',
      });
  }
  if (message.startsWith('Advanced search is only allowed')) {
    return unauthorized('The search client lacks the scope recordsearch: it is of another type.');
  }
  return new MediatorError('peer_error', { message: 'The OpenCRVS gateway answered with errors.' });
}

/** A token that has expired is refused by 200 and a code as well as by 401. */
function isRefused(response: OutboundResponse): boolean {
  return response.status === 401 || gatewayErrorIn(response)?.extensions?.code === 'UNAUTHENTICATED';
}

/** Calls the gateway below this address, `/graphql` being its path. */
export function createSearchCall(deps: SearchCallDeps, gatewayUrl: string): SearchCall {
  const { outbound, clock, tokens, exhausted } = deps;
  return async (operation, variables, signal) => {
    const { headers, ...request } = gatewayRequest(gatewayUrl, operation, variables);
    const send = (token: string): Promise<OutboundResponse> =>
      outbound.send({
        ...request,
        peer: 'opencrvs-gateway',
        headers: { ...headers, authorization: `Bearer ${token}` },
        timeoutMs: TIMEOUT_MS,
        signal,
      });
    const response = await withToken(tokens, send, isRefused);
    const { status } = response;
    const failed =
      status === 200
        ? undefined
        : (errorForStatus(response, clock.now()) ??
          new MediatorError('peer_error', { message: `The OpenCRVS gateway answered HTTP ${status}.` }));
    if (failed !== undefined && !(WORDED.has(status) && holdsJson(response))) throw failed;
    return readGatewayAnswer(response, operation, { errorFor: (error) => errorFor(error, exhausted), failed });
  };
}
