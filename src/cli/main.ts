#!/usr/bin/env node
import { loadSettings, SettingsError } from '../config/index.js';

const USAGE = `Usage: national-id-mediator config check

  config check   reads the settings from the environment as the service would and says what is wrong with them
`;

/** Exit codes: 0 fine, 64 wrong usage (EX_USAGE), 78 faulty settings (EX_CONFIG). */
function main(args: readonly string[]): number {
  if (args.join(' ') !== 'config check') {
    process.stderr.write(USAGE);
    return 64;
  }
  try {
    const { warnings } = loadSettings(process.env);
    process.stdout.write(
      ['The settings are valid.', ...warnings.map((warning) => `  warning: ${warning}`), ''].join('\n'),
    );
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof SettingsError)) throw thrown;
    process.stderr.write(`${thrown.message}\n`);
    return 78;
  }
}

process.exitCode = main(process.argv.slice(2));
