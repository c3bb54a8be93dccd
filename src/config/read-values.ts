import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Problem } from './problems.js';
import { DEFINITIONS, type Definition, type SettingName, type Values } from './settings/index.js';

type Environment = Readonly<Record<string, string | undefined>>;

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

/** Reads a file named by a setting; undefined and a problem when it cannot be read or says nothing. */
export function readSettingFile(setting: string, path: string, problems: Problem[]): string | undefined {
  try {
    const content = readFileSync(path, 'utf8');
    if (content.trim() !== '') return content;
    problems.push({ setting, expected: 'a file that is not empty' });
    return undefined;
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code ?? 'unreadable';
    problems.push({ setting, expected: `a readable file (${code})` });
    return undefined;
  }
}

function readConfigFile(path: string | undefined, problems: Problem[]): Environment {
  if (path === undefined || path === '') return {};
  const raw = readSettingFile('CONFIG_FILE', path, problems);
  if (raw === undefined) return {};
  let parsed: ReturnType<typeof ConfigFile.safeParse>;
  try {
    parsed = ConfigFile.safeParse(JSON.parse(raw));
  } catch {
    problems.push({ setting: 'CONFIG_FILE', expected: 'a file holding valid JSON' });
    return {};
  }
  if (!parsed.success) {
    problems.push({
      setting: 'CONFIG_FILE',
      expected: 'one JSON object of setting names with texts, numbers or true/false',
    });
    return {};
  }
  const known = knownNames();
  for (const name of Object.keys(parsed.data)) {
    if (!known.has(name)) problems.push({ setting: `CONFIG_FILE: ${name}`, expected: 'a known setting name' });
  }
  return Object.fromEntries(Object.entries(parsed.data).map(([name, value]) => [name, String(value)]));
}

/** The text given for a setting in one source, under any of its names; an empty text counts as not given. */
function lookUp(name: SettingName, source: Environment, problems: Problem[]): string | undefined {
  const definition: Definition = DEFINITIONS[name];
  for (const spelling of [name, ...definition.aliases]) {
    const given = source[spelling];
    if (given !== undefined && given !== '') return given;
    const path = definition.secret ? source[`${spelling}_FILE`] : undefined;
    if (path !== undefined && path !== '')
      return readSettingFile(`${spelling}_FILE`, path, problems)?.replace(/\r?\n$/, '');
  }
  return undefined;
}

/** Reads every setting: shipped defaults < `CONFIG_FILE` < environment. Faults are added to `problems`. */
export function readValues(environment: Environment, problems: Problem[]): Values {
  const file = readConfigFile(environment['CONFIG_FILE'], problems);
  const values: Record<string, unknown> = {};
  for (const name of NAMES) {
    const definition: Definition = DEFINITIONS[name];
    const given = lookUp(name, environment, problems) ?? lookUp(name, file, problems);
    const parsed = definition.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else {
      problems.push({ setting: name, expected: definition.expects });
      values[name] = definition.schema.safeParse(undefined).data;
    }
  }
  // Each value was produced by its own definition's schema, under its own name.
  return values as Values;
}
