import type { Settings } from '../../config/index.js';
import { loadMediatorConfig, MEDIATOR_FILE, routingTo } from '../../openhim/index.js';
import { createOutboundClient, DEFAULT_BREAKER, type OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import { createMetrics, type Logger } from '../../telemetry/index.js';
import { type PeerAddress, peerAddresses } from './addresses.js';
import { judgeOwnCertificate } from './certificate.js';
import { mappingQuestions } from './check-mappings.js';
import { logInQuestions, nationalIdQuestions } from './check-national-id.js';
import { opencrvsQuestions } from './check-opencrvs.js';
import { openhimQuestions } from './check-openhim.js';
import { storeQuestions } from './check-store.js';
import {
  answered,
  CHECK_TIMEOUT_MS,
  CHECKS,
  type CheckName,
  type Finding,
  ok,
  type Question,
  warning,
} from './finding.js';
import { judgeClock, reach, type Skew } from './reach.js';

/** Checks that look at addresses, and what they need of one another. */
const ADDRESS_CHECKS: readonly CheckName[] = ['dns', 'tcp', 'tls', 'http', 'clock'];

function settingsQuestions({ warnings }: Settings): readonly Question[] {
  const next = 'docs/configuration.md says what each setting does.';
  const check = 'settings';
  return [
    { check, next, ask: async () => ok('Every setting has a value that can be used.') },
    ...warnings.map((text): Question => ({ check, next, ask: async () => warning(text, next) })),
  ];
}

/** Our own certificates: that of the listener, and the one that national ID systems get. */
function certificateQuestions({ http, clientCertificate }: Settings, clock: Clock): readonly Question[] {
  const question = (named: Pick<Question, 'check' | 'about'>, setting: string, pem: string | undefined): Question[] => {
    if (pem === undefined) return [];
    const next = `Renew the certificate of ${setting}, and restart.`;
    return [{ ...named, next, ask: async () => judgeOwnCertificate(pem, clock.now(), next) }];
  };
  return [
    ...question({ check: 'listener' }, 'TLS_CERT_FILE', http.tls?.cert),
    ...question({ check: 'tls', about: 'client certificate' }, 'NATIONAL_ID_CLIENT_KEY_FILE', clientCertificate?.cert),
  ];
}

export interface ExamineDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Examines a deployment by its settings, all at once. Nothing is changed: peers are read from and asked for tokens, the
 * database is read. A callback address that leads through OpenHIM leaves a transaction in core.
 *
 * @throws SettingsError for a faulty `mediator.json`
 */
export async function examine(
  { clock, log }: ExamineDeps,
  settings: Settings,
  only: ReadonlySet<CheckName>,
): Promise<readonly Finding[]> {
  const metrics = createMetrics();
  const { openhim, opencrvs, clientCertificate } = settings;
  // One check must not open the breaker that the next one of the same peer runs into.
  const options = { timeoutMs: CHECK_TIMEOUT_MS, breaker: { ...DEFAULT_BREAKER, failures: Number.MAX_SAFE_INTEGER } };
  const outbound = createOutboundClient({ clock, metrics }, options);
  const coreClient = createOutboundClient({ clock, metrics }, { ...options, ...(openhim && { trust: openhim }) });
  const toNationalId = createOutboundClient({ clock, metrics }, { ...options, clientCertificate });
  const common = { outbound, clock, log, metrics };
  const mediator = loadMediatorConfig(MEDIATOR_FILE, {
    ...routingTo(settings.mediatorUrl),
    ...(settings.inbound && { inbound: settings.inbound }),
  });

  const clientFor = ({ trust, clientCertificate: certificate }: PeerAddress): OutboundClient => {
    if (trust !== undefined) return coreClient;
    return certificate === undefined ? outbound : toNationalId;
  };

  const store = storeQuestions({ clock, log }, settings);
  const civil = opencrvsQuestions(common, opencrvs);
  const questions = [
    ...settingsQuestions(settings),
    ...certificateQuestions(settings, clock),
    ...store.questions,
    ...mappingQuestions({ clock, log, metrics }, settings),
    ...(openhim === undefined ? [] : openhimQuestions({ outbound: coreClient }, settings, openhim, mediator)),
    ...civil.questions,
    ...nationalIdQuestions({ ...common, outbound: toNationalId }, settings),
    ...logInQuestions(common, settings),
  ].filter(({ check }) => only.has(check));

  const askAddresses = async (): Promise<readonly Finding[]> => {
    if (!ADDRESS_CHECKS.some((check) => only.has(check))) return [];
    const reached = await Promise.all(
      peerAddresses(settings).map((address) => reach({ clock, outbound: clientFor(address) }, address)),
    );
    const skews = reached.flatMap(({ skew }): readonly Skew[] => (skew === undefined ? [] : [skew]));
    const findings: readonly Finding[] = [
      ...reached.flatMap(({ findings }) => findings),
      { check: 'clock', ...judgeClock(skews) },
    ];
    return findings.filter(({ check }) => only.has(check));
  };

  try {
    const parts = await Promise.all([Promise.all(questions.map((question) => answered(question))), askAddresses()]);
    return parts.flat().toSorted((left, right) => CHECKS.indexOf(left.check) - CHECKS.indexOf(right.check));
  } finally {
    civil.stop();
    await Promise.all([store.close(), outbound.close(), toNationalId.close(), coreClient.close()]);
  }
}
