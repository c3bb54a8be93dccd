import type { Command } from './command.js';
import { configCommands } from './config-commands.js';
import { migrateCommands } from './migrate/migrate-commands.js';
import { systemClientCommands } from './system-client/system-client-commands.js';

/** Every command; a group is a file of its own. */
export const COMMANDS: readonly Command[] = [...configCommands, ...systemClientCommands, ...migrateCommands];
