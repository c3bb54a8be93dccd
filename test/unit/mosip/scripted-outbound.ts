import type { OutboundClient, OutboundRequest, OutboundResponse } from '../../../src/outbound/index.js';

export interface ScriptedOutbound extends OutboundClient {
  readonly sent: readonly OutboundRequest[];
}

/** An outbound client that gives these answers one after the other, the last one again and again. */
export function scriptedOutbound(...script: readonly (OutboundResponse | Error)[]): ScriptedOutbound {
  const sent: OutboundRequest[] = [];
  return {
    sent,
    async send(request) {
      const next = script[Math.min(sent.length, script.length - 1)];
      sent.push(request);
      if (next === undefined || next instanceof Error) throw next ?? new Error('nothing scripted');
      return next;
    },
    close: async () => undefined,
  };
}

/** An answer; bodies other than text become JSON. */
export function reply(body: unknown, status = 200, headers: OutboundResponse['headers'] = {}): OutboundResponse {
  return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

/** What a MOSIP service answers when it reports these codes. */
export function errorsReply(...codes: readonly string[]): OutboundResponse {
  return reply({
    response: null,
    errors: codes.map((errorCode) => ({ errorCode, message: 'Invalid input parameter - name : Amina Canary' })),
  });
}
