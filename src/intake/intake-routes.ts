import type { Settings } from '../config/index.js';
import type { Route } from '../http/index.js';
import type { NationalIdSystem } from '../national-id/index.js';
import type { OpenCrvs } from '../opencrvs/index.js';
import type { Logger } from '../telemetry/index.js';
import type { Accept, AcceptCallback } from '../vital-events/index.js';
import { healthNotificationRoutes } from './health-notifications.js';
import { callbackRoutes } from './national-id-callback.js';
import { opencrvsMosipCallbackRoutes, opencrvsMosipRoutes } from './opencrvs-mosip-client.js';
import { registrationRoutes } from './opencrvs-registrations.js';
import { webhookRoutes } from './opencrvs-webhooks.js';
import { verificationRoutes } from './verification.js';

export interface IntakeDeps {
  /** Takes what comes in: the pipeline. */
  readonly pipeline: { readonly accept: Accept; readonly acceptCallback: AcceptCallback };
  readonly opencrvs: OpenCrvs;
  readonly system: NationalIdSystem;
  readonly log: Logger;
}

/** Every door of the configured deployment. */
export function intakeRoutes(
  { pipeline, opencrvs, system, log }: IntakeDeps,
  settings: Pick<Settings, 'http' | 'opencrvs'>,
): Route[] {
  const { accept, acceptCallback } = pipeline;
  const { verifier, registrations, registrationRequests: reader, notifications } = opencrvs;
  const atMost = { maxBodyBytes: settings.http.webhookMaxBodyBytes };
  const callback = system.callback === undefined ? undefined : { door: system.callback, acceptCallback };
  return [
    ...webhookRoutes({ accept, log, ...opencrvs }, { ...atMost, secrets: settings.opencrvs.shaSecrets }),
    ...registrationRoutes({ accept, verifier, registrations }, atMost),
    ...(reader === undefined ? [] : opencrvsMosipRoutes({ accept, verifier, reader }, atMost)),
    ...(callback === undefined ? [] : [...callbackRoutes(callback), ...opencrvsMosipCallbackRoutes(callback)]),
    ...(notifications === undefined
      ? []
      : healthNotificationRoutes(notifications, { maxBodyBytes: settings.http.fhirMaxBodyBytes })),
    ...verificationRoutes(system.name),
  ];
}
