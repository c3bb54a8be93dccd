import { Agent } from 'undici';
import type { OutboundRequest, OutboundResponse, ResponseHead, StreamedResponse } from './client.js';
import type { CallLimits, TlsTrust, Transport } from './transport.js';
import { UndiciCall } from './undici-call.js';

type Response = OutboundResponse | StreamedResponse;

export interface UndiciTransport extends Transport<Response> {
  /** `isStreamed` decides by its head whether an answer's body is handed on as it comes. Default: it never is. */
  call(request: OutboundRequest, limits: CallLimits, isStreamed?: (head: ResponseHead) => boolean): Promise<Response>;
}

const never = (): boolean => false;

/** Calls over undici and shared keep-alive connections, as many to a peer as there are calls at once. */
export function createUndiciTransport(trust: TlsTrust): UndiciTransport {
  // A call has one deadline, kept by us; undici's own two limits would need a timer each.
  const agent = new Agent({ allowH2: false, headersTimeout: 0, bodyTimeout: 0, connect: { ...trust } });

  return {
    call: (request, limits, isStreamed = never) =>
      new Promise((resolve, reject) => {
        const { origin, pathname, search } = new URL(request.url);
        const headers = { accept: 'application/json', ...request.headers, 'user-agent': 'national-id-mediator' };
        const call = new UndiciCall(request, limits, isStreamed, { resolve, reject });
        agent.dispatch(
          { origin, path: `${pathname}${search}`, method: request.method, headers, body: request.body ?? null },
          call,
        );
      }),
    close: () => agent.close(),
  };
}
