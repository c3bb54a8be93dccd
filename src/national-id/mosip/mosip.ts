import type { MosipSettings } from '../../config/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Logger, Metrics } from '../../telemetry/index.js';
import { type RegistrationKind, registerOf } from '../../vital-events/index.js';
import { NOT_SUPPORTED, nothingSupported } from '../not-supported.js';
import type { NationalIdSystem, Submission } from '../port.js';
import { createMosipTokens } from './auth-manager.js';
import { createCallback } from './callback.js';
import { createFieldMapping } from './fields.js';
import { registrationId } from './registration-id.js';
import { createServiceClient } from './service-client.js';
import { createSubmit } from './submission.js';
import { createSubscription } from './subscription.js';

export interface MosipDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

export interface MosipOptions {
  /** How often the subscription at the hub is asked for again. Default 5 minutes. */
  readonly renewSubscriptionMs?: number;
  /** Pauses after a failed request for it: they double from the first to the longest. Default 5 s and 60 s. */
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
}

/**
 * MOSIP as a national ID system: packet manager and workflow manager on the way out, WebSub on the way back
 * (reference/mosip.md 1.1). Its processes know a birth, a death and a corrected birth. Ending an identity because its
 * birth was cancelled, giving one back, and correcting a death are work for the identity repository, which is not
 * connected: these are not supported.
 *
 * @throws MediatorError `mapping_failed` when a mapping file is missing or does not compile
 */
export function createMosip(
  deps: MosipDeps,
  settings: MosipSettings,
  mappings: { readonly dir: string },
  options: MosipOptions = {},
): NationalIdSystem {
  const { outbound, clock, log, health } = deps;
  const { authUrl: url, appId } = settings;
  const packetTokens = createMosipTokens(deps, { url, appId, client: settings.packetClient });
  const hubTokens = createMosipTokens(deps, { url, appId, client: settings.websubClient });

  const callService = createServiceClient({ outbound, tokens: packetTokens, clock, check: health.check('mosip') });
  const submit = createSubmit({ callService, mapFields: createFieldMapping(mappings.dir), clock }, settings);
  const isAbout = (register: RegistrationKind, { event }: Submission): boolean => registerOf(event) === register;

  const subscription = createSubscription(
    { outbound, tokens: hubTokens, clock, log, check: health.check('mosip-websub') },
    {
      hubUrl: settings.hubUrl,
      topic: settings.topic,
      callbackUrl: settings.callbackUrl,
      secret: settings.websubSecret,
      renewMs: options.renewSubscriptionMs ?? 5 * 60_000,
      firstRetryMs: options.firstRetryMs ?? 5_000,
      longestRetryMs: options.longestRetryMs ?? 60_000,
    },
  );

  return {
    ...nothingSupported,
    name: 'mosip',
    capabilities: new Set(['issue', 'deactivate', 'update', 'callback'] as const),
    outwardKey: (digest) => registrationId(digest, settings),
    issue: (submission) => submit('birth', submission),
    deactivate: async (submission) => (isAbout('death', submission) ? submit('death', submission) : NOT_SUPPORTED),
    update: async (submission) => (isAbout('birth', submission) ? submit('correction', submission) : NOT_SUPPORTED),
    callback: {
      ...createCallback({ secret: settings.websubSecret, credentialKey: settings.credentialKey }),
      confirmIntent: subscription.confirmIntent,
    },
    start: subscription.start,
    async stop() {
      packetTokens.stop();
      hubTokens.stop();
      await subscription.stop();
    },
  };
}
