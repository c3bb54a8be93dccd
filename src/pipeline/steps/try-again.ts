import type { EventRow, HistoryEntry, Sql } from '../store/index.js';
import { applyChange, type ChangeDeps } from './step.js';

/** `waits`: an earlier event of the person is stuck. `changed`: the event has moved since it was read. */
export type TryAgainResult = 'done' | 'waits' | 'changed';

/** Those that were stuck only because of this event wait for it again. */
async function freeFollowers(deps: ChangeDeps, sql: Sql, { personId, seq }: EventRow): Promise<void> {
  if (personId === undefined) return;
  for (;;) {
    const next = await deps.events.nextWaiting(sql, personId, 'stuck');
    if (next === undefined || BigInt(next.seq) < BigInt(seq)) return;
    const note = 'The earlier event is tried again.';
    await applyChange(
      deps,
      sql,
      next,
      { state: 'received', nextInMs: undefined },
      { step: 'order', outcome: 'received', note },
    );
  }
}

/**
 * Puts an event back to where it failed, under the same outward key: what follows is a repeat like any other. Those that
 * wait behind it wait again. The person has to be locked.
 */
export async function tryAgain(
  deps: ChangeDeps,
  sql: Sql,
  event: EventRow,
  entry: Pick<HistoryEntry, 'step' | 'note'>,
): Promise<TryAgainResult> {
  const moveTo = async (state: 'issued' | 'received', nextInMs: number | undefined): Promise<TryAgainResult> =>
    (await applyChange(deps, sql, event, { state, nextInMs }, { ...entry, outcome: state })) ? 'done' : 'changed';

  if (event.isAnswered) return moveTo('issued', 0);
  const blocked = event.personId === undefined ? undefined : await deps.events.blockedBy(sql, event.personId, event);
  if (blocked === 'stuck') return 'waits';
  const result = await moveTo('received', blocked === undefined ? 0 : undefined);
  if (result === 'done') await freeFollowers(deps, sql, event);
  return result;
}
