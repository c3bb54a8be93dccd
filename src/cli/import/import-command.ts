import { createExportedRecords } from '../../opencrvs/index.js';
import { type Command, EXIT, type Terminal, UsageError } from '../command.js';
import { fileIn } from '../file-argument.js';
import { parseOptions } from '../options.js';
import { STORE_HELP, withBackfill } from '../with-backfill.js';
import { type ImportReport, importFile } from './import-file.js';
import { createProgress } from './progress.js';

const OPTIONS = { rate: { type: 'string' }, json: { type: 'boolean' } } as const;
const VALUES = new Set(['--rate']);

const HELP = `Each line of FILE is one registration: the body of a webhook, a FHIR Bundle, an EventDocument of OpenCRVS 1.9 and later,
or an event in the mediator's own form (docs/mappings.md). Each is taken in as if it were delivered now, under the same
key: one that is here already starts nothing. A run that was ended early goes on where it was when it is started again
with the same file; the file is not changed, and holds personal data: remove it afterwards.

  --rate N         so many lines in a second at most; also as N/s
  --json           prints JSON for a script

Lines that cannot be taken are told by their number and the reason, never by their content. The exit code is 1 when
there are any.

${STORE_HELP}`;

function rateOf(rate: string | undefined): number | undefined {
  if (rate === undefined) return undefined;
  const [, digits] = /^([1-9]\d{0,5})(?:\/s)?$/.exec(rate) ?? [];
  if (digits === undefined) throw new UsageError('--rate is a whole number from 1 to 999999.');
  return Number(digits);
}

function reportText({ lines, taken, known, rejected, rejectedLines, resumedAfter }: ImportReport): string {
  return [
    ...(resumedAfter === 0 ? [] : [`Went on after line ${resumedAfter}.`]),
    `lines: ${lines}, taken in: ${taken}, already here: ${known}, rejected: ${rejected}`,
    ...rejectedLines.map(({ line, code, reason }) => `  line ${line}: ${code}: ${reason}`),
    ...(rejected > rejectedLines.length ? ['  and more'] : []),
    '',
  ].join('\n');
}

async function runImport(args: readonly string[], terminal: Terminal): Promise<number> {
  const { file, others } = fileIn(args, VALUES);
  if (file === undefined) throw new UsageError('The file is missing.');
  const { rate, json } = parseOptions(others, OPTIONS);
  const perSecond = rateOf(rate);
  return withBackfill(terminal, 'Imported from a file.', async ({ backfill, settings, common: { clock } }) => {
    const records = createExportedRecords(settings.mappingsDir, settings.documents);
    const progress = createProgress(clock, terminal);
    const deps = { backfill, records, clock, onProgress: progress.show };
    const report = await importFile(deps, { file, perSecond }).finally(progress.end);
    terminal.out(json === true ? `${JSON.stringify(report)}\n` : reportText(report));
    return report.rejected === 0 ? EXIT.ok : EXIT.failed;
  });
}

/** `import`. */
export const importCommands: readonly Command[] = [
  {
    name: 'import',
    synopsis: 'FILE.ndjson [--rate N] [--json]',
    summary: 'takes in historic registrations from a file, behind what is delivered meanwhile',
    help: HELP,
    run: runImport,
  },
];
