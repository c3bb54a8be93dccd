import { z } from 'zod';
import type { OsiaSubscriptionSettings } from '../../config/index.js';
import { createUpkeep, type Look, type Upkeep, type UpkeepDeps, USUAL_RHYTHM } from '../subscription-upkeep.js';
import { errorOf, readAnswer } from './answers.js';
import type { OsiaClient } from './osia-client.js';

export interface SubscriptionsDeps extends UpkeepDeps {
  readonly client: OsiaClient;
}

const PEER = 'osia-notification';

const Subscription = z.object({ uuid: z.string().min(1), active: z.boolean().optional() });
/** Those of everybody, whose other members are no matter of ours. */
const Listed = z.array(Subscription.partial());

/**
 * Keeps our subscriptions at OSIA's notification engine (notification.yaml 1.2): looks every few minutes whether each
 * topic's is there and confirmed, and subscribes where it is not. That is idempotent: the engine knows a subscription by
 * topic and address. The confirmation comes to our door.
 */
export function createSubscriptions(
  deps: SubscriptionsDeps,
  { topics, address }: Pick<OsiaSubscriptionSettings, 'topics' | 'address'>,
): Pick<Upkeep, 'start' | 'stop'> {
  const { client, clock, log, check } = deps;
  /** The engine's id of each topic's subscription: a list tells topics by ids, which we do not know. */
  const ids = new Map<string, string>();
  let hasWaited = false;

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
    log.info({ event: 'subscription.requested', peer: PEER, topic }, 'subscription requested');
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

  return createUpkeep(deps, { peer: PEER, rhythm: USUAL_RHYTHM }, async (signal): Promise<Look> => {
    if (await look(signal)) {
      hasWaited = false;
      check.report('ok');
      return 'kept';
    }
    if (hasWaited) check.report('degraded', 'The notification engine does not reach our callback.');
    hasWaited = true;
    return 'open';
  });
}
