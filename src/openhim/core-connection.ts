import { isDeepStrictEqual } from 'node:util';
import type { OpenHimSettings } from '../config/index.js';
import { MediatorError, toMediatorError } from '../errors/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';
import type { MediatorConfig } from './mediator-config.js';
import { createMediatorUtils, type HeartbeatAnswer } from './mediator-utils.js';
import { copyFault } from './registered-copy.js';

export interface CoreConnectionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** 0 to 1; spreads the retries of several instances. */
  readonly random?: () => number;
}

export interface CoreConnection {
  /** Begins in the background and returns at once. */
  start(): void;
  /** Ends a call in hand. Harmless twice, or before the start. */
  stop(): Promise<void>;
}

const LONGEST_WAIT_MS = 60_000;

/** Wait before try number `failures + 1` of the registration: 1 to 2 s at first, doubling to at most a minute. */
function retryWaitMs(failures: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, 2_000 * 2 ** (failures - 1));
  return (ceiling / 2) * (1 + random());
}

/**
 * Keeps this mediator registered with OpenHIM core and alive in its console, for as long as it runs and whatever core
 * does: nothing here throws, and core being away only degrades the health.
 *
 * Every beat asks for the config, because core pushes a change at most once and may lose it (openhim.md section 2).
 * `onConfig` gets what core holds after the first beat, and again whenever it has changed; core does not validate it.
 */
export function createCoreConnection(
  deps: CoreConnectionDeps,
  settings: Omit<OpenHimSettings, 'reportOutcome'>,
  mediatorConfig: MediatorConfig,
  onConfig: (config: Readonly<Record<string, unknown>>) => void,
): CoreConnection {
  const { clock, log, metrics, random = Math.random } = deps;
  const check = deps.health.check('openhim', 'unknown', 'OpenHIM core has not been called yet.');
  const copyCheck = deps.health.check('openhim-copy', 'unknown', 'This mediator is not registered yet.');
  const core = createMediatorUtils(settings);
  let isRegistered = false;
  let failures = 0;
  let lastFault: string | undefined;
  let lastConfig: unknown;
  let repeater: Repeater | undefined;

  const register = async (signal: AbortSignal): Promise<void> => {
    isRegistered = false;
    await core.registerMediator(mediatorConfig, signal);
    const fault = copyFault(await core.fetchMediator(mediatorConfig.urn, signal), mediatorConfig);
    copyCheck.report(fault === undefined ? 'ok' : 'degraded', fault);
    if (fault !== undefined) log.warn({ event: 'openhim.copy_differs', peer: 'openhim' }, fault);
    isRegistered = true;
    log.info({ event: 'openhim.registered', peer: 'openhim' }, 'registered with OpenHIM core');
  };

  const beat = async (signal: AbortSignal): Promise<HeartbeatAnswer> => {
    try {
      const answer = await core.fetchConfig(mediatorConfig.urn, signal);
      metrics.heartbeat.inc({ outcome: answer.known ? 'ok' : 'unknown_mediator' });
      return answer;
    } catch (thrown) {
      if (!signal.aborted) metrics.heartbeat.inc({ outcome: toMediatorError(thrown).code });
      throw thrown;
    }
  };

  const applyConfig = (config: Readonly<Record<string, unknown>>): void => {
    if (isDeepStrictEqual(config, lastConfig)) return;
    lastConfig = config;
    try {
      onConfig(config);
    } catch (thrown) {
      log.error({ event: 'openhim.config_failed', peer: 'openhim', err: thrown }, 'config of the console not applied');
    }
  };

  const reportWell = (): void => {
    check.report('ok');
    if (lastFault !== undefined) log.info({ event: 'openhim.recovered', peer: 'openhim' }, 'OpenHIM core is back');
    lastFault = undefined;
    failures = 0;
  };

  const reportFault = (error: MediatorError): void => {
    check.report('degraded', error.message);
    if (lastFault !== error.message) {
      log.warn({ event: 'openhim.failed', peer: 'openhim', err: error }, 'OpenHIM core cannot be used, will retry');
    }
    lastFault = error.message;
    failures += 1;
  };

  const run = async (signal: AbortSignal): Promise<number> => {
    try {
      if (!isRegistered) await register(signal);
      let answer = await beat(signal);
      if (!answer.known) {
        // Deleted in the console, or core has a new database (openhim.md section 2).
        await register(signal);
        answer = await beat(signal);
      }
      if (!answer.known) {
        isRegistered = false;
        throw new MediatorError('peer_misconfigured', {
          message: 'OpenHIM core does not know the mediator that it has just registered.',
        });
      }
      reportWell();
      applyConfig(answer.config);
    } catch (thrown) {
      if (!signal.aborted) reportFault(toMediatorError(thrown));
    }
    return isRegistered ? settings.heartbeatMs : retryWaitMs(failures, random);
  };

  return {
    start() {
      repeater ??= repeat(clock, run);
    },
    async stop() {
      await repeater?.stop();
      core.close();
    },
  };
}
