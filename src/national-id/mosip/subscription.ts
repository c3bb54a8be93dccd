import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import type { CallbackDoor } from '../port.js';
import { createUpkeep, type Look, type Rhythm, type Upkeep, type UpkeepDeps } from '../subscription-upkeep.js';
import { type HubAnswer, type HubSubscription, judgeDenial, subscribe } from './hub.js';

export interface SubscriptionDeps extends UpkeepDeps {
  readonly outbound: OutboundClient;
  readonly tokens: TokenSource;
}

export interface SubscriptionOptions extends HubSubscription {
  readonly rhythm: Rhythm;
}

export interface Subscription extends Pick<Upkeep, 'start' | 'stop'> {
  readonly confirmIntent: CallbackDoor['confirmIntent'];
}

const PEER = 'mosip-websub';

/**
 * The hub's GET to our callback (reference/mosip.md 3). A parameter that comes twice arrives as an array and is refused.
 */
const Intent = z.discriminatedUnion('hub.mode', [
  z.object({ 'hub.mode': z.literal('subscribe'), 'hub.topic': z.string(), 'hub.challenge': z.string().min(1) }),
  z.object({ 'hub.mode': z.literal('unsubscribe'), 'hub.topic': z.string() }),
  z.object({
    'hub.mode': z.literal('denied'),
    'hub.topic': z.string().optional(),
    'hub.reason': z.string().optional(),
  }),
]);

/**
 * Keeps our subscription at the hub alive. The hub may forget a subscriber after one failed delivery and tells nobody,
 * so it is asked again every few minutes; while the subscription lives MOSIP's hub refuses that, harmlessly, and others
 * accept and verify it anew (W3C WebSub 5.1).
 */
export function createSubscription(deps: SubscriptionDeps, options: SubscriptionOptions): Subscription {
  const { log, check } = deps;
  /** What has come of our last request: the hub may verify it before it answers, or later. */
  let lastRequest: 'settled' | 'open' | 'verified' = 'settled';

  const confirmed = (): void => {
    upkeep.succeeded();
    if (lastRequest === 'open') lastRequest = 'verified';
    check.report('ok');
  };

  const denied = (reason: string): void => {
    check.report('degraded', reason);
    log.warn({ event: 'subscription.denied', peer: PEER, topic: options.topic, reason }, 'subscription denied');
  };

  const settled = (): Look => {
    lastRequest = 'settled';
    return 'kept';
  };

  /** Takes the hub's answer in. */
  const settle = (answer: HubAnswer, wasOpen: boolean): Look => {
    if (answer.result === 'denied') {
      lastRequest = 'settled';
      denied(answer.reason);
      return 'open';
    }
    if (answer.result === 'registered') {
      confirmed();
      return settled();
    }
    log.info({ event: 'subscription.requested', peer: PEER, topic: options.topic }, 'subscription requested');
    if (lastRequest === 'verified') return settled();
    if (wasOpen) check.report('degraded', 'The hub takes our subscription but does not reach our callback.');
    // Soon again: either the verification comes meanwhile, to us or another instance, or it never reaches us.
    return 'open';
  };

  const upkeep = createUpkeep(deps, { peer: PEER, rhythm: options.rhythm }, async (signal) => {
    // Once a request: anybody may send us a verification, and none of them may keep us from asking.
    if (lastRequest === 'verified') return settled();
    const wasOpen = lastRequest === 'open';
    lastRequest = 'open';
    try {
      return settle(await subscribe(deps, options, signal), wasOpen);
    } catch (thrown) {
      lastRequest = 'settled';
      throw thrown;
    }
  });

  return {
    start: upkeep.start,
    stop: upkeep.stop,
    confirmIntent(query) {
      const parsed = Intent.safeParse(query);
      if (!parsed.success) throw new MediatorError('request_invalid');
      const intent = parsed.data;
      // Compared with the setting, not with what this process asked for: another instance may have asked.
      if ((intent['hub.topic'] ?? options.topic) !== options.topic) throw new MediatorError('subscription_unknown');
      switch (intent['hub.mode']) {
        case 'subscribe':
          confirmed();
          log.info({ event: 'subscription.confirmed', topic: options.topic }, 'subscription confirmed');
          return { status: 200, body: intent['hub.challenge'] };
        case 'unsubscribe':
          // We never ask for this: 404 makes the hub keep the subscription.
          throw new MediatorError('subscription_unknown');
        case 'denied': {
          const denial = judgeDenial(intent['hub.reason']);
          if (denial.result === 'denied') denied(denial.reason);
          else confirmed();
          return { status: 200, body: '' };
        }
      }
    },
  };
}
