import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import type { Problem } from './problems.js';
import { DEFINITIONS, type Definition, type SettingName, type Values } from './settings/index.js';

/** Where a value comes from; each wins over those before it. */
export type SettingSource = 'default' | 'file' | 'environment' | 'console';

/** All settings under their flat names, and where each comes from. */
export interface ReadSettings {
  readonly values: Values;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const ConfigFile = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const NAMES = Object.keys(DEFINITIONS) as SettingName[];

/** Every name a file may hold: a setting, its other spellings, and `_FILE` for a secret. */
function knownNames(): Set<string> {
  return new Set(
    NAMES.flatMap((name) => {
      const definition: Definition = DEFINITIONS[name];
      const spellings = [name, ...definition.aliases];
      return definition.secret ? [...spellings, ...spellings.map((spelling) => `${spelling}_FILE`)] : spellings;
    }),
  );
}

/** Reads a file named by a setting; undefined and a problem when it cannot be read or is empty. */
export function readSettingBytes(setting: string, path: string, problems: Problem[]): Buffer | undefined {
  try {
    const content = readFileSync(path);
    if (content.length > 0) return content;
    problems.push({ setting, expected: 'a file that is not empty' });
    return undefined;
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unreadable';
    problems.push({ setting, expected: `a readable file (${code})` });
    return undefined;
  }
}

/** The same for a file of text; one of blanks only is empty too. */
export function readSettingFile(setting: string, path: string, problems: Problem[]): string | undefined {
  const content = readSettingBytes(setting, path, problems)?.toString('utf8');
  if (content?.trim() !== '') return content;
  problems.push({ setting, expected: 'a file that is not empty' });
  return undefined;
}

/** YAML is read as texts only: a number such as 00042 keeps its zeros. */
function parseConfigFile(path: string, raw: string): unknown {
  return /\.ya?ml$/i.test(path) ? parseYaml(raw, { schema: 'failsafe' }) : JSON.parse(raw);
}

function readConfigFile(path: string | undefined, problems: Problem[]): Environment {
  if (path === undefined || path === '') return {};
  const raw = readSettingFile('CONFIG_FILE', path, problems);
  if (raw === undefined) return {};
  let parsed: ReturnType<typeof ConfigFile.safeParse>;
  try {
    parsed = ConfigFile.safeParse(parseConfigFile(path, raw));
  } catch {
    problems.push({ setting: 'CONFIG_FILE', expected: 'a file holding valid JSON, or YAML in a .yaml file' });
    return {};
  }
  if (!parsed.success) {
    problems.push({
      setting: 'CONFIG_FILE',
      expected: 'one object of setting names with texts, numbers or true/false',
    });
    return {};
  }
  const known = knownNames();
  for (const name of Object.keys(parsed.data)) {
    if (!known.has(name)) problems.push({ setting: `CONFIG_FILE: ${name}`, expected: 'a known setting name' });
  }
  return Object.fromEntries(Object.entries(parsed.data).map(([name, value]) => [name, String(value)]));
}

/** A secret under this name, or in the file that NAME_FILE names; an empty text counts as not given. */
function lookUpSecret(name: string, source: Environment, problems: Problem[]): string | undefined {
  const given = source[name];
  if (given !== undefined && given !== '') return given;
  const path = source[`${name}_FILE`];
  if (path === undefined || path === '') return undefined;
  return readSettingFile(`${name}_FILE`, path, problems)?.replace(/\r?\n$/, '');
}

/** The text given for a setting in one source, under any of its names; an empty text counts as not given. */
function lookUp(name: SettingName, source: Environment, problems: Problem[]): string | undefined {
  const definition: Definition = DEFINITIONS[name];
  for (const spelling of [name, ...definition.aliases]) {
    const given = definition.secret ? lookUpSecret(spelling, source, problems) : source[spelling];
    if (given !== undefined && given !== '') return given;
  }
  return undefined;
}

/**
 * A secret that a file of the deployment names. Never one of our own settings: such a file must not be able to send them
 * elsewhere.
 */
export function readForeignSecret(name: string, environment: Environment, problems: Problem[]): string | undefined {
  return knownNames().has(name) ? undefined : lookUpSecret(name, environment, problems);
}

/** Reads every setting: shipped defaults < `CONFIG_FILE` < environment. Faults are added to `problems`. */
export function readValues(environment: Environment, problems: Problem[]): ReadSettings {
  const file = readConfigFile(environment['CONFIG_FILE'], problems);
  const values: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const name of NAMES) {
    const definition: Definition = DEFINITIONS[name];
    const fromEnvironment = lookUp(name, environment, problems);
    const given = fromEnvironment ?? lookUp(name, file, problems);
    const parsed = definition.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else {
      problems.push({ setting: name, expected: definition.expects });
      values[name] = definition.schema.safeParse(undefined).data;
    }
    const below = given === undefined ? 'default' : 'file';
    sources[name] = fromEnvironment === undefined ? below : 'environment';
  }
  // Each value was produced by its own definition's schema, under its own name.
  return { values, sources } as unknown as ReadSettings;
}
