import { MediatorError } from '../errors/index.js';

/** One fault in the settings: the name and what was expected, never the value. */
export interface Problem {
  readonly setting: string;
  readonly expected: string;
}

/** All faults of the settings at once. The process ends with code 78 (EX_CONFIG). */
export class SettingsError extends MediatorError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ setting, expected }) => `  ${setting}: ${expected}`);
    super('settings_invalid', { message: `The settings are not valid:\n${lines.join('\n')}` });
    this.name = 'SettingsError';
    this.problems = problems;
  }
}
