import { join } from 'node:path';
import type { Express } from 'express';
import type { Settings } from './config/index.js';
import type { MediatorError } from './errors/index.js';
import { createFhirApi, outcomeReply } from './fhir-api/index.js';
import { createApp, healthRoutes, type Listener, listen, type Route } from './http/index.js';
import { intakeRoutes } from './intake/index.js';
import { createNationalIdSystem } from './national-id/index.js';
import { createOpenCrvs } from './opencrvs/index.js';
import { createCoreConnection, loadMediatorConfig, readConsoleSettings } from './openhim/index.js';
import { type BreakerOptions, createOutboundClient } from './outbound/index.js';
import { createPipeline, type RetryPolicy } from './pipeline/index.js';
import { type Clock, systemClock } from './runtime/index.js';
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

/** Beside `src` and `dist` alike. */
const MEDIATOR_FILE = join(import.meta.dirname, '..', 'mediator.json');
const STOP_TIMEOUT_MS = 20_000;
/** The answer to a FHIR call must reach core before its own limit of 60 s. */
const FHIR_TIMEOUT_MS = 30_000;

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

  const outbound = createOutboundClient(
    { clock, metrics },
    {
      recordBodies: settings.openhimLogBodies,
      ...(overrides.breaker === undefined ? {} : { breaker: overrides.breaker }),
      ...(overrides.callTimeoutMs === undefined ? {} : { timeoutMs: overrides.callTimeoutMs }),
    },
  );
  const common = { outbound, clock, log, metrics, health };
  const mappings = { dir: settings.mappingsDir };

  const opencrvs = createOpenCrvs(common, settings.opencrvs, settings.mappingsDir);
  const system = createNationalIdSystem(common, settings.nationalId, mappings);
  const pipeline = createPipeline({ clock, log, metrics, health, random, system, opencrvs }, settings, {
    ...(overrides.retry === undefined ? {} : { retry: overrides.retry }),
    ...(overrides.sweepEveryMs === undefined ? {} : { sweepEveryMs: overrides.sweepEveryMs }),
    // Only now: whoever learns our address sends at once, and takes a 503 for an answer.
    onOpen() {
      if (stopping !== undefined) return;
      opencrvs.subscription?.start();
      system.start();
    },
    onFatal: overrides.onFatal ?? ((error) => log.error({ event: 'service.fatal', err: error }, error.message)),
  });

  const mediator = loadMediatorConfig(
    MEDIATOR_FILE,
    settings.inbound === undefined ? {} : { inbound: settings.inbound },
  );
  const core =
    settings.openhim === undefined
      ? undefined
      : createCoreConnection(common, settings.openhim, mediator, (config) => {
          log.setLevel(readConsoleSettings(config, mediator.config).logLevel ?? settings.logLevel);
        });

  const fhirRoute: Route = {
    methods: 'all',
    path: '/fhir{/*path}',
    guarded: true,
    maxBodyBytes: settings.http.fhirMaxBodyBytes,
    renderError: outcomeReply,
    handler: createFhirApi({ outbound, clock, log }, settings.nationalId, {
      mappingsDir: settings.mappingsDir,
      maxBodyBytes: settings.http.fhirMaxBodyBytes,
      timeoutMs: FHIR_TIMEOUT_MS,
      version: mediator.version,
      capabilities: system.capabilities,
    }),
  };
  const routes: Route[] = [...intakeRoutes({ pipeline, opencrvs, system, log }, settings), fhirRoute];
  const ops = healthRoutes({ health, metrics });
  const { host, port, opsPort, tls } = settings.http;
  const appOptions = { urn: mediator.urn, inbound: settings.inbound, renderers: { '/fhir': outcomeReply } };
  const app = createApp({ clock, log, metrics }, opsPort === undefined ? [...ops, ...routes] : routes, appOptions);

  const listeners: Listener[] = [];

  const stopAll = async (timeoutMs: number): Promise<void> => {
    lifecycle.report('down', 'The service is stopping.');
    log.info({ event: 'service.stopping' }, 'stopping');
    const upkeep = Promise.all([opencrvs.subscription?.stop(), system.stop(), core?.stop()]);
    await Promise.all(listeners.map((listener) => listener.close(timeoutMs / 2)));
    await upkeep;
    await pipeline.stop(timeoutMs / 2);
    await opencrvs.stop();
    await outbound.close();
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
