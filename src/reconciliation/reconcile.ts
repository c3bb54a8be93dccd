import { type ErrorCode, MediatorError, toMediatorError } from '../errors/index.js';
import { dayOf, type FoundRegistration, type ListedRegistration, type RegistrationSource } from '../opencrvs/index.js';
import type { Accept } from '../vital-events/index.js';

/** What we have, and the way in for what we have not. */
export interface Here {
  readonly accept: Accept;
  /** Which of these event keys are not here, or are here without a record that can be read. */
  lacking(eventKeys: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface ReconcileDeps {
  readonly source: RegistrationSource;
  readonly here: Here;
  /** Asked before each page; false ends the run, as another process goes on with it. */
  readonly mayGoOn?: () => Promise<boolean>;
  /** Told of every registration that was not here. */
  readonly onFound?: (found: Found) => void;
  /** Told after each page how far the run has come. */
  readonly onProgress?: (report: ReconcileReport) => void;
}

/**
 * `taken`: taken in. `missing`: it would be. `unreadable`: OpenCRVS shows it in a form that cannot be read. `left`: it is
 * no birth or death, or is registered no longer.
 */
export type FoundResult = 'taken' | 'missing' | 'unreadable' | 'left';

/** A registration that was not here. */
export interface Found extends Pick<ListedRegistration, 'type' | 'registrationNumber' | 'trackingId'> {
  readonly result: FoundResult;
  readonly eventId?: string | undefined;
}

export interface ReconcileOptions {
  /** Both days (UTC) are part of it. */
  readonly since: Date;
  readonly until: Date;
  /** Tells what is missing, reads nothing whole and takes nothing in. */
  readonly dryRun: boolean;
}

export interface ReconcileReport extends Readonly<Record<FoundResult, number>> {
  readonly listed: number;
  readonly here: number;
  /** The last day that was gone through to its end. */
  readonly through: string | undefined;
  /** Why the run ended early; undefined where it is whole. */
  readonly endedBy: { readonly code: ErrorCode; readonly reason: string } | undefined;
}

const DAY_MS = 24 * 3_600_000;

const startOfDay = (time: Date): number => Math.floor(time.getTime() / DAY_MS) * DAY_MS;

/** The key under which a delivery of it would be stored; see `eventKey`. A type of the country's own may be either. */
function keysOf({ type, registrationNumber }: ListedRegistration): readonly string[] {
  const kinds = type === 'birth' || type === 'death' ? [type] : ['birth', 'death'];
  return kinds.map((kind) => `${kind}:${registrationNumber}`);
}

/** Answers that say nothing about the records after this one. */
const OF_ONE_RECORD: ReadonlySet<ErrorCode> = new Set([
  'peer_error',
  'peer_response_invalid',
  'peer_response_too_large',
]);

/** Two runs at once would read every missing registration twice. */
export const underWay = (): MediatorError =>
  new MediatorError('action_not_allowed', { message: 'Another process is reconciling.' });

/**
 * Goes through the registrations of OpenCRVS day by day, and takes in those that are not here, as if they were delivered:
 * under the same key, so that a late delivery is a repeat. Lists hold numbers only; what is here is not read. Never
 * throws: whatever ends the run is in the report, and what was done until then stays done.
 */
export async function reconcile(
  deps: ReconcileDeps,
  { since, until, dryRun }: ReconcileOptions,
  signal: AbortSignal,
): Promise<ReconcileReport> {
  const { source, here, mayGoOn = async () => true, onFound, onProgress } = deps;
  const counts = { listed: 0, here: 0, taken: 0, missing: 0, unreadable: 0, left: 0 };
  let through: string | undefined;

  const report = (endedBy?: MediatorError): ReconcileReport => ({
    ...counts,
    through,
    endedBy: endedBy && { code: endedBy.code, reason: endedBy.message },
  });

  /** One record that OpenCRVS cannot show does not keep the others from being read. */
  const read = async (listed: ListedRegistration): Promise<FoundRegistration | 'unreadable' | undefined> => {
    try {
      return await source.readRegistration(listed, signal);
    } catch (thrown) {
      if (thrown instanceof MediatorError && OF_ONE_RECORD.has(thrown.code)) return 'unreadable';
      throw thrown;
    }
  };

  const take = async (listed: ListedRegistration): Promise<Pick<Found, 'result' | 'eventId'>> => {
    if (dryRun) return { result: 'missing' };
    const found = await read(listed);
    if (found === undefined) return { result: 'left' };
    // Not kept as a delivery would be: it stays where it can be read again.
    if (found === 'unreadable' || !found.reading.ok) return { result: 'unreadable' };
    const { id } = await here.accept({ ...found, transactionId: undefined });
    return { result: 'taken', eventId: id };
  };

  const takeMissing = async (registrations: readonly ListedRegistration[]): Promise<void> => {
    const lacking = await here.lacking(registrations.flatMap(keysOf));
    const missing = registrations.filter((listed) => keysOf(listed).every((key) => lacking.has(key)));
    counts.listed += registrations.length;
    counts.here += registrations.length - missing.length;
    for (const listed of missing) {
      const { type, registrationNumber, trackingId } = listed;
      const taken = await take(listed);
      counts[taken.result] += 1;
      onFound?.({ type, registrationNumber, trackingId, ...taken });
    }
  };

  const goThrough = async (day: Date): Promise<void> => {
    for (let page = 0, hasMore = true; hasMore; page += 1) {
      if (signal.aborted) throw new MediatorError('shutting_down');
      if (!(await mayGoOn())) throw underWay();
      const listed = await source.listRegistrations(day, day, page, signal);
      await takeMissing(listed.registrations);
      hasMore = listed.hasMore;
      onProgress?.(report());
    }
    through = dayOf(day);
  };

  try {
    // A day at a time: an index shows no more than its first ten thousand hits.
    for (let day = startOfDay(since); day <= until.getTime(); day += DAY_MS) await goThrough(new Date(day));
    return report();
  } catch (thrown) {
    return report(toMediatorError(thrown));
  }
}
