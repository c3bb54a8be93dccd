import { MediatorError } from '../../errors/index.js';
import type { Clock } from '../../runtime/index.js';
import { type GatewayError, type GatewayOperation, gatewayRequest, readGatewayAnswer } from '../graphql.js';
import { holdsJson } from '../json-answer.js';
import { errorForAnswer, type ReplyCaller } from './caller.js';

/**
 * Runs an operation at the GraphQL gateway with the token of the record that it is about.
 *
 * @throws MediatorError `write_back_refused` where the token, its rights or the call itself are not accepted; retry
 *   codes for everything else
 */
export type GatewayCall = <T>(
  operation: GatewayOperation<T>,
  variables: Readonly<Record<string, unknown>>,
  options: { readonly token: string; readonly signal: AbortSignal },
) => Promise<T>;

const refused = (message: string): MediatorError => new MediatorError('write_back_refused', { message });

/**
 * What an entry of `errors[]` means (reference/opencrvs.md 2.3, 4.7; the texts are those of the gateway of core v1.7.0 to
 * v1.9.0). It has a code for few of its errors, so its fixed texts are compared; none is passed on, it may quote a
 * record.
 */
function errorFor({ message, extensions }: GatewayError): MediatorError {
  switch (extensions?.code) {
    case 'UNAUTHENTICATED':
      // It says so of any failure to look up the token's owner as well: only these two are about the token itself.
      if (message === 'Unauthorized' || message === 'Authentication failed') {
        return refused('OpenCRVS does not take the token of this record any more.');
      }
      return new MediatorError('peer_unauthorized');
    case 'BAD_USER_INPUT':
    case 'GRAPHQL_VALIDATION_FAILED':
    case 'GRAPHQL_PARSE_FAILED':
      return refused('The OpenCRVS gateway does not understand the call: its version may have no such operation.');
  }
  if (message.startsWith('User does not have ') || message.endsWith(': Forbidden')) {
    return refused('The token of this record does not allow this.');
  }
  return new MediatorError('peer_error', { message: 'The OpenCRVS gateway answered with errors.' });
}

/** Calls the gateway below this address, `/graphql` being its path. */
export function createGatewayCall(call: ReplyCaller, clock: Clock, gatewayUrl: string): GatewayCall {
  return (operation, variables, { token, signal }) =>
    call(token, { ...gatewayRequest(gatewayUrl, operation, variables), signal }, (response) => {
      const failed = errorForAnswer(response, clock.now());
      // A 400 of the gateway says in the same form what was wrong.
      if (failed !== undefined && (response.status !== 400 || !holdsJson(response))) throw failed;
      return readGatewayAnswer(response, operation, { errorFor, failed });
    });
}
