import { randomUUID } from 'node:crypto';
import type { Settings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { NationalIdSystemName } from '../national-id/index.js';
import type { Logger } from '../telemetry/index.js';
import { eventKey, personIdentifiers, type ReplyAddress, type VitalEvent } from '../vital-events/index.js';
import { guardedStore } from './guarded-store.js';
import { connect, createStores, type Database, type NewEvent, openDatabase, type Sql } from './store/index.js';

/** An event that another mediator has handed to the national ID system, and of which it has no answer yet. */
export interface PendingSubmission {
  /** What is known of it. */
  readonly event: VitalEvent;
  /** The key under which the national ID system knows it, and will answer. */
  readonly outwardKey: string;
  /** Undefined where the source cannot be answered any more. */
  readonly reply: ReplyAddress | undefined;
  /** How it came here, for its history. */
  readonly note: string;
}

/**
 * `known`: nothing to do, it is here under this key. `sent-again`: the registration is here under another key, so the
 * national ID system has it twice and a person must look.
 */
export type ImportResult = 'taken-over' | 'known' | 'sent-again';

export interface PendingImport {
  /**
   * Takes an event over, in one transaction; with `dryRun` only tells what it would do.
   *
   * @throws MediatorError `store_unavailable`
   */
  take(pending: PendingSubmission, options: { readonly dryRun: boolean }): Promise<ImportResult>;
  close(): Promise<void>;
}

export interface ImportOptions {
  /** The national ID system that will answer. */
  readonly system: NationalIdSystemName;
  /** How the store is opened. Default: by the settings. */
  readonly open?: () => Promise<Database>;
}

const keyOf = (event: VitalEvent): string =>
  eventKey({ reading: { ok: true, event }, raw: '', transactionId: undefined });

/**
 * Opens the store for taking events over from another mediator. No job is sent: what is taken over waits for its
 * answer, and the service that runs on this store does the rest.
 *
 * @throws MediatorError `store_locked` while a service uses the embedded store, `store_unavailable`
 */
export async function openPendingImport(
  deps: { readonly log: Logger },
  settings: Pick<Settings, 'store' | 'keys' | 'answerDeadlineMs' | 'statusPollMs'>,
  options: ImportOptions,
): Promise<PendingImport> {
  const { events, callbacks, persons, history } = createStores(settings.keys);
  const database = await guardedStore(() => openDatabase(options.open ?? (() => connect(deps, settings.store))));

  /** False when the registration is here under another key. */
  const store = async (sql: Sql, { event, outwardKey, reply, note }: PendingSubmission): Promise<boolean> => {
    const [person] = await persons.resolve(sql, [personIdentifiers(event)]);
    const { kind, registrationNumber, trackingId, recordId } = event;
    const added: NewEvent = {
      id: randomUUID(),
      eventKey: keyOf(event),
      kind,
      registrationNumber,
      trackingId,
      recordId,
      personId: person?.personId,
      transactionId: undefined,
      system: options.system,
      outwardKey,
      state: 'received',
      code: undefined,
      reason: undefined,
      isDue: true,
      payload: { event, raw: '' },
      reply,
    };
    if (!(await events.insert(sql, [added])).has(added.id)) return false;
    // The other mediator's call counts as a try of ours: what was sent once must never be taken for unsent.
    const sent = await events.beginTry(sql, added.id);
    if (sent === undefined) throw new MediatorError('internal_error');
    const { answerDeadlineMs: nextInMs, statusPollMs: pollInMs } = settings;
    await events.move(sql, sent, { state: 'submitted', nextInMs, pollInMs });
    await history.add(sql, { eventId: added.id, step: 'import', outcome: 'submitted', note });
    // Its answer may have come first: the sweep has it opened again.
    for (const callback of await callbacks.keptFor(sql, [outwardKey])) await callbacks.mark(sql, callback, 'new', {});
    return true;
  };

  const take = async (sql: Sql, pending: PendingSubmission, dryRun: boolean): Promise<ImportResult> => {
    const { event, outwardKey } = pending;
    await events.holdOutwardKeys(sql, [outwardKey]);
    if ((await events.lockByOutwardKey(sql, outwardKey)) !== undefined) return 'known';
    const isNew = dryRun ? (await events.byKey(sql, keyOf(event))) === undefined : await store(sql, pending);
    return isNew ? 'taken-over' : 'sent-again';
  };

  return {
    take: (pending, { dryRun }) => guardedStore(() => database.transaction((sql) => take(sql, pending, dryRun))),
    close: () => database.close(),
  };
}
