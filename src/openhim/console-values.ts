import { isDeepStrictEqual } from 'node:util';
import { type ConsoleValues, DEFINITIONS, type Definition, type Problem, type SettingName } from '../config/index.js';

/** What core writes in the place of a password (openhim.md section 3). */
const MASK = '*'.repeat(10);

/** Settings by their names in the console. */
const NAME_OF: ReadonlyMap<string, SettingName> = new Map(
  // The names are those of the definitions.
  (Object.keys(DEFINITIONS) as SettingName[]).flatMap((name) => {
    const { console: param }: Definition = DEFINITIONS[name];
    return param === undefined ? [] : [[param, name] as const];
  }),
);

/** The name of a setting as the console shows it. */
export function consoleName(setting: string): string {
  const definition: Definition | undefined = Object.hasOwn(DEFINITIONS, setting)
    ? DEFINITIONS[setting as SettingName]
    : undefined;
  return definition?.console ?? setting;
}

/** Undefined: no value that a setting could have. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== MASK ? value.trim() : undefined;
}

/**
 * The values that an operator has set, from the config that core holds. A value that is empty, or equal to the one
 * shipped in `mediator.json`, counts as not set: core always returns its whole config, and checks little of it (openhim.md
 * 1.4). What is no value at all is added to `problems`.
 */
export function readConsoleValues(
  config: Readonly<Record<string, unknown>>,
  shipped: Readonly<Record<string, unknown>>,
  problems: Problem[],
): ConsoleValues {
  const values: Partial<Record<SettingName, string>> = {};
  for (const [param, value] of Object.entries(config)) {
    const name = NAME_OF.get(param);
    const isUnset = value === null || value === undefined || isDeepStrictEqual(value, shipped[param]);
    if (isUnset) continue;
    const text = asText(value);
    if (name === undefined) problems.push({ setting: param, expected: 'a setting that this version has' });
    else if (text === undefined) problems.push({ setting: name, expected: DEFINITIONS[name].expects });
    else if (text !== '') values[name] = text;
  }
  return values;
}
