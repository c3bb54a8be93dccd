import { describeSystems, type SystemDescription } from '../national-id/index.js';
import { createOutboundClient } from '../outbound/index.js';
import { systemClock } from '../runtime/index.js';
import { createHealth, createLogger, createMetrics } from '../telemetry/index.js';
import { type Command, EXIT } from './command.js';
import { parseOptions } from './options.js';
import { readSettings } from './read-settings.js';

const NOT_VALID = 'The settings are not valid, so no system counts as configured: `config check` says why.\n';

function lineOf({ name, configured, current, capabilities, biometrics }: SystemDescription): string {
  const standing = current ? 'new events go to it' : 'configured';
  return `${name.padEnd(6)} ${(configured ? standing : 'not configured').padEnd(20)} ${capabilities.join(', ')}; biometrics: ${biometrics}\n`;
}

/** `systems`. */
export const systemsCommands: readonly Command[] = [
  {
    name: 'systems',
    synopsis: '[--json]',
    summary: 'lists the national ID systems, what each can do, and which are configured',
    help: 'Reads the settings from the environment as the service would, and calls nothing.\n',
    async run(args, terminal) {
      const { json } = parseOptions(args, { json: { type: 'boolean' } });
      const settings = readSettings({ ...terminal, say: () => terminal.say(NOT_VALID) });
      const metrics = createMetrics();
      const outbound = createOutboundClient({ clock: systemClock, metrics });
      const log = createLogger('error');
      const deps = { outbound, clock: systemClock, log, metrics, health: createHealth(systemClock) };
      try {
        const systems = await describeSystems(deps, settings);
        terminal.out(json === true ? `${JSON.stringify({ systems })}\n` : systems.map(lineOf).join(''));
      } finally {
        await outbound.close();
      }
      return EXIT.ok;
    },
  },
];
