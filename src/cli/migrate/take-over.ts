import { readStoredToken, recordReplyAddress } from '../../opencrvs/index.js';
import type { PendingImport } from '../../pipeline/index.js';
import type { Clock } from '../../runtime/index.js';
import type { RegistrationKind, ReplyAddress, VitalEvent } from '../../vital-events/index.js';
import type { PendingRow } from './pending-rows.js';

/** What became of a row; `docs/migrate-from-opencrvs-mosip.md` says what each asks of the operator. */
export type RowResult = 'taken over' | 'already there' | 'expired token' | 'unreadable' | 'sent again';

export interface MigratedRow {
  readonly transactionId: string;
  readonly registrationNumber: string;
  readonly kind: RegistrationKind;
  readonly result: RowResult;
}

export interface TakeOverDeps {
  readonly clock: Clock;
  readonly imported: PendingImport;
}

export interface TakeOverOptions {
  readonly dryRun: boolean;
  /** Registration numbers, or transaction ids, of deaths: a row does not tell. All others are births. */
  readonly deaths: ReadonlySet<string>;
}

const NOTE = 'Taken over from opencrvs/mosip, which had sent it under this key.';

/** All that a row knows of its event: enough to answer OpenCRVS, and never to be sent to MOSIP. */
function eventOf({ registrationNumber }: PendingRow, kind: RegistrationKind): VitalEvent {
  return { kind, registrationNumber, subject: { names: [], identifiers: [], nationalities: [], addresses: [] } };
}

/** The reply address in the token; undefined with the reason where OpenCRVS cannot be answered by it. */
function replyOf({ token, registrationNumber }: PendingRow, nowMs: number): ReplyAddress | RowResult {
  const verified = readStoredToken(token);
  const reply = verified === undefined ? undefined : recordReplyAddress(verified, registrationNumber);
  if (reply?.before === undefined) return 'unreadable';
  return reply.before <= nowMs ? 'expired token' : reply;
}

/**
 * Takes one row over as an event that waits for its credential. One whose token is of no use is taken over too, so that
 * a new registration of the same number is not sent to MOSIP a second time; it brings the token that is then answered.
 */
export async function takeOverRow(deps: TakeOverDeps, row: PendingRow, options: TakeOverOptions): Promise<MigratedRow> {
  const { transactionId, registrationNumber } = row;
  const isDeath = options.deaths.has(registrationNumber) || options.deaths.has(transactionId);
  const kind = isDeath ? 'death' : 'birth';
  const migrated = (result: RowResult): MigratedRow => ({ transactionId, registrationNumber, kind, result });
  if (transactionId.trim() === '' || registrationNumber.trim() === '') return migrated('unreadable');

  const reply = replyOf(row, deps.clock.now());
  const isUseless = typeof reply === 'string';
  const taken = await deps.imported.take(
    { event: eventOf(row, kind), outwardKey: transactionId, reply: isUseless ? undefined : reply, note: NOTE },
    options,
  );
  if (taken === 'known') return migrated('already there');
  if (taken === 'sent-again') return migrated('sent again');
  return migrated(isUseless ? reply : 'taken over');
}
