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

/** The real client with metrics of its own, and a short way to call the peer. */
export function createCaller(peer: HttpPeer, options: OutboundClientOptions = {}): Caller {
  const metrics = createMetrics();
  const client = createOutboundClient({ clock: new ManualClock(), metrics }, options);
  return {
    client,
    metrics,
    send: (path, request) =>
      client.send({
        peer: 'mosip',
        operation: 'test',
        method: 'POST',
        url: `${peer.url}${path}`,
        headers: { 'content-type': 'application/json' },
        body: '{"name":"Zoë"}',
        ...request,
      }),
  };
}
