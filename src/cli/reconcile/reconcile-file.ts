import { toMediatorError } from '../../errors/index.js';
import type { ExportedRecords } from '../../opencrvs/index.js';
import type { Found, Here, ReconcileReport } from '../../reconciliation/index.js';
import { eventKey, type Incoming } from '../../vital-events/index.js';
import { inChunks, type Line, linesOf, readLine } from '../import/lines.js';

export interface ReconcileFileDeps {
  readonly here: Here;
  readonly records: ExportedRecords;
  readonly onFound: (found: Found) => void;
}

const CHUNK = 200;

/** A line that cannot be read is known by its number alone. */
const unreadableLine = (line: number): Found => ({
  type: 'line',
  registrationNumber: String(line),
  trackingId: undefined,
  result: 'unreadable',
});

/**
 * Takes in those records of an export that are not here. Never throws but for the file: whatever else ends it is in the
 * report.
 *
 * @throws MediatorError `request_invalid` for a file that cannot be read
 */
export async function reconcileFile(
  { here, records, onFound }: ReconcileFileDeps,
  { file, dryRun }: { readonly file: string; readonly dryRun: boolean },
): Promise<ReconcileReport> {
  const counts = { listed: 0, here: 0, taken: 0, missing: 0, unreadable: 0, left: 0 };
  const tell = (found: Found): void => {
    counts[found.result] += 1;
    onFound(found);
  };

  const readable = async (lines: readonly Line[]) => {
    const found: { readonly key: string; readonly incoming: Incoming }[] = [];
    for (const record of await Promise.all(lines.map((line) => readLine(records, line)))) {
      if (record === undefined) continue;
      counts.listed += 1;
      if ('code' in record) {
        tell(unreadableLine(record.line));
        continue;
      }
      const incoming = { ...record, transactionId: undefined };
      found.push({ key: eventKey(incoming), incoming });
    }
    return found;
  };

  const takeMissing = async (lines: readonly Line[]): Promise<void> => {
    const found = await readable(lines);
    const lacking = await here.lacking(found.map(({ key }) => key));
    const missing = found.filter(({ key }) => lacking.has(key));
    counts.here += found.length - missing.length;
    await Promise.all(
      missing.map(async ({ incoming }) => {
        if (!incoming.reading.ok) return;
        const { kind: type, registrationNumber, trackingId } = incoming.reading.event;
        const eventId = dryRun ? undefined : (await here.accept(incoming)).id;
        tell({ type, registrationNumber, trackingId, result: dryRun ? 'missing' : 'taken', eventId });
      }),
    );
  };

  const report = (endedBy: ReconcileReport['endedBy']): ReconcileReport => ({ ...counts, through: undefined, endedBy });
  for await (const lines of inChunks(linesOf(file), CHUNK)) {
    try {
      await takeMissing(lines);
    } catch (thrown) {
      const { code, message: reason } = toMediatorError(thrown);
      return report({ code, reason });
    }
  }
  return report(undefined);
}
