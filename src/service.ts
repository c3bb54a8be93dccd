import type { Express } from 'express';
import type { Settings } from './config/index.js';
import type { MediatorError } from './errors/index.js';
import { createFacade, createFhirApi, type FhirApi, outcomeReply } from './fhir-api/index.js';
import { createApp, healthRoutes, type Listener, listen, type Route } from './http/index.js';
import { intakeRoutes } from './intake/index.js';
import { createESignet, createNationalIdSystems } from './national-id/index.js';
import { createOpenCrvs } from './opencrvs/index.js';
import {
  type ConsoleSettings,
  createConsoleSettings,
  createCoreApi,
  createCoreConnection,
  createTransactions,
  loadMediatorConfig,
  MEDIATOR_FILE,
  routingTo,
} from './openhim/index.js';
import { operatorRoutes } from './operator/index.js';
import { type BreakerOptions, createOutboundClient } from './outbound/index.js';
import { createPipeline, type ReportPolicy, type RetryPolicy } from './pipeline/index.js';
import { startScheduled } from './reconciliation/index.js';
import { type Clock, type Repeater, systemClock } from './runtime/index.js';
import { createHealth, createLogger, createMetrics, type RootLogger } from './telemetry/index.js';

/** What a test may put in the place of the real thing. */
export interface ServiceOverrides {
  readonly clock: Clock;
  readonly log: RootLogger;
  readonly random: () => number;
  readonly retry: RetryPolicy;
  readonly breaker: BreakerOptions;
  /** Time limit of a call to a peer that names no other. */
  readonly callTimeoutMs: number;
  readonly sweepEveryMs: number;
  /** When a job of a process that died comes back. */
  readonly jobExpirySeconds: number;
  /** When OpenHIM core is told how events ended. */
  readonly reports: ReportPolicy;
  /** Told when the service can never work with these settings. Default: logged. */
  readonly onFatal: (error: MediatorError) => void;
}

export interface Service {
  readonly app: Express;
  /** The port taken, once started. */
  readonly port: () => number;
  /** Listens, then opens the store and reaches for every peer in the background. Rejects only when it cannot listen. */
  start(): Promise<void>;
  /** Gives everything back, in the reverse order, within the time given. Harmless twice. */
  stop(timeoutMs?: number): Promise<void>;
}

const STOP_TIMEOUT_MS = 20_000;
/** The answer to a FHIR call must reach core before its own limit of 60 s. */
const FHIR_TIMEOUT_MS = 30_000;
/** Where the console's last settings are kept. */
const CONSOLE_NOTE = 'console-settings';
const PAUSED = 'Submissions are paused: nothing is handed over to the national ID system.';

/**
 * The composition root: builds every part from the settings and connects them.
 *
 * @throws SettingsError for a faulty `mediator.json`; MediatorError `mapping_failed` for a faulty mapping file
 */
export function createService(settings: Settings, overrides: Partial<ServiceOverrides> = {}): Service {
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? createLogger(settings.logLevel);
  const random = overrides.random ?? Math.random;
  const metrics = createMetrics();
  const health = createHealth(clock);
  for (const warning of settings.warnings) health.warn(warning);
  const lifecycle = health.check('service', 'down', 'The service is starting.');
  let stopping: Promise<void> | undefined;
  let reconciliation: Repeater | undefined;

  let consoleSettings: ConsoleSettings | undefined;
  /** As the console has changed them. */
  const liveSettings = (): Settings => consoleSettings?.current() ?? settings;

  const outboundOptions = {
    recordBodies: settings.openhimLogBodies,
    ...(overrides.breaker === undefined ? {} : { breaker: overrides.breaker }),
    timeoutMs: () => overrides.callTimeoutMs ?? liveSettings().callTimeoutMs,
  };
  const outbound = createOutboundClient({ clock, metrics }, outboundOptions);
  // A client of its own: our certificate is for national ID systems alone.
  const { clientCertificate } = settings;
  const toNationalId = createOutboundClient({ clock, metrics }, { ...outboundOptions, clientCertificate });
  const common = { outbound, clock, log, metrics, health };

  const opencrvs = createOpenCrvs(common, settings.opencrvs, settings.mappingsDir, settings.documents);
  const systems = createNationalIdSystems({ ...common, outbound: toNationalId }, settings);
  const esignet =
    settings.esignet === undefined
      ? undefined
      : createESignet({ outbound, clock, check: health.check('esignet') }, settings.esignet);
  const coreClient = settings.openhim?.reportOutcome
    ? createOutboundClient({ clock, metrics }, { ...outboundOptions, trust: settings.openhim })
    : undefined;
  const transactions =
    settings.openhim === undefined || coreClient === undefined
      ? undefined
      : createTransactions({ core: createCoreApi({ outbound: coreClient }, settings.openhim), clock });
  const pipelineDeps = { clock, log, metrics, health, random, systems, opencrvs, transactions };
  const pipeline = createPipeline(pipelineDeps, liveSettings, {
    ...(overrides.retry === undefined ? {} : { retry: overrides.retry }),
    ...(overrides.reports === undefined ? {} : { reports: overrides.reports }),
    ...(overrides.sweepEveryMs === undefined ? {} : { sweepEveryMs: overrides.sweepEveryMs }),
    jobExpirySeconds: overrides.jobExpirySeconds,
    async beforeWork(notes) {
      await consoleSettings?.remember({
        read: () => notes.read(CONSOLE_NOTE),
        write: (config) => notes.write(CONSOLE_NOTE, config),
      });
    },
    // Only now: whoever learns our address sends at once, and takes a 503 for an answer.
    onOpen() {
      if (stopping !== undefined) return;
      opencrvs.subscription?.start();
      systems.start();
      reconciliation = startScheduled({ ...common, opencrvs, store: () => pipeline.backfill() }, settings.opencrvs);
    },
    onFatal: overrides.onFatal ?? ((error) => log.error({ event: 'service.fatal', err: error }, error.message)),
  });

  const mediator = loadMediatorConfig(MEDIATOR_FILE, {
    ...routingTo(settings.mediatorUrl),
    ...(settings.inbound === undefined ? {} : { inbound: settings.inbound }),
  });
  const core =
    settings.openhim === undefined
      ? undefined
      : createCoreConnection(common, settings.openhim, mediator, (config) => consoleSettings?.take(config));

  const buildFhirApi = ({ nationalId, nationalIdMappingsDir: mappingsDir, fhirApi }: Settings): FhirApi => {
    const system = systems.current();
    const shared = { mappingsDir, timeoutMs: FHIR_TIMEOUT_MS, isTls: settings.http.tls !== undefined };
    const standingOf = async (id: string) => (await pipeline.operator().show(id))?.event;
    const facade =
      nationalId.system === 'fhir'
        ? undefined
        : createFacade(
            { system, accept: pipeline.accept, standingOf },
            { ...shared, ...fhirApi, indexKey: settings.keys.index },
          );
    return createFhirApi({ outbound: toNationalId, clock, log, metrics }, nationalId, {
      ...shared,
      maxBodyBytes: settings.http.fhirMaxBodyBytes,
      version: mediator.version,
      capabilities: system.capabilities,
      biometrics: system.biometrics,
      facade,
    });
  };
  let fhirApi = buildFhirApi(settings);

  const submissionsCheck = health.check('submissions', 'ok');
  const reportPause = ({ submissionsPaused }: Settings): void =>
    submissionsPaused ? submissionsCheck.report('degraded', PAUSED) : submissionsCheck.report('ok');
  reportPause(settings);

  const biometricsCheck = health.check('biometrics', 'ok');
  const reportBiometrics = (): void => biometricsCheck.report('ok', systems.current().biometrics);
  reportBiometrics();

  /** Work in hand ends with what it began with; see {@link createConsoleSettings}. */
  const applySettings = (next: Settings): void => {
    const before = systems.current();
    systems.apply(next);
    try {
      if (systems.current() !== before) {
        const replaced = fhirApi;
        fhirApi = buildFhirApi(next);
        replaced.stop();
      }
    } catch (thrown) {
      systems.apply(liveSettings());
      throw thrown;
    }
    log.setLevel(next.logLevel);
    reportPause(next);
    reportBiometrics();
  };
  if (settings.openhim !== undefined && settings.consoleSettings) {
    consoleSettings = createConsoleSettings({ log, health, apply: applySettings }, settings, mediator.config);
  }

  const fhirRoute: Route = {
    methods: 'all',
    path: '/fhir{/*path}',
    guarded: true,
    shortcut: '/fhir',
    maxBodyBytes: settings.http.fhirMaxBodyBytes,
    renderError: outcomeReply,
    handler: (request) => fhirApi.handler(request),
  };
  const operatorDeps = {
    operator: () => pipeline.operator(),
    clock,
    health,
    metrics,
    settings: liveSettings,
    refusedSettings: () => consoleSettings?.refused() ?? [],
  };
  const routes: Route[] = [
    ...intakeRoutes({ pipeline, opencrvs, systems, esignet, clock, log }, settings),
    fhirRoute,
    ...operatorRoutes(operatorDeps, settings.operator),
  ];
  const ops = healthRoutes({ health, metrics });
  const { host, port, opsPort, tls } = settings.http;
  const appOptions = {
    urn: mediator.urn,
    inbound: settings.inbound,
    renderers: { '/fhir': outcomeReply },
    reportsOutcomes: transactions !== undefined,
  };
  const app = createApp({ clock, log, metrics }, opsPort === undefined ? [...ops, ...routes] : routes, appOptions);

  const listeners: Listener[] = [];

  const stopAll = async (timeoutMs: number): Promise<void> => {
    lifecycle.report('down', 'The service is stopping.');
    log.info({ event: 'service.stopping' }, 'stopping');
    const upkeep = Promise.all([opencrvs.subscription?.stop(), systems.stop(), core?.stop(), reconciliation?.stop()]);
    await Promise.all(listeners.map((listener) => listener.close(timeoutMs / 2)));
    fhirApi.stop();
    await upkeep;
    await pipeline.stop(timeoutMs / 2);
    await opencrvs.stop();
    await Promise.all([outbound.close(), toNationalId.close(), coreClient?.close()]);
    log.info({ event: 'service.stopped' }, 'stopped');
    log.flush();
  };

  return {
    app,
    port: () => listeners[0]?.port ?? port,
    async start() {
      for (const warning of settings.warnings) log.warn({ event: 'settings.warning' }, warning);
      listeners.push(await listen(app, { host, port, tls }));
      if (opsPort !== undefined) {
        const opsApp = createApp({ clock, log, metrics }, ops, appOptions);
        listeners.push(await listen(opsApp, { host, port: opsPort, tls: undefined }));
      }
      lifecycle.report('ok');
      log.info({ event: 'service.listening' }, `listening on port ${listeners[0]?.port ?? port}`);
      pipeline.start();
      core?.start();
    },
    async stop(timeoutMs = STOP_TIMEOUT_MS) {
      stopping ??= stopAll(timeoutMs);
      await stopping;
    },
  };
}
