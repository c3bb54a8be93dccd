import { randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { signWebhook } from '../../src/opencrvs/signature.js';
import { HttpPeer, json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import { frameworkError, type OpenCrvsSystem } from './opencrvs-system.js';

/** Topics that can be subscribed; only the first two are ever sent (reference/opencrvs.md 3.3). */
const TOPICS: ReadonlySet<string> = new Set([
  'BIRTH_REGISTERED',
  'DEATH_REGISTERED',
  'BIRTH_CERTIFIED',
  'DEATH_CERTIFIED',
  'BIRTH_CORRECTED',
  'DEATH_CORRECTED',
]);

const SubscribeBody = z.strictObject({
  hub: z.strictObject({ callback: z.string(), mode: z.string(), topic: z.string(), secret: z.string() }),
});
type Hub = z.infer<typeof SubscribeBody>['hub'];

/** A webhook body, of which the event is sent on. */
const WebhookBody = z.object({
  timestamp: z.string().optional(),
  event: z.object({ hub: z.object({ topic: z.string() }), context: z.array(z.unknown()) }),
});

/** A bundle as 1.0 to 1.4 fill it for a subscriber: without a type, the Task in front of what they look up. */
const FilledBundle = z.looseObject({ type: z.never().optional(), entry: z.tuple([z.unknown()], z.unknown()) });

/**
 * What the n-th subscription gets: 1.0 to 1.4 fill one and the same bundle again for each, whatever its topic, so that
 * everything but the Task is there n times (reference/opencrvs.md 3.6, seen with 1.2.1). Later records go out as stored.
 */
function filledAgain(context: readonly unknown[], times: number): readonly unknown[] {
  return context.map((bundle) => {
    const filled = FilledBundle.safeParse(bundle);
    if (!filled.success) return bundle;
    const [task, ...lookedUp] = filled.data.entry;
    return { ...filled.data, entry: [task, ...Array.from({ length: times }, () => lookedUp).flat()] };
  });
}

interface StoredSubscription {
  readonly id: string;
  readonly callback: string;
  readonly topic: string;
  readonly createdAt: number;
}

export interface DeliverOptions {
  /** How many times each subscriber gets the event. Default 1. */
  readonly times?: number;
  /** Key of the signature. Default the system client's `sha_secret`. */
  readonly secret?: string;
}

/** What became of one delivery. Without a status nobody answered and the event is lost, as it is in OpenCRVS. */
export interface DeliveryReport {
  readonly subscriptionId: string;
  readonly attempts: number;
  readonly status?: number;
  readonly body?: string;
}

const ATTEMPTS = 3;
const text = (status: number, body: string): PeerReply => ({
  status,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body,
});

/** The webhooks service of 1.2 to 1.9 with its subscriptions, and the worker that delivers (reference/opencrvs.md 3). */
export class OpenCrvsWebhooksPeer extends HttpPeer {
  readonly #system: OpenCrvsSystem;
  #subscriptions: readonly StoredSubscription[] = [];

  constructor(system: OpenCrvsSystem) {
    super();
    this.#system = system;
  }

  get subscriptions(): readonly StoredSubscription[] {
    return this.#subscriptions;
  }

  /** Holds a subscription that was made before, by whomever has our system client. */
  hold(topic: string, callback: string): void {
    const held = { id: randomUUID(), callback, topic, createdAt: this.#system.now() };
    this.#subscriptions = [...this.#subscriptions, held];
  }

  /** Loses every subscription, as when another client deletes them. */
  forget(): void {
    this.#subscriptions = [];
    this.changed();
  }

  protected override async answer(request: ReceivedRequest): Promise<PeerReply> {
    if (request.path === '/ping') return json({ success: true });
    const authentication = this.#system.authenticate(request, 'webhooks');
    if ('refusal' in authentication) return authentication.refusal;
    const call = `${request.method} ${request.path}`;
    if (call === 'GET /webhooks') return this.#list();
    if (call === 'POST /webhooks') return this.#subscribe(request.body);
    const id = /^DELETE \/webhooks\/([^/]+)$/.exec(call)?.[1];
    if (id === undefined) return frameworkError(404);
    // Unknown or another client's: 204 all the same.
    this.#subscriptions = this.#subscriptions.filter((subscription) => subscription.id !== id);
    return { status: 204 };
  }

  #list(): PeerReply {
    if (this.#system.status !== 'active') return text(400, 'No active system has this id.');
    const createdBy = { client_id: this.#system.clientId, type: 'nationalId', username: 'mediator', name: 'Mediator' };
    const entries = this.#subscriptions.map(({ createdAt, ...entry }) => ({
      ...entry,
      // Milliseconds taken for seconds: a year beyond 50000.
      createdAt: new Date(createdAt * 1000).toISOString(),
      createdBy,
    }));
    return json({ entries });
  }

  async #subscribe(body: Buffer): Promise<PeerReply> {
    let hub: Hub;
    try {
      hub = SubscribeBody.parse(JSON.parse(body.toString('utf8'))).hub;
    } catch {
      return frameworkError(400, 'Invalid request payload input');
    }
    const reason = this.#reasonToDeny(hub);
    if (reason !== undefined) return json({ hub: { mode: 'denied', topic: hub.topic, reason } }, 400);
    const isConfirmed = this.#system.scopes.includes('demo') || (await this.#handshake(hub));
    if (!isConfirmed) return text(400, 'Subscription callback check failed');
    const { callback, topic } = hub;
    const added = { id: randomUUID(), callback, topic, createdAt: this.#system.now() };
    this.#subscriptions = [...this.#subscriptions, added];
    return { status: 202 };
  }

  /** The checks in the order of the service. */
  #reasonToDeny({ topic, secret, mode }: Hub): string | undefined {
    if (!TOPICS.has(topic)) return `Unsupported topic: ${topic}`;
    if (this.#system.status !== 'active') return 'No active system has this id';
    if (secret !== this.#system.shaSecret) return 'hub.secret is incorrect';
    return mode === 'subscribe' ? undefined : 'hub.mode is not subscribe';
  }

  /** Asks the callback to give the challenge back. A query of the callback's own is lost; the status is not looked at. */
  async #handshake({ callback, topic }: Hub): Promise<boolean> {
    const challenge = randomBytes(16).toString('base64');
    try {
      const url = new URL(callback);
      url.search = `?mode=subscribe&challenge=${encodeURIComponent(challenge)}&topic=${topic}`;
      const response = await fetch(url, { headers: { 'content-type': 'application/json' } });
      const answer = z.object({ challenge: z.string() }).parse(await response.json());
      return answer.challenge === challenge;
    } catch {
      // No connection, no JSON or no challenge: the service does not tell them apart.
      return false;
    }
  }

  /** Sends the event of a webhook body to every subscription of its topic, one after the other. */
  async deliver(webhookBody: unknown, options: DeliverOptions = {}): Promise<readonly DeliveryReport[]> {
    const { timestamp = new Date(this.#system.now()).toISOString(), event } = WebhookBody.parse(webhookBody);
    const reports: DeliveryReport[] = [];
    for (const [index, { id, callback, topic }] of this.#subscriptions.entries()) {
      if (topic !== event.hub.topic) continue;
      const context = filledAgain(event.context, index + 1);
      // `id` is the subscription's, the same for every event.
      const body = Buffer.from(JSON.stringify({ timestamp, id, event: { ...event, context } }));
      const signature = signWebhook(body, options.secret ?? this.#system.shaSecret);
      for (let time = 0; time < (options.times ?? 1); time += 1) {
        reports.push({ subscriptionId: id, ...(await this.#post(callback, body, signature)) });
      }
    }
    return reports;
  }

  /** Any HTTP answer is a delivery; a connection that fails is tried three times without a pause. */
  async #post(url: string, body: Buffer, signature: string): Promise<Omit<DeliveryReport, 'subscriptionId'>> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-hub-signature': signature,
            'user-agent': 'node-fetch/1.0 (+https://github.com/bitinn/node-fetch)',
          },
          body: new Uint8Array(body),
          redirect: 'follow',
        });
        return { attempts: attempt, status: response.status, body: await response.text() };
      } catch {
        // Tried again, or reported without a status after the last attempt.
      }
    }
    return { attempts: ATTEMPTS };
  }
}
