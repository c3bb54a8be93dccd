import { readFileSync } from 'node:fs';
import { MediatorError } from '../../errors/index.js';
import { openPendingImport } from '../../pipeline/index.js';
import { systemClock } from '../../runtime/index.js';
import { createLogger } from '../../telemetry/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { fileIn } from '../file-argument.js';
import { parseOptions } from '../options.js';
import { readSettings } from '../read-settings.js';
import { migratedTable } from './migrated-table.js';
import { readPendingRows } from './pending-rows.js';
import { type MigratedRow, takeOverRow } from './take-over.js';

const OPTIONS = { 'dry-run': { type: 'boolean' }, deaths: { type: 'string' } } as const;
const VALUES = new Set(['--deaths']);

const HELP = `Reads the SQLite file of a stopped opencrvs/mosip (SQLITE_DATABASE_PATH there) and takes its pending registrations over,
each under the transaction id by which MOSIP knows it: its credential settles it here. The file is not changed, and
running the command again changes nothing. Settings are read from the environment, as the service reads them; with the
embedded store the service must be stopped, with PostgreSQL it may run.

  --dry-run        says what would be done, and does nothing
  --deaths FILE    the registrations that are deaths, one registration number or transaction id a line: the old
                   database does not tell them from births

  taken over       waits for its credential; OpenCRVS is answered with the stored token
  already there    was taken over before
  expired token    taken over, but OpenCRVS cannot be answered until the registration is registered again there
  unreadable       the same, as its token cannot be read; without an id or a number the row is not taken over
  sent again       was registered again here and sent to MOSIP under another id: it may get two identities

The exit code is 1 when a row is unreadable or was sent again. More: docs/migrate-from-opencrvs-mosip.md.
`;

/** Lines of the file that say something. */
function readDeaths(file: string | undefined): ReadonlySet<string> {
  if (file === undefined) return new Set();
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return new Set(lines.map((line) => line.trim()).filter((line) => line !== ''));
  } catch (cause) {
    throw new MediatorError('request_invalid', { message: 'The file given with --deaths cannot be read.', cause });
  }
}

async function migrate(args: readonly string[], terminal: Terminal): Promise<number> {
  const { file, others } = fileIn(args, VALUES);
  if (file === undefined) throw new UsageError('The file of the old database is missing.');
  const options = parseOptions(others, OPTIONS);
  const dryRun = options['dry-run'] ?? false;
  const deaths = readDeaths(options.deaths);
  const rows = readPendingRows(file);
  const settings = readSettings(terminal);
  if (settings === undefined) return EXIT.settings;
  if (settings.nationalId.system !== 'mosip') {
    terminal.say('Only a mediator with NATIONAL_ID_SYSTEM=mosip can take over.\n');
    return EXIT.settings;
  }

  // Standard output is for the table.
  const log = createLogger('error', { write: (line) => terminal.say(line) });
  const imported = await openPendingImport({ log }, settings, { system: settings.nationalId.system });
  const migrated: MigratedRow[] = [];
  try {
    for (const row of rows) migrated.push(await takeOverRow({ clock: systemClock, imported }, row, { dryRun, deaths }));
  } finally {
    await imported.close();
  }
  terminal.out(migratedTable(migrated));
  if (dryRun) terminal.say('This was a dry run: nothing was taken over.\n');
  const isClean = migrated.every(({ result }) => result !== 'unreadable' && result !== 'sent again');
  return isClean ? EXIT.ok : EXIT.failed;
}

/** `migrate opencrvs-mosip`. */
export const migrateCommands: readonly Command[] = [
  {
    name: 'migrate opencrvs-mosip',
    synopsis: 'FILE.db [--dry-run] [--deaths FILE]',
    summary: 'takes over what an opencrvs/mosip has sent to MOSIP and waits for',
    help: HELP,
    run: migrate,
  },
];
