import {
  createOutboundClient,
  type OutboundClient,
  type OutboundClientOptions,
  type OutboundRequest,
} from '../../../src/outbound/index.js';
import { createMetrics, type Metrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from '../../peers/http-peer.js';

/** Answers with the bytes it was sent, or as it was told to for the path. */
export class EchoPeer extends HttpPeer {
  readonly #replies = new Map<string, PeerReply>();

  when(path: string, reply: PeerReply): void {
    this.#replies.set(path, reply);
  }

  protected answer({ path, body }: ReceivedRequest): PeerReply {
    return this.#replies.get(path) ?? { ...json({}), body: body.length === 0 ? '{}' : body };
  }
}

export interface Caller {
  readonly client: OutboundClient;
  readonly metrics: Metrics;
  /** A POST of a small body to the path; the rest as given. */
  send(path: string, request?: Partial<OutboundRequest>): ReturnType<OutboundClient['send']>;
}

/** The two ways of a call; `open` with the body whole gives the same as `send`. */
export const WAYS = ['send', 'open'] as const;

/** The real client with metrics of its own, and a short way to call the peer. */
export function createCaller(
  peer: HttpPeer,
  options: OutboundClientOptions = {},
  way: (typeof WAYS)[number] = 'send',
): Caller {
  const metrics = createMetrics();
  const client = createOutboundClient({ clock: new ManualClock(), metrics }, options);
  return {
    client,
    metrics,
    async send(path, request) {
      const call: OutboundRequest = {
        peer: 'mosip',
        operation: 'test',
        method: 'POST',
        url: `${peer.url}${path}`,
        headers: { 'content-type': 'application/json' },
        body: '{"name":"Zoë"}',
        ...request,
      };
      if (way === 'send') return client.send(call);
      const { status, headers, body } = await client.open(call, () => false);
      if (!(body instanceof Uint8Array)) throw new Error('the body was to be whole');
      return { status, headers, body };
    },
  };
}
