import { loadSettings, SettingsError } from '../config/index.js';
import { type Command, EXIT, UsageError } from './command.js';

/** `config check`. */
export const configCommands: readonly Command[] = [
  {
    name: 'config check',
    synopsis: '',
    summary: 'reads the settings from the environment as the service would and says what is wrong with them',
    run(args, terminal) {
      if (args.length > 0) throw new UsageError('This command takes no arguments.');
      try {
        const { warnings } = loadSettings(terminal.environment);
        terminal.out(['The settings are valid.', ...warnings.map((warning) => `  warning: ${warning}`), ''].join('\n'));
        return EXIT.ok;
      } catch (thrown) {
        if (!(thrown instanceof SettingsError)) throw thrown;
        terminal.say(`${thrown.message}\n`);
        return EXIT.settings;
      }
    },
  },
];
