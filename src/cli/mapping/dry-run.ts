import { MediatorError } from '../../errors/index.js';
import type { OutboundClient, OutboundRequest, OutboundResponse } from '../../outbound/index.js';

/** What would have been sent. Without its headers: there are credentials in them. */
export interface WouldBeSent {
  readonly operation: string;
  readonly method: string;
  readonly url: string;
  /** Parsed where it is JSON. */
  readonly body: unknown;
}

/** A client that calls nobody. */
export interface DryRun {
  readonly outbound: OutboundClient;
  /** The first call that was not for a token. */
  sent(): WouldBeSent | undefined;
}

/** A token in each of the forms in which systems give one. */
const TOKEN_ANSWER: OutboundResponse = {
  status: 200,
  headers: { 'content-type': 'application/json', 'set-cookie': ['Authorization=dry-run; Max-Age=3600'] },
  body: Buffer.from(JSON.stringify({ access_token: 'dry-run', expires_in: 3600, response: {}, errors: null })),
};

function bodyOf({ body }: OutboundRequest): unknown {
  if (body === undefined) return undefined;
  const text = Buffer.from(body).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    // A form, or text of another kind.
    return text;
  }
}

/** Gives out tokens, notes the first other call, and ends it unanswered. */
export function createDryRun(): DryRun {
  let sent: WouldBeSent | undefined;
  return {
    outbound: {
      async send(request) {
        if (request.peer.endsWith('-auth')) return TOKEN_ANSWER;
        const { operation, method, url } = request;
        sent ??= { operation, method, url, body: bodyOf(request) };
        throw new MediatorError('call_cancelled', { unanswered: true });
      },
      close: async () => undefined,
    },
    sent: () => sent,
  };
}
