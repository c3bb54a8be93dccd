import { MediatorError } from '../../errors/index.js';
import { type OutboundClient, type OutboundRequest, type OutboundResponse, readJson } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { refusalOf } from './refusal.js';
import type { ClientCall } from './system-clients.js';
import type { OpenCrvsVersion } from './version.js';

export interface CallerDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
}

export interface CallerOptions {
  readonly version: OpenCrvsVersion;
  /** Gives the administrator's token. Asked for late: what can be seen to be wrong without a call is told before. */
  readonly token: () => Promise<string>;
}

/** One call, without what all calls have in common. */
export type ClientRequest = Pick<OutboundRequest, 'url' | 'method'> & { readonly body?: unknown };

/** Calls of the service that manages clients, as the administrator. */
export interface Caller {
  /**
   * The answer to a call.
   *
   * @throws MediatorError see `SystemClients`
   */
  send(call: ClientCall, request: ClientRequest): Promise<OutboundResponse>;
  /** The error for a call that was not done although its answer has the status of a success. */
  refusal(call: ClientCall, response: OutboundResponse): Promise<MediatorError>;
}

/** After these nobody knows what OpenCRVS did; doing it again makes a second client, or ends the secret just made. */
const MAKES_SECRETS: ReadonlySet<ClientCall> = new Set<ClientCall>(['register', 'refreshSecret']);

/** A call that got no answer, with what to do about it. */
function unanswered(error: MediatorError, call: ClientCall): MediatorError {
  if (!error.unanswered || error.code === 'peer_certificate_invalid' || !MAKES_SECRETS.has(call)) return error;
  const doubt = 'OpenCRVS may have done it all the same: look at its clients before you try again.';
  return new MediatorError(error.code, { message: `${error.message} ${doubt}`, unanswered: true });
}

/** See {@link Caller}. */
export function createCaller({ outbound, clock }: CallerDeps, { version, token }: CallerOptions): Caller {
  const attempt = async (call: ClientCall, { body, ...request }: ClientRequest): Promise<OutboundResponse> => {
    const headers = {
      authorization: `Bearer ${await token()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      return await outbound.send({
        peer: 'opencrvs-system-clients',
        operation: call,
        ...request,
        headers,
        ...content,
      });
    } catch (thrown) {
      throw thrown instanceof MediatorError ? unanswered(thrown, call) : thrown;
    }
  };

  const refusal = async (call: ClientCall, response: OutboundResponse): Promise<MediatorError> =>
    refusalOf({ call, version, token: await token() }, response, clock.now());

  return {
    refusal,
    async send(call, request) {
      const response = await attempt(call, request);
      if (response.status >= 300) throw await refusal(call, response);
      return response;
    },
  };
}

/** The JSON of an answer to a call that did something, whose work must not be taken for undone. */
export function readDone(response: OutboundResponse): unknown {
  try {
    return readJson(response);
  } catch {
    // No JSON: as unreadable as JSON of another shape, which the reader of the answer tells in words.
    return undefined;
  }
}
