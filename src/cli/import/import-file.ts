import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, MediatorError } from '../../errors/index.js';
import type { ExportedRecords } from '../../opencrvs/index.js';
import type { Backfill } from '../../pipeline/index.js';
import type { Clock } from '../../runtime/index.js';
import { fingerprint, inChunks, type Line, linesOf, type Rejected, readLine, START } from './lines.js';

export interface ImportDeps {
  readonly backfill: Pick<Backfill, 'accept' | 'notes'>;
  readonly records: ExportedRecords;
  readonly clock: Clock;
  /** Told after each step. */
  readonly onProgress?: (standing: ImportReport, share: number) => void;
}

export interface ImportOptions {
  readonly file: string;
  /** Most lines in a second; undefined: as fast as it goes. */
  readonly perSecond: number | undefined;
}

export interface ImportReport {
  /** Gone through so far, with those of an earlier run. */
  readonly lines: number;
  readonly taken: number;
  /** Were here already. */
  readonly known: number;
  readonly rejected: number;
  /** The first of them. */
  readonly rejectedLines: readonly Rejected[];
  /** The line after which an earlier run of this file had ended. */
  readonly resumedAfter: number;
}

/** Lines between two entries of the progress: those of a killed run that are gone through again. */
const STEP_LINES = 400;
const MOST_SHOWN = 1_000;

const Count = z.int().nonnegative();
const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];
const RejectedNote = z.object({ line: Count, code: z.enum(codes), reason: z.string() });
const Note = z.object({
  lines: Count,
  bytes: Count,
  taken: Count,
  known: Count,
  rejected: Count,
  rejectedLines: z.array(RejectedNote),
});
type Note = z.infer<typeof Note>;

const BEGINNING: Note = { ...START, taken: 0, known: 0, rejected: 0, rejectedLines: [] };

/**
 * Takes in the records of a file, one a line. How far it has come is kept in the store, under a hash of the file's
 * content: a run that was killed goes on, and a store that was put back from a backup begins where its backup ended.
 *
 * @throws MediatorError `request_invalid` for a file that cannot be read, `store_unavailable`
 */
export async function importFile(deps: ImportDeps, { file, perSecond }: ImportOptions): Promise<ImportReport> {
  const { backfill, records, clock, onProgress } = deps;
  const { bytes: size, sha256 } = await fingerprint(file);
  const noteName = `import ${sha256}`;
  const kept = Note.safeParse(await backfill.notes.read(noteName)).data;
  // One that came to its end begins anew: records may have been lost since.
  let note = kept === undefined || kept.bytes >= size ? BEGINNING : kept;
  const resumedAfter = note.lines;

  const reportOf = ({ bytes: _, ...counts }: Note): ImportReport => ({ ...counts, resumedAfter });

  const take = async (line: Line): Promise<Rejected | 'taken' | 'known' | 'blank'> => {
    const record = await readLine(records, line);
    if (record === undefined) return 'blank';
    if ('code' in record) return record;
    try {
      const { isRepeat } = await backfill.accept({ ...record, transactionId: undefined });
      return isRepeat ? 'known' : 'taken';
    } catch (cause) {
      const message = `The store failed at about line ${line.end.lines}: run the command again, it goes on from there.`;
      throw new MediatorError('store_unavailable', { message, cause });
    }
  };

  const chunkSize = perSecond === undefined ? STEP_LINES : Math.min(perSecond, STEP_LINES);
  const startedAt = clock.now();
  let gone = 0;
  for await (const chunk of inChunks(linesOf(file, note), chunkSize)) {
    const ends = await Promise.all(chunk.map(take));
    const fresh = ends.filter((end) => typeof end === 'object');
    const { end } = chunk.at(-1) ?? { end: note };
    note = {
      ...end,
      taken: note.taken + ends.filter((one) => one === 'taken').length,
      known: note.known + ends.filter((one) => one === 'known').length,
      rejected: note.rejected + fresh.length,
      rejectedLines: [...note.rejectedLines, ...fresh].slice(0, MOST_SHOWN),
    };
    await backfill.notes.write(noteName, note);
    onProgress?.(reportOf(note), size === 0 ? 1 : note.bytes / size);
    gone += chunk.length;
    // Not by the clock, whose timers keep no process alive.
    if (perSecond !== undefined) await setTimeout(Math.max(0, startedAt + (gone / perSecond) * 1000 - clock.now()));
  }
  return reportOf(note);
}
