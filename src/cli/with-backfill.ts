import { loadSettings, type Settings, SettingsError } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import { createNationalIdSystems } from '../national-id/index.js';
import { createOutboundClient } from '../outbound/index.js';
import { type Backfill, openBackfill } from '../pipeline/index.js';
import { type Clock, systemClock } from '../runtime/index.js';
import {
  createHealth,
  createLogger,
  createMetrics,
  type Health,
  type Logger,
  type Metrics,
} from '../telemetry/index.js';
import { EXIT, type Terminal } from './command.js';

/** What a command that takes registrations in works with. */
export interface BackfillTools {
  readonly backfill: Backfill;
  readonly settings: Settings;
  readonly common: {
    readonly outbound: ReturnType<typeof createOutboundClient>;
    readonly clock: Clock;
    readonly log: Logger;
    readonly metrics: Metrics;
    readonly health: Health;
  };
}

export const STORE_HELP = `Settings are read from the environment, as the service reads them. What is taken in is worked on by the service: with
PostgreSQL it may run meanwhile, and what it is delivered goes first; with the embedded store it must be stopped (exit
code 78 otherwise) and goes on at its next start.
`;

const LOCKED = 'The service is running on the embedded store, which one process alone can use: stop it first.\n';

/**
 * Does the work on the store of the settings in the environment. `note`: how what is taken in came here. Settings that
 * are wrong, and a store that is in use, are told, and end with their own exit code.
 */
export async function withBackfill(
  terminal: Terminal,
  note: string,
  work: (tools: BackfillTools) => Promise<number>,
): Promise<number> {
  // Standard output is for the result.
  const log = createLogger('error', { write: (line) => terminal.say(line) });
  const metrics = createMetrics();
  const clock = systemClock;
  const outbound = createOutboundClient({ clock, metrics });
  const common = { outbound, clock, log, metrics, health: createHealth(clock) };
  try {
    const settings = loadSettings(terminal.environment);
    const systems = createNationalIdSystems(common, settings);
    const backfill = await openBackfill({ ...common, systems }, settings, { note });
    try {
      return await work({ backfill, settings, common });
    } finally {
      await backfill.close();
    }
  } catch (thrown) {
    const isSettings = thrown instanceof SettingsError;
    const isLocked = thrown instanceof MediatorError && thrown.code === 'store_locked';
    if (!isSettings && !isLocked) throw thrown;
    terminal.say(isSettings ? `${thrown.message}\n` : LOCKED);
    return EXIT.settings;
  } finally {
    await outbound.close();
  }
}
