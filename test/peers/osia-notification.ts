import { randomUUID } from 'node:crypto';
import { z } from 'zod';

const Uin = z.string().min(1);
const Source = z.string().min(1);

/** What may be told under a name (OSIA 7.1, notification messages). */
const MESSAGES = {
  liveBirth: z.strictObject({ source: Source, uin: Uin, uin1: Uin.optional(), uin2: Uin.optional() }),
  death: z.strictObject({ source: Source, uin: Uin }),
  birthCancellation: z.strictObject({ source: Source, uin: Uin }),
  newPerson: z.strictObject({ source: Source, uin: Uin }),
} as const;

const isName = (name: string): name is keyof typeof MESSAGES => name in MESSAGES;

export interface Published {
  readonly topic: string;
  readonly subject: string | undefined;
  readonly message: unknown;
}

/** As the engine shows it; `topic` is the topic's id. */
export interface OsiaSubscription {
  readonly uuid: string;
  readonly topic: string;
  readonly protocol: 'http';
  readonly address: string;
  readonly policy: string;
  readonly active: boolean;
}

type MessageType = 'SubscriptionConfirmation' | 'Notification';

/** One message for one subscriber, kept until it is answered with 200. */
interface Sent {
  readonly id: string;
  readonly type: MessageType;
  readonly subscription: string;
  readonly content: Readonly<Record<string, string>>;
}

export interface Delivery {
  readonly messageId: string;
  readonly type: MessageType;
  /** Of the answer; undefined where there was none. */
  readonly status: number | undefined;
}

/** Every hour for a week (notification.yaml 1.2). */
const DEFAULT_POLICY = '3600,168';

/** OSIA's notification engine: tells each message to each confirmed subscription at least once, unsigned. */
export class OsiaNotification {
  readonly published: Published[] = [];
  readonly deliveries: Delivery[] = [];
  readonly #topics = new Map<string, string>();
  readonly #subscriptions = new Map<string, OsiaSubscription>();
  /** The subscription that a token confirms, once. */
  readonly #tokens = new Map<string, string>();
  #waiting: Sent[] = [];
  #last: Sent | undefined;
  readonly #onItsWay = new Set<Promise<unknown>>();
  readonly #changed: () => void;

  /** `changed` is told after each delivery. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The same topic each time. */
  topic(name: string): { readonly uuid: string; readonly name: string } {
    const known = [...this.#topics].find(([, own]) => own === name)?.[0];
    const uuid = known ?? randomUUID();
    this.#topics.set(uuid, name);
    return { uuid, name };
  }

  get topics(): readonly string[] {
    return [...this.#topics.values()];
  }

  get subscriptions(): readonly OsiaSubscription[] {
    return [...this.#subscriptions.values()];
  }

  /** The tokens that still confirm something. */
  get tokens(): readonly string[] {
    return [...this.#tokens.keys()];
  }

  /** As an administrator does it. */
  deleteTopics(): void {
    this.#topics.clear();
  }

  /** As an engine does it that has lost its data. */
  forgetSubscriptions(): void {
    this.#subscriptions.clear();
    this.#tokens.clear();
    this.#waiting = [];
  }

  /** The same subscription for the same topic and address; undefined for a topic that nobody has made. */
  subscribe(name: string, address: string, policy = DEFAULT_POLICY): OsiaSubscription | undefined {
    const topic = [...this.#topics].find(([, own]) => own === name)?.[0];
    if (topic === undefined) return undefined;
    const known = this.subscriptions.find((one) => one.topic === topic && one.address === address);
    if (known !== undefined) return known;
    const made = { uuid: randomUUID(), topic, protocol: 'http', address, policy, active: false } as const;
    this.#subscriptions.set(made.uuid, made);
    const token = randomUUID();
    this.#tokens.set(token, made.uuid);
    // An address that whoever follows it would send their token to.
    this.#send('SubscriptionConfirmation', made, { token, confirmURL: 'http://127.0.0.1:9/confirm', message: '' });
    return made;
  }

  /** Whether the token confirmed a subscription. */
  confirm(token: string): boolean {
    const subscription = this.#subscriptions.get(this.#tokens.get(token) ?? '');
    if (subscription === undefined) return false;
    this.#tokens.delete(token);
    this.#subscriptions.set(subscription.uuid, { ...subscription, active: true });
    return true;
  }

  /** Undefined once it is published; otherwise what is wrong. */
  publish(uuid: string, subject: string | undefined, text: string): 'no-topic' | 'no-message' | undefined {
    const topic = this.#topics.get(uuid);
    if (topic === undefined) return 'no-topic';
    const message: unknown = JSON.parse(text);
    if (!isName(topic) || !MESSAGES[topic].safeParse(message).success) return 'no-message';
    this.published.push({ topic, subject, message });
    for (const subscription of this.subscriptions) {
      if (subscription.topic !== uuid || !subscription.active) continue;
      this.#send('Notification', subscription, { message: text, ...(subject === undefined ? {} : { subject }) });
    }
    return undefined;
  }

  /** As the population registry tells the others of somebody. */
  tell(name: keyof typeof MESSAGES, uin: string): void {
    const fault = this.publish(this.topic(name).uuid, name, JSON.stringify({ source: 'registry', uin }));
    if (fault !== undefined) throw new Error(`the registry could not publish: ${fault}`);
  }

  /** As the time to try again has come: what was not answered with 200 is sent again. */
  async redeliver(): Promise<void> {
    await Promise.all(this.#waiting.map((sent) => this.#attempt(sent)));
  }

  /** Sends the last message once more, as may happen. */
  async repeat(): Promise<void> {
    if (this.#last === undefined) throw new Error('nothing has been sent yet');
    await this.#attempt(this.#last);
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await Promise.all(this.#onItsWay);
  }

  #send(type: MessageType, { uuid: subscription }: OsiaSubscription, content: Sent['content']): void {
    const sent = { id: randomUUID(), type, subscription, content };
    this.#waiting.push(sent);
    // After the answer to the call that it comes from.
    setImmediate(() => {
      const attempt = this.#attempt(sent).finally(() => this.#onItsWay.delete(attempt));
      this.#onItsWay.add(attempt);
    });
  }

  async #attempt(sent: Sent): Promise<void> {
    const subscription = this.#subscriptions.get(sent.subscription);
    if (subscription === undefined) return;
    this.#last = sent;
    const status = await fetch(subscription.address, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'message-type': sent.type,
        'subscription-id': subscription.uuid,
        'message-id': sent.id,
        'topic-id': subscription.topic,
      },
      body: JSON.stringify({
        type: sent.type,
        topic: subscription.topic,
        messageId: sent.id,
        timestamp: new Date().toISOString(),
        ...sent.content,
      }),
    }).then(
      (response) => response.status,
      () => undefined,
    );
    if (status === 200) this.#waiting = this.#waiting.filter(({ id }) => id !== sent.id);
    this.deliveries.push({ messageId: sent.id, type: sent.type, status });
    this.#changed();
  }
}
