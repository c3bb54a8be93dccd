import { join } from 'node:path';
import type { WriteBackSettings } from '../../../src/config/index.js';
import { createSubscription, createSystemToken, createWriteBack } from '../../../src/opencrvs/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OpenCrvsPeer } from '../../peers/opencrvs-peer.js';
import type { OpenCrvsSystemOptions } from '../../peers/opencrvs-system.js';
import { CallbackDoor } from './callback-door.js';
import { createWatchedHealth } from './watched-health.js';

export const TOPICS = ['BIRTH_REGISTERED', 'DEATH_REGISTERED'];

/** An OpenCRVS, our side of it with the real transport and a clock that both follow, and our webhook address. */
export async function startClientSide(options: OpenCrvsSystemOptions = {}) {
  const clock = new ManualClock();
  const opencrvs = await new OpenCrvsPeer({ now: () => clock.now(), ...options }).start();
  const door = await new CallbackDoor([opencrvs.system.shaSecret]).start();
  const { log, lines } = createMemoryLog();
  const [metrics, health] = [createMetrics(), createWatchedHealth(clock)];
  const outbound = createOutboundClient({ clock, metrics });
  const { clientId, clientSecret, shaSecret, tokenMode } = opencrvs.system;
  const tokens = createSystemToken(
    { outbound, clock, log, metrics, health },
    { authUrl: opencrvs.auth.url, tokenMode, clientId, clientSecret, scope: 'nationalId' },
  );
  const subscription = createSubscription(
    { outbound, clock, log, health, tokens },
    { webhooksUrl: opencrvs.webhooks.url, callbackUrl: door.callbackUrl, secret: shaSecret, topics: TOPICS },
  );
  door.subscription = subscription;

  return {
    clock,
    opencrvs,
    door,
    outbound,
    lines,
    tokens,
    subscription,
    check: (name: string) => health.readiness().checks[name],
    tokenResult: () => health.nextReport('opencrvs-token'),
    subscriptionRound: () => health.nextReport('opencrvs-subscription'),
    writeBack: (settings: WriteBackSettings) =>
      createWriteBack({ outbound, clock, tokens, health }, settings, {
        mappingsDir: join(import.meta.dirname, '../../../config/mappings'),
      }),
    async stop() {
      await subscription.stop();
      tokens.stop();
      await outbound.close();
      await Promise.all([opencrvs.stop(), door.stop()]);
    },
  };
}

export type ClientSide = Awaited<ReturnType<typeof startClientSide>>;
