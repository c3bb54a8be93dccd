import type { OsiaSettings } from '../../config/index.js';
import { createClientCredentials, type OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Logger, Metrics } from '../../telemetry/index.js';
import type { MappingSource } from '../event-mapping.js';
import { nothingSupported } from '../not-supported.js';
import type { NationalIdSystem } from '../port.js';
import { createChanges } from './change-person.js';
import { createToClaimAttributes } from './claim-attributes.js';
import { createDataAccess } from './data-access.js';
import { createToIdentityRecord } from './identity-record.js';
import { createIssue } from './issue.js';
import { createReadKnownPerson } from './known-person.js';
import { createNotificationDoor } from './notification-door.js';
import { createPublish } from './notifications.js';
import { createOsiaClient } from './osia-client.js';
import { createPopulationRegistry } from './population-registry.js';
import { createOsiaQueries } from './queries.js';
import { createRegistrations } from './registrations.js';
import { createSubscriptions } from './subscriptions.js';
import { createAskForUin } from './uin.js';

export interface OsiaDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

/** Characters of the key that we give to a registry, as transaction id and as id of an identity: 128 bits of the digest. */
const KEY_LENGTH = 32;

/** The scopes of what we call (OSIA 7.1, security chapter). */
const SCOPES = [
  'uin.generate',
  'pr.person.read',
  'pr.person.write',
  'pr.person.match',
  'pr.person.verify',
  'pr.identity.read',
  'pr.identity.write',
  'pr.reference.write',
];
const PUBLISHER_SCOPES = ['notif.topic.write', 'notif.topic.publish'];
const SUBSCRIBER_SCOPES = ['notif.sub.read', 'notif.sub.write'];

/** The scopes that our token is asked for with, in the form of RFC 6749 3.3. */
export function osiaScope({ notifyAs, subscription }: Pick<OsiaSettings, 'notifyAs' | 'subscription'>): string {
  return [
    ...SCOPES,
    ...(notifyAs === undefined ? [] : PUBLISHER_SCOPES),
    ...(subscription === undefined ? [] : SUBSCRIBER_SCOPES),
  ].join(' ');
}

/**
 * An OSIA 7.1 system (reference/mosip.md 7.1): UIN service, population registry, data access, notification. It answers at
 * once, so there is no callback; health checks `osia`, and `osia-notification` where we subscribe.
 *
 * @throws MediatorError `mapping_failed` when a file of `osia/` below `mappings.dir` is missing or does not compile
 */
export function createOsia(deps: OsiaDeps, settings: OsiaSettings, mappings: MappingSource): NationalIdSystem {
  const { outbound, clock, log, health } = deps;
  const tokens = createClientCredentials(deps, { ...settings.client, peer: 'osia-auth', scope: osiaScope(settings) });
  const client = createOsiaClient({ outbound, tokens, check: health.check('osia') }, settings);

  const registry = createPopulationRegistry(client, clock);
  const registrations = createRegistrations(registry, settings);
  const dataAccess = createDataAccess(client, clock);
  const { toIdentityRecord, biometrics } = createToIdentityRecord(mappings, settings);
  const publish = createPublish({ client, clock }, settings);
  const askForUin = createAskForUin({ client, clock }, settings);
  const toClaimAttributes = createToClaimAttributes(mappings.dir);
  const readKnownPerson = createReadKnownPerson({ registry, dataAccess }, settings, mappings.dir);

  const { subscription } = settings;
  // Its calls have a check of their own, which tells more than how the last one ended.
  const engine = createOsiaClient({ outbound, tokens, check: { report: () => undefined } }, settings);
  const subscriptions =
    subscription &&
    createSubscriptions({ client: engine, clock, log, check: health.check('osia-notification') }, subscription);

  return {
    ...nothingSupported,
    ...createChanges({ registry, registrations, toIdentityRecord, publish }),
    ...createOsiaQueries({ registry, registrations, dataAccess, toClaimAttributes, readKnownPerson }),
    name: 'osia',
    biometrics,
    capabilities: new Set([
      'issue',
      'deactivate',
      'update',
      'reactivate',
      'verify',
      'age-check',
      'lookup',
      'match',
    ] as const),
    outwardKey: (digest) => Buffer.from(digest).toString('hex').slice(0, KEY_LENGTH),
    issue: createIssue({ registry, registrations, toIdentityRecord, askForUin, publish }),
    ...(subscription && {
      notifications: createNotificationDoor({ client: engine, registry, clock, log }, subscription, settings),
    }),
    start: () => subscriptions?.start(),
    async stop() {
      tokens.stop();
      await subscriptions?.stop();
    },
  };
}
