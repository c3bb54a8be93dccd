import { z } from 'zod';
import { MediatorError, toMediatorError } from '../errors/index.js';
import { type Repeater, repeat } from '../runtime/index.js';
import type { Health, Logger } from '../telemetry/index.js';
import {
  createWebhooksClient,
  type ListedSubscription,
  type WebhooksClientDeps,
  type WebhooksClientOptions,
} from './webhooks-client.js';

export interface SubscriptionDeps extends WebhooksClientDeps {
  readonly log: Logger;
  readonly health: Health;
}

export interface SubscriptionOptions extends WebhooksClientOptions {
  readonly topics: readonly string[];
  /** How often it is looked whether the subscriptions are still there. Default one minute. */
  readonly everyMs?: number;
}

/** Our subscriptions at the OpenCRVS webhooks service, made and kept in the background. */
export interface Subscription {
  /** Begins; returns at once. Our listener must be up: OpenCRVS calls it while a subscription is made. */
  start(): void;
  stop(): Promise<void>;
  /**
   * Answers OpenCRVS's check that we want a subscription: its query has no `hub.` prefix and is decoded once, by the
   * HTTP server (reference/opencrvs.md 3.2).
   *
   * @throws MediatorError `request_invalid` where a value is absent or given twice, `subscription_unknown`
   */
  confirmIntent(query: Readonly<Record<string, unknown>>): { readonly challenge: string };
}

const DEFAULT_EVERY_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

const SHARED =
  'Another service subscribes with our system client at an address of its own; its subscription is left alone.';

const Text = z.string().min(1);
const Intent = z.object({ mode: Text, challenge: Text, topic: Text });

/** What is to be done about one topic. */
interface TopicCare {
  readonly isMissing: boolean;
  /** More of ours than one: each of them brings every event once more. */
  readonly doubled: readonly ListedSubscription[];
  /** At an address that is not the configured one. */
  readonly stale: readonly ListedSubscription[];
}

function careFor(topic: string, listed: readonly ListedSubscription[], callbackUrl: string): TopicCare {
  const entries = listed.filter((entry) => entry.topic === topic);
  // By id, not by place in the list: two instances of ours must agree on which one stays.
  const [kept, ...doubled] = entries
    .filter((entry) => entry.callback === callbackUrl)
    .sort((left, right) => (left.id < right.id ? -1 : 1));
  return { isMissing: kept === undefined, doubled, stale: entries.filter((entry) => entry.callback !== callbackUrl) };
}

/**
 * Keeps exactly one subscription a topic, at our address. Looked at again and again, because any client of OpenCRVS can
 * delete ours; listed first, because subscribing twice doubles each delivery (reference/opencrvs.md 3.1, 3.4). What
 * points to a former address is deleted once the new subscription stands. Health check `opencrvs-subscription`.
 */
export function createSubscription(deps: SubscriptionDeps, options: SubscriptionOptions): Subscription {
  const { clock, log, health } = deps;
  const { topics, callbackUrl, everyMs = DEFAULT_EVERY_MS } = options;
  const webhooks = createWebhooksClient(deps, options);
  const check = health.check('opencrvs-subscription');
  /** Addresses that were cleared away, each with its topic. One that comes back has an owner who wants it. */
  const cleared = new Set<string>();
  let repeater: Repeater | undefined;
  let failedRounds = 0;

  const keyOf = ({ topic, callback }: ListedSubscription): string => `${topic} ${callback}`;

  const remove = async (entry: ListedSubscription, words: string, signal: AbortSignal): Promise<void> => {
    await webhooks.remove(entry.id, signal);
    log.info({ event: 'subscription.removed', topic: entry.topic }, words);
  };

  /** Mends one topic. The deletions come last: a failure before them must leave what is there. */
  const mend = async (topic: string, care: TopicCare, signal: AbortSignal): Promise<void> => {
    if (care.isMissing) {
      await webhooks.subscribe(topic, signal);
      log.info({ event: 'subscription.made', topic }, 'subscribed at OpenCRVS');
    }
    for (const entry of care.doubled) await remove(entry, 'a doubled subscription was deleted', signal);
    for (const entry of care.stale.filter((stale) => !cleared.has(keyOf(stale)))) {
      await remove(entry, 'a subscription at a former address was deleted', signal);
      cleared.add(keyOf(entry));
    }
  };

  /** Looks at each topic on its own; gives what went wrong, and whether somebody else shares our system client. */
  const lookAfter = async (signal: AbortSignal) => {
    const errors: MediatorError[] = [];
    const listed = await webhooks.list(signal);
    // Deleting it again would go on for ever, and cost the other side events that are never sent again.
    const isShared = listed.some((entry) => entry.callback !== callbackUrl && cleared.has(keyOf(entry)));
    for (const topic of topics) {
      await mend(topic, careFor(topic, listed, callbackUrl), signal).catch((thrown: unknown) => {
        errors.push(toMediatorError(thrown));
      });
    }
    return { errors, isShared };
  };

  const round = async (signal: AbortSignal): Promise<number> => {
    const { errors, isShared } = await lookAfter(signal).catch((thrown: unknown) => ({
      errors: [toMediatorError(thrown)],
      isShared: false,
    }));
    if (signal.aborted) return everyMs;
    if (errors.length === 0) {
      failedRounds = 0;
      check.report('ok', `Subscribed to ${topics.join(', ')}.${isShared ? ` ${SHARED}` : ''}`);
      return everyMs;
    }
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** failedRounds, LONGEST_RETRY_MS);
    failedRounds += 1;
    check.report('degraded', [...new Set(errors.map((error) => error.message))].join(' '));
    for (const err of errors) log.warn({ event: 'subscription.failed', waitMs, err }, 'not subscribed, will retry');
    return waitMs;
  };

  const isExpected = (topic: string): boolean => topics.includes(topic);

  return {
    start() {
      repeater ??= repeat(clock, round);
    },
    async stop() {
      await repeater?.stop();
    },
    confirmIntent(query) {
      const intent = Intent.safeParse(query);
      if (!intent.success) throw new MediatorError('request_invalid');
      const { mode, challenge, topic } = intent.data;
      // A topic of ours is pending until it is listed and known from then on. What this process has asked for itself
      // does not matter: another instance may have.
      if (mode !== 'subscribe' || !isExpected(topic)) throw new MediatorError('subscription_unknown');
      return { challenge };
    },
  };
}
