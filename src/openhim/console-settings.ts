import { z } from 'zod';
import type { LogLevel } from '../telemetry/index.js';

/** What an operator can change in the OpenHIM console; undefined: not set there. One member for each configDef. */
export interface ConsoleSettings {
  readonly logLevel: LogLevel | undefined;
}

const LogLevelValue = z.enum(['debug', 'info', 'warn', 'error']);

/**
 * Reads the config that core holds. A value equal to the one shipped in `mediator.json` counts as not set, because core
 * always returns its whole config; so does one that is not valid, as core checks little (openhim.md 1.4).
 */
export function readConsoleSettings(
  config: Readonly<Record<string, unknown>>,
  shipped: Readonly<Record<string, unknown>>,
): ConsoleSettings {
  const level = LogLevelValue.safeParse(config['logLevel']);
  return { logLevel: level.success && level.data !== shipped['logLevel'] ? level.data : undefined };
}
