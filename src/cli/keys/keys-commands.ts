import type { Settings } from '../../config/index.js';
import { type KeyRotation, openKeyRotation } from '../../pipeline/index.js';
import { createLogger } from '../../telemetry/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { readSettings } from '../read-settings.js';

const HELP = `Reads its settings from the environment, as the service does. With the embedded store the service must be stopped, with
PostgreSQL it may run. The first key of DATA_ENCRYPTION_KEY writes, all of them read.
`;

const ROTATE_HELP = `${HELP}
To exchange the key: put the new one first, restart every instance, run this command, and take the old one out once
"keys list" no longer names it. It can be interrupted and run again. The exit code is 1 when something could not be
read: its key is missing from DATA_ENCRYPTION_KEY.
`;

const ACTOR = 'keys rotate (command)';

type Work = (rotation: KeyRotation, settings: Settings) => Promise<number>;

async function withStore(args: readonly string[], terminal: Terminal, work: Work): Promise<number> {
  if (args.length > 0) throw new UsageError('This command takes no arguments.');
  const settings = readSettings(terminal);
  if (settings === undefined) return EXIT.settings;
  // Standard output is for the result.
  const log = createLogger('error', { write: (line) => terminal.say(line) });
  const rotation = await openKeyRotation({ log }, settings);
  try {
    return await work(rotation, settings);
  } finally {
    await rotation.close();
  }
}

/** Each key with what it is for, and how much is encrypted with it. */
async function listKeys(terminal: Terminal, rotation: KeyRotation, { keys }: Settings): Promise<void> {
  const [writing] = keys.encryption;
  const uses = new Map((await rotation.inUse()).map(({ keyId, count }) => [keyId, count]));
  const given = new Set(keys.encryption.map(({ id }) => id));
  const ids = [...given, ...[...uses.keys()].filter((id) => !given.has(id))];
  const width = Math.max(...ids.map((id) => id.length));
  for (const id of ids) {
    const role = id === writing.id ? 'writes' : given.has(id) ? 'reads' : 'MISSING from DATA_ENCRYPTION_KEY';
    terminal.out(`${id.padEnd(width)}  ${String(uses.get(id) ?? 0).padStart(9)}  ${role}\n`);
  }
}

/** `keys list`, `keys rotate`. */
export const keysCommands: readonly Command[] = [
  {
    name: 'keys list',
    synopsis: '',
    summary: 'says which encryption keys are in use, and for how many texts',
    help: HELP,
    run: (args, terminal) =>
      withStore(args, terminal, async (rotation, settings) => {
        await listKeys(terminal, rotation, settings);
        return EXIT.ok;
      }),
  },
  {
    name: 'keys rotate',
    synopsis: '',
    summary: 'encrypts all personal data anew with the first key of DATA_ENCRYPTION_KEY',
    help: ROTATE_HELP,
    run: (args, terminal) =>
      withStore(args, terminal, async (rotation, settings) => {
        const { resealed, moved, unreadable } = await rotation.rotate(ACTOR);
        terminal.say(`Encrypted anew: ${resealed}. Changed meanwhile: ${moved}. Unreadable: ${unreadable}.\n`);
        await listKeys(terminal, rotation, settings);
        return moved === 0 && unreadable === 0 ? EXIT.ok : EXIT.failed;
      }),
  },
];
