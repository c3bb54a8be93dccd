import type { Command } from './command.js';
import { configCommands } from './config-commands.js';
import { doctorCommands } from './doctor/doctor-commands.js';
import { eventCommands } from './events/event-commands.js';
import { importCommands } from './import/import-command.js';
import { keysCommands } from './keys/keys-commands.js';
import { mappingCommands } from './mapping/mapping-commands.js';
import { migrateCommands } from './migrate/migrate-commands.js';
import { openhimCommands } from './openhim/openhim-commands.js';
import { reconcileCommands } from './reconcile/reconcile-command.js';
import { systemClientCommands } from './system-client/system-client-commands.js';
import { systemsCommands } from './systems-command.js';

/** Every command; a group is a file of its own. */
export const COMMANDS: readonly Command[] = [
  ...configCommands,
  ...doctorCommands,
  ...systemsCommands,
  ...mappingCommands,
  ...eventCommands,
  ...openhimCommands,
  ...systemClientCommands,
  ...migrateCommands,
  ...reconcileCommands,
  ...importCommands,
  ...keysCommands,
];
