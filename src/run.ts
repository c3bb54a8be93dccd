import { loadSettings, SettingsError } from './config/index.js';
import { type MediatorError, toMediatorError } from './errors/index.js';
import { createService, type Service, type ServiceOverrides } from './service.js';
import { createLogger, type RootLogger } from './telemetry/index.js';

/** EX_CONFIG: starting again changes nothing until somebody changes the settings. */
const EXIT_CONFIG = 78;
/** Under the 30 s that orchestration waits before it kills. */
const STOP_DEADLINE_MS = 25_000;

function build(
  environment: NodeJS.ProcessEnv,
  overrides: Partial<ServiceOverrides>,
): { service: Service; log: RootLogger } | undefined {
  try {
    const settings = loadSettings(environment);
    const log = createLogger(settings.logLevel);
    return { service: createService(settings, { log, ...overrides }), log };
  } catch (thrown) {
    if (thrown instanceof SettingsError) process.stderr.write(`${thrown.message}\n`);
    else createLogger('error').error({ event: 'service.not_built', err: thrown }, toMediatorError(thrown).message);
    process.exitCode = EXIT_CONFIG;
    return undefined;
  }
}

/**
 * Runs the service until a signal ends it. Settings that cannot work end it with exit code 78. `overrides`: what a fault
 * run puts in the place of the real thing.
 */
export async function run(environment: NodeJS.ProcessEnv, overrides: Partial<ServiceOverrides> = {}): Promise<void> {
  let stop: (exitCode: number) => void = () => undefined;
  const onFatal = (error: MediatorError): void => {
    process.stderr.write(`${error.message}\n`);
    stop(EXIT_CONFIG);
  };
  const built = build(environment, { ...overrides, onFatal });
  if (built === undefined) return;
  const { service, log } = built;

  let isStopping = false;
  stop = (exitCode) => {
    // A second signal means: now.
    if (isStopping) process.exit(exitCode === 0 ? 1 : exitCode);
    isStopping = true;
    process.exitCode = exitCode;
    const lastResort = setTimeout(() => process.exit(exitCode === 0 ? 1 : exitCode), STOP_DEADLINE_MS);
    lastResort.unref();
    service.stop().then(
      () => process.exit(),
      (thrown: unknown) => {
        log.error({ event: 'service.stop_failed', err: thrown }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  const crash = (thrown: unknown): void => {
    log.error({ event: 'service.crashed', err: thrown }, 'an unexpected error ended the service');
    log.flush();
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  try {
    await service.start();
  } catch (thrown) {
    log.error({ event: 'service.not_started', err: thrown }, 'the service cannot listen');
    stop(1);
  }
}
