import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { createExportedRecords, createOpenCrvs } from '../../opencrvs/index.js';
import { type Found, LEASE, LEASE_MS, type ReconcileReport, reconcile, underWay } from '../../reconciliation/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { type Options, parseOptions } from '../options.js';
import { type BackfillTools, STORE_HELP, withBackfill } from '../with-backfill.js';
import { reconcileFile } from './reconcile-file.js';

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const OPTIONS = { since: text, until: text, from: text, 'dry-run': flag, json: flag } as const;

const HELP = `Finds the registrations that OpenCRVS has and the mediator has not, and takes them in as if they were delivered: one that
is delivered later is then a repeat. They are listed by the client of OPENCRVS_SEARCH_CLIENT_ID (1.5 to 1.9) or with
OPENCRVS_READ_MORE=events (2.x); elsewhere an export of OpenCRVS takes the place of the list. It is also the way back for
records whose encryption key is lost. More: docs/reconciliation.md.

  --since DATE     the first day (YYYY-MM-DD, UTC)
  --until DATE     the last day; default today
  --from FILE      instead of both: an export, one record a line in the forms that \`import\` takes
  --dry-run        says what is missing, and takes nothing in
  --json           prints JSON for a script

  taken            was not here, and is taken in
  missing          the same in a dry run
  unreadable       OpenCRVS has it in a form that the mediator cannot read
  left             is neither a birth nor a death, or is registered no longer

The exit code is 1 when something is unreadable, or when it ended early: started again, it finds the rest.

${STORE_HELP}`;

const NOT_POSSIBLE =
  'OpenCRVS does not let registrations be listed with these settings (neither OPENCRVS_SEARCH_CLIENT_ID nor OPENCRVS_READ_MORE=events is set): give an export with --from.';

function dayIn(name: string, given: string): Date {
  if (!z.iso.date().safeParse(given).success) throw new UsageError(`--${name} is a day: YYYY-MM-DD.`);
  return new Date(`${given}T00:00:00Z`);
}

/** The days that are asked for; undefined where a file is given. */
function daysOf(
  { since, until, from }: Options<typeof OPTIONS>,
  now: number,
): { readonly since: Date; readonly until: Date } | undefined {
  if (from !== undefined) {
    if (since === undefined && until === undefined) return undefined;
    throw new UsageError('--from takes neither --since nor --until.');
  }
  if (since === undefined) throw new UsageError('One is wanted: --since DATE or --from FILE.');
  const days = { since: dayIn('since', since), until: until === undefined ? new Date(now) : dayIn('until', until) };
  if (days.since > days.until) throw new UsageError('--since is after --until.');
  return days;
}

/** Lists what OpenCRVS has between the days, while no other process does. */
async function reconcileDays(
  { backfill, settings, common }: BackfillTools,
  options: Parameters<typeof reconcile>[1],
  onFound: (found: Found) => void,
): Promise<ReconcileReport> {
  const opencrvs = createOpenCrvs(common, settings.opencrvs, settings.mappingsDir, settings.documents);
  const holder = `command ${randomUUID()}`;
  const mayGoOn = (): Promise<boolean> => backfill.hold(LEASE, holder, LEASE_MS);
  try {
    const { registrationList: source } = opencrvs;
    if (source === undefined) throw new MediatorError('not_configured', { message: NOT_POSSIBLE });
    if (!(await mayGoOn())) throw underWay();
    return await reconcile({ source, here: backfill, mayGoOn, onFound }, options, new AbortController().signal);
  } finally {
    await backfill.release(LEASE, holder);
    await opencrvs.stop();
  }
}

const foundText = ({ result, type, registrationNumber, trackingId }: Found): string =>
  `${result.padEnd(10)}  ${type.padEnd(6)}  ${registrationNumber}${trackingId === undefined ? '' : `  ${trackingId}`}\n`;

function reportText({ listed, here, taken, missing, unreadable, left }: ReconcileReport): string {
  return `listed: ${listed}, here: ${here}, taken: ${taken}, missing: ${missing}, unreadable: ${unreadable}, left: ${left}\n`;
}

async function runReconcile(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parseOptions(args, OPTIONS);
  const days = daysOf(options, Date.now());
  const dryRun = options['dry-run'] === true;
  const isJson = options.json === true;
  return withBackfill(terminal, 'Found by a reconciliation (command).', async (tools) => {
    const { mappingsDir, documents } = tools.settings;
    const found: Found[] = [];
    const onFound = (one: Found): void => {
      if (isJson) found.push(one);
      else terminal.out(foundText(one));
    };
    const report =
      days === undefined
        ? await reconcileFile(
            { here: tools.backfill, records: createExportedRecords(mappingsDir, documents), onFound },
            { file: options.from ?? '', dryRun },
          )
        : await reconcileDays(tools, { ...days, dryRun }, onFound);
    terminal.out(isJson ? `${JSON.stringify({ ...report, found })}\n` : reportText(report));
    if (report.endedBy !== undefined) terminal.say(`It ended early: ${report.endedBy.reason}\n`);
    return report.endedBy === undefined && report.unreadable === 0 ? EXIT.ok : EXIT.failed;
  });
}

/** `reconcile`. */
export const reconcileCommands: readonly Command[] = [
  {
    name: 'reconcile',
    synopsis: '(--since DATE [--until DATE] | --from FILE.ndjson) [--dry-run] [--json]',
    summary: 'takes in the registrations that OpenCRVS has and that never came',
    help: HELP,
    run: runReconcile,
  },
];
