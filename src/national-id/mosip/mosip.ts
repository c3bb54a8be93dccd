import type { MosipSettings } from '../../config/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock, Repeater } from '../../runtime/index.js';
import type { Health, Logger, Metrics } from '../../telemetry/index.js';
import { type RegistrationKind, registerOf } from '../../vital-events/index.js';
import { startCertificateWatch } from '../certificate-watch.js';
import type { MappingSource } from '../event-mapping.js';
import { NOT_SUPPORTED, nothingSupported } from '../not-supported.js';
import type { Capability, NationalIdSystem, Submission } from '../port.js';
import { type Rhythm, USUAL_RHYTHM } from '../subscription-upkeep.js';
import { createMosipTokens } from './auth-manager.js';
import { certificateExpiries } from './certificate-expiries.js';
import { createCredentialDoor } from './credential-door.js';
import { createFieldMapping } from './fields.js';
import { createIdentityAuthentication } from './identity-authentication.js';
import { registrationId } from './registration-id.js';
import { createRepositoryOperations } from './repository-operations.js';
import { createServiceCaller, createServiceClient } from './service-client.js';
import { createStatus } from './status.js';
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
  /** How often the subscription at the hub is asked for again. */
  readonly subscriptionRhythm?: Rhythm;
}

/**
 * MOSIP as a national ID system: packet manager and workflow manager on the way out, WebSub on the way back
 * (reference/mosip.md 1.1). Its processes know a birth, a death and a corrected birth. Ending an identity because its
 * birth was cancelled, giving one back, and looking persons up need the identity repository; where that is not
 * configured they are not supported. Claims are verified where identity authentication is configured.
 *
 * @throws MediatorError `mapping_failed` when a mapping file is missing or does not compile
 */
export function createMosip(
  deps: MosipDeps,
  settings: MosipSettings,
  mappings: MappingSource,
  options: MosipOptions = {},
): NationalIdSystem {
  const { outbound, clock, log, metrics, health } = deps;
  const { authUrl: url, appId } = settings;
  const packetTokens = createMosipTokens(deps, { url, appId, client: settings.packetClient });
  const hubTokens = createMosipTokens(deps, { url, appId, client: settings.websubClient });

  const service = { outbound, tokens: packetTokens, clock };
  const callService = createServiceClient(createServiceCaller({ ...service, check: health.check('mosip') }));
  const { mapFields, biometrics } = createFieldMapping(mappings);
  const submit = createSubmit({ callService, mapFields, clock }, settings);
  const isAbout = (register: RegistrationKind, { event }: Submission): boolean => registerOf(event) === register;

  const { statusUrl } = settings;
  const firstCheck = ['ok', 'Nothing had to be asked yet.'] as const;
  const repository = createRepositoryOperations(
    { caller: () => createServiceCaller({ ...service, check: health.check('mosip-id-repository', ...firstCheck) }) },
    settings,
    mappings,
  );

  const asking =
    statusUrl === undefined
      ? {}
      : {
          status: createStatus(
            {
              call: createServiceCaller({
                ...service,
                check: health.check('mosip-status', ...firstCheck),
              }),
              repository: repository.lostNumbers,
            },
            { statusUrl },
          ),
        };

  const ida = settings.identityAuthentication;
  const verification =
    ida === undefined
      ? {}
      : createIdentityAuthentication({ outbound, clock, check: health.check('mosip-ida') }, ida, mappings);

  const credentials = createCredentialDoor({ outbound, tokens: hubTokens, clock, log }, settings);

  const expiries = certificateExpiries(settings);
  const certificates = expiries.length === 0 ? undefined : health.check('mosip-certificates');
  let certificateWatch: Repeater | undefined;

  const subscription = createSubscription(
    { outbound, tokens: hubTokens, clock, log, check: health.check('mosip-websub') },
    {
      hubUrl: settings.hubUrl,
      topic: settings.topic,
      callbackUrl: settings.callbackUrl,
      secret: settings.websubSecret,
      rhythm: options.subscriptionRhythm ?? USUAL_RHYTHM,
    },
  );

  return {
    ...nothingSupported,
    ...asking,
    ...verification,
    name: 'mosip',
    biometrics,
    capabilities: new Set<Capability>([
      ...(['issue', 'deactivate', 'update', 'callback'] as const),
      ...(statusUrl === undefined ? [] : (['status'] as const)),
      ...(ida === undefined ? [] : (['verify', 'age-check'] as const)),
      ...repository.capabilities,
    ]),
    outwardKey: (digest) => registrationId(digest, settings),
    issue: (submission) => submit('birth', submission),
    deactivate: async (submission) =>
      isAbout('death', submission) && !repository.endsDeaths
        ? submit('death', submission)
        : repository.changeStatus('DEACTIVATED', submission),
    reactivate: (submission) => repository.changeStatus('ACTIVATED', submission),
    update: async (submission) => (isAbout('birth', submission) ? submit('correction', submission) : NOT_SUPPORTED),
    lookup: repository.lookup,
    callback: {
      authenticate: credentials.authenticate,
      read: credentials.read,
      confirmIntent: subscription.confirmIntent,
    },
    start() {
      subscription.start();
      if (certificates !== undefined) {
        certificateWatch ??= startCertificateWatch({ clock, log, metrics, check: certificates }, expiries);
      }
    },
    async stop() {
      packetTokens.stop();
      hubTokens.stop();
      await Promise.all([subscription.stop(), credentials.stop(), certificateWatch?.stop()]);
    },
  };
}
