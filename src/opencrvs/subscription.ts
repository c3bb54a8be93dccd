import { z } from 'zod';
import { MediatorError, toMediatorError } from '../errors/index.js';
import { type Repeater, repeat } from '../runtime/index.js';
import type { Health, Logger } from '../telemetry/index.js';
import { createWebhooksClient, type WebhooksClientDeps, type WebhooksClientOptions } from './webhooks-client.js';

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
  isExpected(topic: string): boolean;
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

const Text = z.string().min(1);
const Intent = z.object({ mode: Text, challenge: Text, topic: Text });

/**
 * Keeps one subscription a topic. Looked at again and again, because any client of OpenCRVS can delete ours; listed
 * first, because subscribing twice doubles each delivery (reference/opencrvs.md 3.1, 3.4). Health check
 * `opencrvs-subscription`.
 */
export function createSubscription(deps: SubscriptionDeps, options: SubscriptionOptions): Subscription {
  const { clock, log, health } = deps;
  const { topics, everyMs = DEFAULT_EVERY_MS } = options;
  const webhooks = createWebhooksClient(deps, options);
  const check = health.check('opencrvs-subscription');
  let repeater: Repeater | undefined;
  let failedRounds = 0;

  /** Subscribes to what is missing, each topic on its own; gives what went wrong. */
  const subscribeMissing = async (signal: AbortSignal): Promise<readonly MediatorError[]> => {
    const errors: MediatorError[] = [];
    const subscribed = await webhooks.subscribedTopics(signal);
    for (const topic of topics.filter((wanted) => !subscribed.has(wanted))) {
      try {
        await webhooks.subscribe(topic, signal);
        log.info({ event: 'subscription.made', topic }, 'subscribed at OpenCRVS');
      } catch (thrown) {
        errors.push(toMediatorError(thrown));
      }
    }
    return errors;
  };

  const round = async (signal: AbortSignal): Promise<number> => {
    const errors = await subscribeMissing(signal).catch((thrown: unknown) => [toMediatorError(thrown)]);
    if (signal.aborted) return everyMs;
    if (errors.length === 0) {
      failedRounds = 0;
      check.report('ok', `Subscribed to ${topics.join(', ')}.`);
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
    isExpected,
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
