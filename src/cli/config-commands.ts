import { type Command, EXIT, UsageError } from './command.js';
import { readSettings } from './read-settings.js';

/** `config check`. */
export const configCommands: readonly Command[] = [
  {
    name: 'config check',
    synopsis: '',
    summary: 'reads the settings from the environment as the service would and says what is wrong with them',
    run(args, terminal) {
      if (args.length > 0) throw new UsageError('This command takes no arguments.');
      const settings = readSettings(terminal);
      if (settings === undefined) return EXIT.settings;
      const warnings = settings.warnings.map((warning) => `  warning: ${warning}`);
      terminal.out(['The settings are valid.', ...warnings, ''].join('\n'));
      return EXIT.ok;
    },
  },
];
