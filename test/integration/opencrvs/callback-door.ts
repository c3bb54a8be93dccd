import type { MediatorError } from '../../../src/errors/index.js';
import { type Subscription, verifyWebhookSignature } from '../../../src/opencrvs/index.js';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from '../../peers/http-peer.js';

/** The mediator's webhook address and nothing behind it: confirms what the subscription confirms, checks signatures. */
export class CallbackDoor extends HttpPeer {
  subscription: Subscription | undefined;
  readonly accepted: unknown[] = [];
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[]) {
    super();
    this.#secrets = secrets;
  }

  get callbackUrl(): string {
    return `${this.url}/opencrvs/webhooks`;
  }

  protected override answer(request: ReceivedRequest): PeerReply {
    try {
      if (request.method === 'GET') return json(this.subscription?.confirmIntent(Object.fromEntries(request.query)));
      const signature = request.headers['x-hub-signature'];
      verifyWebhookSignature(request.body, signature, this.#secrets);
      this.accepted.push(JSON.parse(request.body.toString('utf8')));
      return json({ id: 'event-1' });
    } catch (thrown) {
      const { code, status } = thrown as MediatorError;
      return json({ code }, status);
    }
  }
}
