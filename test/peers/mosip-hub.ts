import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { PeerReply, ReceivedRequest } from './http-peer.js';
import { type MosipAuth, parse } from './mosip-auth.js';
import { signDelivery } from './mosip-credential.js';

export interface MosipHubOptions {
  /** The one topic it knows. */
  readonly topic: string;
  /** Pauses between the tries of a verification or delivery; the real ones are 3, 6 and 12 s. */
  readonly retriesMs: readonly number[];
  /** The real one waits 10 s for a subscriber. */
  readonly deliveryTimeoutMs: number;
  /** Deliveries in flight; the real one makes one after the other. */
  readonly parallelDeliveries: number;
  /**
   * Whether a new subscription gets what could not be delivered before. The hub itself does not do it, but its Kafka
   * replays from the last committed offset when it restarts or rebalances.
   */
  readonly redeliverOnSubscribe: boolean;
}

/** `CredentialStatusEvent` of MOSIP's kernel. */
const StatusUpdate = z.strictObject({
  publishedOn: z.iso.datetime(),
  publisher: z.string().min(1),
  topic: z.literal('CREDENTIAL_STATUS_UPDATE'),
  event: z.strictObject({
    id: z.uuid(),
    requestId: z.uuid(),
    status: z.string().min(1),
    timestamp: z.iso.datetime(),
    url: z.null(),
  }),
});

interface Subscriber {
  readonly callback: string;
  readonly secret: string;
  readonly queue: Buffer[];
  pumping: boolean;
}

/** The WebSub hub of 2026-05: it forgets a subscriber after a failed delivery (reference/mosip.md 3). */
export class MosipHub {
  readonly #options: MosipHubOptions;
  readonly #auth: MosipAuth;
  readonly #onChange: () => void;
  /** By callback address. */
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #undelivered: Buffer[] = [];
  #running = false;
  /** What was published of credentials. */
  readonly statuses: z.infer<typeof StatusUpdate>['event'][] = [];
  delivered = 0;
  failedDeliveries = 0;

  constructor(options: MosipHubOptions, auth: MosipAuth, onChange: () => void) {
    this.#options = options;
    this.#auth = auth;
    this.#onChange = onChange;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** Messages that wait for a subscriber. */
  get undelivered(): number {
    return this.#undelivered.length;
  }

  /** Forgets all subscribers, and tells nobody. */
  forgetSubscribers(): void {
    for (const [callback, subscriber] of this.#subscribers) this.#forget(callback, subscriber, []);
  }

  /** Works on after a start of the peer; subscribers and messages outlive a stop. */
  resume(hubUrl: string): void {
    this.#running = true;
    for (const subscriber of this.#subscribers.values()) void this.#pump(subscriber, hubUrl);
  }

  pause(): void {
    this.#running = false;
  }

  publish(message: Buffer, hubUrl: string): void {
    if (this.#subscribers.size === 0) {
      if (this.#options.redeliverOnSubscribe) this.#undelivered.push(message);
      return;
    }
    for (const subscriber of this.#subscribers.values()) {
      subscriber.queue.push(message);
      void this.#pump(subscriber, hubUrl);
    }
  }

  /** Answers what is sent to the hub: a message for its other topic, or else a request for a subscription. */
  answer(request: ReceivedRequest, hubUrl: string): PeerReply {
    return request.query.get('hub.mode') === 'publish' ? this.#takeStatus(request) : this.subscribe(request, hubUrl);
  }

  #takeStatus(request: ReceivedRequest): PeerReply {
    const client = this.#auth.clientOf(hubCookie(request), 'PUBLISH_CREDENTIAL_STATUS_UPDATE_GENERAL');
    if (client === undefined) return denied('Invalid token or role');
    const status = StatusUpdate.safeParse(parse(request.body));
    if (!status.success || request.query.get('hub.topic') !== status.data.topic) return denied('Invalid message');
    this.statuses.push(status.data.event);
    return { status: 200, headers: FORM, body: 'hub.mode=accepted' };
  }

  /** Answers a subscription request; verifies the subscriber's intent afterwards. */
  subscribe(request: ReceivedRequest, hubUrl: string): PeerReply {
    const form = new URLSearchParams(request.body.toString('utf8'));
    const topic = form.get('hub.topic') ?? '';
    const callback = form.get('hub.callback') ?? '';
    const secret = form.get('hub.secret') ?? '';
    if (form.get('hub.mode') !== 'subscribe' || callback === '') return denied('Invalid mode or callback');
    const client = this.#auth.clientOf(hubCookie(request), 'SUBSCRIBE_CREDENTIAL_ISSUED_INDIVIDUAL');
    if (client === undefined || client.id !== topic.split('/')[0]) return denied('Invalid token or role');
    if (topic !== this.#options.topic) return denied('Topic is not registered at the hub');
    if (secret === '') return denied('Secret is missing');
    if (this.#subscribers.has(callback)) return denied('Subscriber has already registered with the Hub');
    void this.#verify(topic, { callback, secret, queue: [], pumping: false }, hubUrl);
    return form202();
  }

  async #verify(topic: string, subscriber: Subscriber, hubUrl: string): Promise<void> {
    const challenge = randomUUID();
    const url = new URL(subscriber.callback);
    const parameters = { mode: 'subscribe', topic, challenge, lease_seconds: '864000' };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(`hub.${name}`, value);
    for (const pauseMs of [0, ...this.#options.retriesMs]) {
      await delay(pauseMs, undefined, { ref: false });
      const answer = await this.#call(url.toString(), { method: 'GET' });
      if (answer === undefined) continue;
      // A second request that was accepted meanwhile changes nothing.
      if (!answer.ok || answer.text !== challenge || this.#subscribers.has(subscriber.callback)) return;
      subscriber.queue.push(...this.#undelivered.splice(0));
      this.#subscribers.set(subscriber.callback, subscriber);
      this.#onChange();
      return this.#pump(subscriber, hubUrl);
    }
  }

  async #pump(subscriber: Subscriber, hubUrl: string): Promise<void> {
    if (subscriber.pumping) return;
    subscriber.pumping = true;
    while (this.#running && this.#subscribers.get(subscriber.callback) === subscriber) {
      const batch = subscriber.queue.splice(0, this.#options.parallelDeliveries);
      if (batch.length === 0) break;
      const arrived = await Promise.all(batch.map((message) => this.#deliver(subscriber, message, hubUrl)));
      const failed = batch.filter((_, index) => arrived[index] !== true);
      this.delivered += batch.length - failed.length;
      this.failedDeliveries += failed.length;
      if (failed.length > 0) this.#forget(subscriber.callback, subscriber, failed);
      this.#onChange();
    }
    subscriber.pumping = false;
  }

  #forget(callback: string, subscriber: Subscriber, failed: readonly Buffer[]): void {
    if (this.#subscribers.get(callback) === subscriber) this.#subscribers.delete(callback);
    const left = [...failed, ...subscriber.queue.splice(0)];
    if (this.#options.redeliverOnSubscribe) this.#undelivered.push(...left);
  }

  /** Faults of the connection are tried again, an HTTP answer other than 2xx is not. */
  async #deliver(subscriber: Subscriber, message: Buffer, hubUrl: string): Promise<boolean> {
    for (const pauseMs of [0, ...this.#options.retriesMs]) {
      await delay(pauseMs, undefined, { ref: false });
      const answer = await this.#call(`${subscriber.callback}/`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-hub-signature': signDelivery(message, subscriber.secret),
          link: `<${hubUrl}>; rel="hub", <${this.#options.topic}>; rel="self"`,
        },
        body: new Uint8Array(message),
      });
      if (answer !== undefined) return answer.ok;
    }
    return false;
  }

  /** Undefined when no answer came. */
  async #call(url: string, init: RequestInit): Promise<{ readonly ok: boolean; readonly text: string } | undefined> {
    try {
      const signal = AbortSignal.timeout(this.#options.deliveryTimeoutMs);
      const response = await fetch(url, { ...init, signal, redirect: 'manual' });
      return { ok: response.ok, text: await response.text() };
    } catch {
      // Connection fault or timeout: the only failures that the hub tries again.
      return undefined;
    }
  }
}

/** The hub takes the cookie header apart by hand: a `;` at the end stays in the token, a `=` cuts it. */
function hubCookie(request: ReceivedRequest): string | undefined {
  const pairs = String(request.headers['cookie'] ?? '')
    .split('; ')
    .map((pair) => pair.split('='));
  return pairs.find(([name]) => name === 'Authorization')?.[1];
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

function form202(): PeerReply {
  return { status: 202, headers: FORM, body: 'hub.mode=accepted' };
}

/** Every refusal has status 200. */
function denied(reason: string): PeerReply {
  const form = new URLSearchParams({ 'hub.mode': 'denied', 'hub.reason': reason });
  return { status: 200, headers: FORM, body: form.toString() };
}
