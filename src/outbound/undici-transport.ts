import { Agent } from 'undici';
import type { OutboundRequest, OutboundResponse, ResponseHead, StreamedResponse } from './client.js';
import type { CallOptions, TlsOptions, Transport } from './transport.js';
import { UndiciCall } from './undici-call.js';

type Response = OutboundResponse | StreamedResponse;

export interface UndiciTransport extends Transport<Response> {
  /** `isStreamed` decides by its head whether an answer's body is handed on as it comes. Default: it never is. */
  call(request: OutboundRequest, options: CallOptions, isStreamed?: (head: ResponseHead) => boolean): Promise<Response>;
}

const never = (): boolean => false;

/** Names and values in turn, the form that undici takes without another copy. */
function headersOf({ headers = {} }: OutboundRequest): string[] {
  const list = ['user-agent', 'national-id-mediator'];
  if (headers['accept'] === undefined) list.push('accept', 'application/json');
  for (const [name, value] of Object.entries(headers)) list.push(name, value);
  return list;
}

/** Calls over undici and shared keep-alive connections, as many to a peer as there are calls at once. */
export function createUndiciTransport(tls: TlsOptions): UndiciTransport {
  // A call has one deadline, kept by us; undici's own two limits would need a timer each.
  const agent = new Agent({ allowH2: false, headersTimeout: 0, bodyTimeout: 0, connect: { ...tls } });

  return {
    call: (request, options, isStreamed = never) =>
      new Promise((resolve, reject) => {
        const { method, body = null } = request;
        const { origin, pathname, search } = options.url;
        const call = new UndiciCall(request, options, isStreamed, { resolve, reject });
        agent.dispatch({ origin, path: `${pathname}${search}`, method, headers: headersOf(request), body }, call);
      }),
    close: () => agent.close(),
  };
}
