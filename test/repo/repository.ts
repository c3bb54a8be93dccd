import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Definition, SECTIONS } from '../../src/config/index.js';

export const ROOT = join(import.meta.dirname, '..', '..');

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Every setting by its name. */
export const SETTINGS: ReadonlyMap<string, Definition> = new Map<string, Definition>(
  Object.values(SECTIONS).flatMap((section) => Object.entries(section)),
);

/** The setting that a variable of the environment sets: by its name, another of its names, or as a file. */
export function settingOf(variable: string): Definition | undefined {
  for (const [name, definition] of SETTINGS) {
    const names = [name, ...definition.aliases];
    if (names.includes(variable)) return definition;
    if (definition.secret && names.some((other) => `${other}_FILE` === variable)) return definition;
  }
  return undefined;
}

/** The value a setting has when nothing is given. */
export function defaultOf(name: string): unknown {
  return SETTINGS.get(name)?.schema.parse(undefined);
}
