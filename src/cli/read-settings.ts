import { loadSettings, type Settings, SettingsError } from '../config/index.js';
import type { Terminal } from './command.js';

/** The settings of the environment, as the service reads them; undefined after saying what is wrong with them. */
export function readSettings({ environment, say }: Pick<Terminal, 'environment' | 'say'>): Settings | undefined {
  try {
    return loadSettings(environment);
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    say(`${thrown.message}\n`);
    return undefined;
  }
}
