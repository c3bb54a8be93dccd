import type { OutboundClient, OutboundRequest, OutboundResponse } from '../../../src/outbound/index.js';

/** A response with a JSON body, or a text where a string is given. */
export function response(status: number, body: unknown = ''): OutboundResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
}

/** An outbound client without a network: keeps what it was asked and answers as told. */
export class ScriptedOutbound implements OutboundClient {
  readonly requests: OutboundRequest[] = [];
  answer: (request: OutboundRequest) => OutboundResponse | Promise<OutboundResponse>;

  constructor(answer: ScriptedOutbound['answer']) {
    this.answer = answer;
  }

  async send(request: OutboundRequest): Promise<OutboundResponse> {
    this.requests.push(request);
    return this.answer(request);
  }

  async close(): Promise<void> {}
}
