import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type ConsoleValues, type Problem, type SettingName, type Settings, SettingsError } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { Health, Logger } from '../telemetry/index.js';
import { consoleName, readConsoleValues } from './console-values.js';

export interface ConsoleSettingsDeps {
  readonly log: Logger;
  readonly health: Health;
  /**
   * Puts changed settings into effect.
   *
   * @throws MediatorError when it cannot; nothing has changed then
   */
  readonly apply: (settings: Settings) => void;
}

/** Keeps what the console said for the next start, when core may be away. */
export interface ConsoleMemory {
  read(): Promise<unknown>;
  write(config: Readonly<Record<string, unknown>>): Promise<void>;
}

/** The settings under what an operator changes in the OpenHIM console while the service runs. */
export interface ConsoleSettings {
  /** As they are now. */
  current(): Settings;
  /** What the console holds and does not count. */
  refused(): readonly Problem[];
  /** Takes the config that core holds. A bad value is reported, and the last good one stays. */
  take(config: Readonly<Record<string, unknown>>): void;
  /** Takes what was remembered, unless core was faster; from then on all that core says is remembered. */
  remember(memory: ConsoleMemory): Promise<void>;
}

const Config = z.record(z.string(), z.unknown());

/** `shipped`: the values of `mediator.json`. Health check `console-settings`. */
export function createConsoleSettings(
  { log, health, apply }: ConsoleSettingsDeps,
  deployment: Settings,
  shipped: Readonly<Record<string, unknown>>,
): ConsoleSettings {
  const check = health.check('console-settings', 'unknown', 'OpenHIM core has not told its settings yet.');
  let settings = deployment;
  let accepted: ConsoleValues = {};
  let refused: readonly Problem[] = [];
  let heard: Readonly<Record<string, unknown>> | undefined;
  let memory: ConsoleMemory | undefined;

  /** The given values with the last good ones in the place of those named. */
  const withoutNamed = (given: ConsoleValues, names: readonly SettingName[]): ConsoleValues => {
    const good = names.map((name) => [name, accepted[name]] as const).filter(([, value]) => value !== undefined);
    const others = Object.entries(given).filter(([name]) => !names.some((named) => named === name));
    return Object.fromEntries([...others, ...good]);
  };

  /** Puts the values into effect, or as many of them as are good. */
  const settle = (given: ConsoleValues, problems: Problem[]): void => {
    try {
      const next = deployment.underConsole(given);
      if (!isDeepStrictEqual(given, accepted)) apply(next);
      settings = next;
      accepted = given;
    } catch (thrown) {
      if (!(thrown instanceof MediatorError)) throw thrown;
      const found = thrown instanceof SettingsError ? thrown.problems : [];
      const told = found.length > 0 ? found : [{ setting: 'all of them', expected: thrown.message }];
      problems.push(...told.filter(({ setting }) => !problems.some((known) => known.setting === setting)));
      // Only these can be at fault: the others are those that were good before.
      const changed = (Object.keys(given) as SettingName[]).filter((name) => given[name] !== accepted[name]);
      const blamed = changed.filter((name) => found.some(({ setting }) => setting === name));
      if (blamed.length > 0) settle(withoutNamed(given, blamed), problems);
    }
  };

  const report = (before: ConsoleValues): void => {
    for (const { setting, expected } of refused) {
      log.warn(
        { event: 'settings.refused', setting, reason: expected },
        'a value of the OpenHIM console does not count',
      );
    }
    // The names are those of the values.
    for (const name of new Set([...Object.keys(before), ...Object.keys(accepted)]) as Set<SettingName>) {
      if (before[name] === accepted[name]) continue;
      log.info({ event: 'settings.changed', setting: name }, 'a setting was changed in the OpenHIM console');
    }
    const faults = refused.map(({ setting, expected }) => `${consoleName(setting)} (expected: ${expected})`);
    if (faults.length === 0) check.report('ok');
    else check.report('degraded', `The last good values stay, as the console holds others: ${faults.join('; ')}.`);
  };

  const keep = async (config: Readonly<Record<string, unknown>>): Promise<void> => {
    try {
      await memory?.write(config);
    } catch (thrown) {
      log.warn(
        { event: 'settings.not_kept', err: thrown },
        'the settings of the console are not kept for the next start',
      );
    }
  };

  const use = (config: Readonly<Record<string, unknown>>): void => {
    const problems: Problem[] = [];
    const before = accepted;
    const read = readConsoleValues(config, shipped, problems);
    const unreadable = problems.map(({ setting }) => setting as SettingName);
    settle(withoutNamed(read, unreadable), problems);
    refused = problems;
    report(before);
  };

  return {
    current: () => settings,
    refused: () => refused,
    take(config) {
      heard = config;
      use(config);
      void keep(config);
    },
    async remember(given) {
      memory = given;
      if (heard !== undefined) return keep(heard);
      const remembered = Config.safeParse(await given.read());
      if (remembered.success && heard === undefined) use(remembered.data);
    },
  };
}
