import { randomUUID } from 'node:crypto';
import type { Settings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { Logger } from '../telemetry/index.js';
import { eventKey, personIdentifiers, type ReplyAddress, type VitalEvent } from '../vital-events/index.js';
import {
  connect,
  createCallbackStore,
 
  createEventStore,
  createHistory,
  createPersonIndex,
  createSealer,
  type Database,
  openDatabase,
  type Sql,
} from './store/index.js';

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
  /** Takes an event over, in one transaction; with `dryRun` only tells what it would do. */
  take(pending: PendingSubmission, options: { readonly dryRun: boolean }): Promise<ImportResult>;
  close(): Promise<void>;
}

/** True when the event is new, and stored. */
type Write = (sql: Sql, pending: PendingSubmission, key: string) => Promise<boolean>;

function createWrite(
  sealer: ReturnType<typeof createSealer>,
  { keys, nationalId, answerDeadlineMs }: ImportSettings,
): Write {
  const events = createEventStore(sealer);
  const callbacks = createCallbackStore(sealer);
  const persons = createPersonIndex(keys.index);
  const history = createHistory();

  return async (sql, { event, outwardKey, reply, note }, key) => {
    const [person] = await persons.resolve(sql, [personIdentifiers(event)]);
    const id = randomUUID();
    const { kind, registrationNumber, trackingId, recordId } = event;
    const added = {
      ...{ id, eventKey: key, kind, registrationNumber, trackingId, recordId, outwardKey, reply },
      personId: person?.personId,
      transactionId: undefined,
      system: nationalId.system,
      ...({ state: 'received', code: undefined, reason: undefined, isDue: true } as const),
      payload: { event, raw: '' },
    };
    if (!(await events.insert(sql, [added])).has(id)) return false;
    // The other mediator's call counts as ours: what was sent once is never taken for unsent.
    const sent = await events.beginTry(sql, id);
    if (sent === undefined) throw new MediatorError('internal_error');
    await events.move(sql, sent, { state: 'submitted', nextInMs: answerDeadlineMs });
    await history.add(sql, { eventId: id, step: 'import', outcome: 'submitted', note });
    // Its answer may have come first. The sweep opens it again: it needs no job from here.
    for (const callbackId of await callbacks.keptFor(sql, [outwardKey])) await callbacks.mark(sql, callbackId, 'new', {});
    return true;
  };
}

type ImportSettings = Pick<Settings, 'store' | 'keys' | 'nationalId' | 'answerDeadlineMs'>;

/**
 * Opens the store for taking events over from another mediator. No job is sent: what is taken over waits for its
 * answer, which the service brings.
 *
 * @throws MediatorError `store_locked` while a service uses the embedded store, `store_unavailable`
 */
export async function openPendingImport(
  deps: { readonly log: Logger },
  settings: ImportSettings,
  options: { readonly open?: () => Promise<Database> } = {},
): Promise<PendingImport> {
  const sealer = createSealer(settings.keys.encryption);
  const events = createEventStore(sealer);
  const write = createWrite(sealer, settings);
  const database = await openDatabase(options.open ?? (() => connect(deps, settings.store))).catch((cause: unknown) => {
    if (cause instanceof MediatorError) throw cause;
    throw new MediatorError('store_unavailable', { cause });
  });

  return {
    take: (pending, { dryRun }) =>
      database.transaction(async (sql) => {
        const { event, outwardKey } = pending;
        const key = eventKey({ reading: { ok: true, event }, raw: '', transactionId: undefined });
        await events.holdOutwardKeys(sql, [outwardKey]);
        if ((await events.lockByOutwardKey(sql, outwardKey)) !== undefined) return 'known';
        const isNew = dryRun ? (await events.byKey(sql, key)) === undefined : await write(sql, pending, key);
        return isNew ? 'taken-over' : 'sent-again';
      }),
    close: () => database.close(),
  };
}
