import type { Problem } from './problems.js';
import { readSettingFile } from './read-values.js';

/**
 * Checks that depend on other settings. A missing value becomes a problem and an empty text, so that one pass finds
 * every problem; the empty text never leaves `loadSettings`, which throws when there was one.
 */
export class Requirements {
  readonly #problems: Problem[];

  constructor(problems: Problem[]) {
    this.#problems = problems;
  }

  /** The value, or a problem that says what was expected, unless one about this setting is known already. */
  need(setting: string, value: string | undefined, expected: string): string {
    if (value !== undefined) return value;
    const isKnown = this.#problems.some((known) => known.setting === setting || known.setting === `${setting}_FILE`);
    if (!isKnown) this.#problems.push({ setting, expected });
    return '';
  }

  /** The text of the file that the value names, or a problem. */
  needFile(setting: string, path: string | undefined, expected: string): string {
    const named = this.need(setting, path, expected);
    return named === '' ? '' : (readSettingFile(setting, named, this.#problems) ?? '');
  }
}
