import type { Settings } from '../config/index.js';
import type { Route } from '../http/index.js';
import type { AcceptCallback, ESignet, NationalIdSystems } from '../national-id/index.js';
import type { OpenCrvs } from '../opencrvs/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';
import type { Accept } from '../vital-events/index.js';
import { esignetUserInfoRoutes } from './esignet-user-info.js';
import { healthNotificationRoutes } from './health-notifications.js';
import { callbackRoutes, notificationRoutes } from './national-id-callback.js';
import { opencrvsMosipCallbackRoutes, opencrvsMosipRoutes } from './opencrvs-mosip-client.js';
import { registrationRoutes } from './opencrvs-registrations.js';
import { webhookRoutes } from './opencrvs-webhooks.js';
import { verificationRoutes } from './verification.js';

export interface IntakeDeps {
  /** Takes what comes in: the pipeline. */
  readonly pipeline: { readonly accept: Accept; readonly acceptCallback: AcceptCallback };
  readonly opencrvs: OpenCrvs;
  readonly systems: Pick<NationalIdSystems, 'current' | 'callback'>;
  /** Undefined where it is not configured. */
  readonly esignet: ESignet | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Every door of the configured deployment. */
export function intakeRoutes(
  { pipeline, opencrvs, systems, esignet, clock, log }: IntakeDeps,
  settings: Pick<Settings, 'http' | 'opencrvs' | 'documents'>,
): Route[] {
  const { accept, acceptCallback } = pipeline;
  const { verifier, registrations, registrationRequests: reader, notifications } = opencrvs;
  const atMost = { maxBodyBytes: settings.http.webhookMaxBodyBytes };
  const callback = { doors: systems.callback, acceptCallback };
  return [
    ...webhookRoutes(
      { accept, log, ...opencrvs },
      { ...atMost, secrets: settings.opencrvs.shaSecrets, documents: settings.documents },
    ),
    ...registrationRoutes({ accept, verifier, registrations }, atMost),
    ...(reader === undefined ? [] : opencrvsMosipRoutes({ accept, verifier, reader }, atMost)),
    ...callbackRoutes(callback),
    ...notificationRoutes(callback),
    ...opencrvsMosipCallbackRoutes(callback),
    ...(notifications === undefined
      ? []
      : healthNotificationRoutes(notifications, { maxBodyBytes: settings.http.fhirMaxBodyBytes })),
    ...verificationRoutes({ system: () => systems.current(), verifier, clock, log }),
    ...esignetUserInfoRoutes({ esignet, verifier }),
  ];
}
