import { z } from 'zod';
import type { OsiaSubscriptionSettings } from '../../config/index.js';
import { toMediatorError } from '../../errors/index.js';
import { type Clock, type Repeater, repeat } from '../../runtime/index.js';
import type { HealthCheck, Logger } from '../../telemetry/index.js';
import { errorOf, readAnswer } from './answers.js';
import type { OsiaClient } from './osia-client.js';

export interface SubscriptionsDeps {
  readonly client: OsiaClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly check: HealthCheck;
}

export interface Subscriptions {
  /** Begins in the background; an engine that is down is asked again and never fatal. */
  start(): void;
  stop(): Promise<void>;
}

/** The rhythm of MOSIP's subscription. */
const RENEW_MS = 5 * 60_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 60_000;

const Subscription = z.object({ uuid: z.string().min(1), active: z.boolean().optional() });
/** Those of everybody, whose other members are no matter of ours. */
const Listed = z.array(Subscription.partial());

/**
 * Keeps our subscriptions at OSIA's notification engine (notification.yaml 1.2): looks every few minutes whether each
 * topic's is there and confirmed, and subscribes where it is not. That is idempotent: the engine knows a subscription by
 * topic and address. The confirmation comes to our door.
 */
export function createSubscriptions(
  { client, clock, log, check }: SubscriptionsDeps,
  { topics, address }: Pick<OsiaSubscriptionSettings, 'topics' | 'address'>,
): Subscriptions {
  /** The engine's id of each topic's subscription: a list tells topics by ids, which we do not know. */
  const ids = new Map<string, string>();
  let failures = 0;
  let hasWaited = false;
  let repeater: Repeater | undefined;

  const listActive = async (signal: AbortSignal): Promise<ReadonlySet<string | undefined>> => {
    const response = await client({
      operation: 'listSubscription',
      service: 'notification',
      method: 'GET',
      path: '/v1/subscriptions',
      signal,
    });
    if (response.status !== 200) throw errorOf(response, clock.now());
    const listed = readAnswer(Listed, response);
    return new Set(listed.filter(({ active }) => active).map(({ uuid }) => uuid));
  };

  const subscribe = async (topic: string, signal: AbortSignal): Promise<{ readonly isActive: boolean }> => {
    const response = await client({
      operation: 'subscribe',
      service: 'notification',
      method: 'POST',
      path: '/v1/subscriptions',
      query: { topic, protocol: 'http', address },
      signal,
    });
    if (response.status !== 200) throw errorOf(response, clock.now());
    const { uuid, active } = readAnswer(Subscription, response);
    ids.set(topic, uuid);
    log.info({ event: 'subscription.requested', peer: 'osia-notification', topic }, 'subscription requested');
    return { isActive: active === true };
  };

  /** Whether every subscription is confirmed. One that fails does not keep us from the others. */
  const look = async (signal: AbortSignal): Promise<boolean> => {
    const active = await listActive(signal);
    const missing = topics.filter((topic) => !active.has(ids.get(topic)));
    const asked = await Promise.allSettled(missing.map((topic) => subscribe(topic, signal)));
    const failed = asked.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return asked.every((one) => one.status === 'fulfilled' && one.value.isActive);
  };

  const backOff = (): number => {
    failures += 1;
    return Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
  };

  const keepUp = async (signal: AbortSignal): Promise<number> => {
    try {
      const isComplete = await look(signal);
      if (!isComplete) {
        if (hasWaited) check.report('degraded', 'The notification engine does not reach our callback.');
        hasWaited = true;
        return backOff();
      }
      failures = 0;
      hasWaited = false;
      check.report('ok');
      return RENEW_MS;
    } catch (thrown) {
      if (signal.aborted) return 0;
      const waitMs = backOff();
      check.report('degraded', toMediatorError(thrown).message);
      log.warn({ event: 'subscription.failed', peer: 'osia-notification', waitMs, err: thrown }, 'subscription failed');
      return waitMs;
    }
  };

  return {
    start() {
      repeater ??= repeat(clock, keepUp);
    },
    async stop() {
      await repeater?.stop();
    },
  };
}
