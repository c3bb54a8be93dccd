import type { DocumentSettings, OpenCrvsSettings } from '../config/index.js';
import type { OutboundClient, TokenSource } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';
import { NO_DOCUMENTS } from '../vital-events/index.js';
import { createReadings } from './create-readings.js';
import { createFhirReads, type FhirReads } from './fhir-reads.js';
import { createHealthNotifications, type HealthNotifications } from './health-notifications/index.js';
import { createRegistrationRequestReader, type RegistrationRequestReader, WEBHOOK_TOPICS } from './readers/index.js';
import type { RecordReader } from './record-reader/index.js';
import type { RegistrationSource } from './registration-list.js';
import { createRegistrations, type Registrations } from './registrations.js';
import { createSignatureWatch, type SignatureWatch } from './signature-watch.js';
import { createSubscription, type Subscription } from './subscription.js';
import { createSystemToken } from './system-token.js';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.js';
import { createWriteBack, type WriteBack } from './write-back/index.js';

export interface OpenCrvsDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

/** Everything about OpenCRVS that the settings ask for; what they leave out is undefined. */
export interface OpenCrvs {
  readonly writeBack: WriteBack;
  readonly recordReader: RecordReader;
  /** Where the registrations of OpenCRVS can be listed and read; undefined where they cannot. */
  readonly registrationList: RegistrationSource | undefined;
  readonly subscription: Subscription | undefined;
  readonly signatures: SignatureWatch | undefined;
  readonly verifier: TokenVerifier | undefined;
  readonly registrations: Registrations | undefined;
  readonly registrationRequests: RegistrationRequestReader | undefined;
  readonly notifications: HealthNotifications | undefined;
  /** Ends the upkeep of subscription and tokens. */
  stop(): Promise<void>;
}

/** The topics that OpenCRVS really sends and that have a reader (reference/opencrvs.md 3.3). */
export const SUBSCRIBED_TOPICS = WEBHOOK_TOPICS.filter((topic) => topic.endsWith('_REGISTERED'));

/**
 * Builds the OpenCRVS side; `documents` is what of the documents in a record its event takes.
 *
 * @throws MediatorError `mapping_failed` when one of its mapping files is missing or does not compile
 */
export function createOpenCrvs(
  deps: OpenCrvsDeps,
  settings: OpenCrvsSettings,
  mappingsDir: string,
  documents: DocumentSettings = NO_DOCUMENTS,
): OpenCrvs {
  const { client, tokens: trusted, shaSecrets, notifications } = settings;
  const own = client === undefined ? undefined : createSystemToken(deps, client);
  const health =
    notifications?.client === undefined
      ? undefined
      : createSystemToken(deps, notifications.client, { check: 'opencrvs-health-token' });

  const readsAt = (url: string | undefined, tokens: TokenSource | undefined): FhirReads | undefined =>
    url === undefined || tokens === undefined ? undefined : createFhirReads({ ...deps, tokens }, url);
  const readings = createReadings({ ...deps, tokens: own }, settings, mappingsDir, documents);

  const [secret = ''] = shaSecrets;
  const subscription =
    settings.subscription === undefined || own === undefined
      ? undefined
      : createSubscription({ ...deps, tokens: own }, { ...settings.subscription, secret, topics: SUBSCRIBED_TOPICS });

  const notifying = health ?? own;
  return {
    writeBack: createWriteBack({ ...deps, tokens: own }, settings.writeBack, { mappingsDir }),
    recordReader: readings.recordReader,
    registrationList: readings.registrationList,
    subscription,
    signatures: shaSecrets.length === 0 ? undefined : createSignatureWatch(deps),
    verifier: trusted === undefined ? undefined : createTokenVerifier(deps, trusted),
    registrations: trusted === undefined ? undefined : createRegistrations({ mappingsDir, documents }),
    registrationRequests: trusted === undefined ? undefined : createRegistrationRequestReader(mappingsDir, documents),
    notifications:
      notifications === undefined || notifying === undefined
        ? undefined
        : createHealthNotifications(
            { ...deps, tokens: notifying, fhir: readsAt(notifications.fhirUrl, notifying) },
            notifications.url,
          ),
    async stop() {
      await subscription?.stop();
      readings.stop();
      own?.stop();
      health?.stop();
    },
  };
}
