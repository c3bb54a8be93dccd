import type { Hint } from '../../national-id/index.js';
import type { CallbackRow, CallbackState, EventRow, Sql } from '../store/index.js';
import type { StepDeps } from './step.js';
import { tryAgain } from './try-again.js';

const NOTE = 'The national ID system may have news of the person: looked at again.';

/** What a hint comes to, and the first event that it has helped. */
export interface Followed {
  readonly state: CallbackState;
  readonly eventId?: string | undefined;
}

/**
 * Looks again at the events of those whom a hint names, as far as they are in doubt: what waits for an answer is asked
 * about now, and what is stuck because it is not known whether the system took it is tried again. Both look before they
 * repeat, so a forged hint costs a question and changes nothing.
 */
export function createFollowHint(
  deps: StepDeps,
): (sql: Sql, callback: Pick<CallbackRow, 'system'>, hint: Hint) => Promise<Followed> {
  const { events, persons, jobs, log } = deps;

  const look = async (sql: Sql, event: EventRow): Promise<boolean> => {
    if (event.state !== 'submitted') {
      return (await tryAgain(deps, sql, event, { step: 'answer', note: NOTE })) === 'done';
    }
    await jobs.send(sql, 'poll', [event.id]);
    return true;
  };

  return async (sql, { system }, { about }) => {
    let first: string | undefined;
    for (const personId of await persons.known(sql, about)) {
      await persons.lock(sql, personId);
      for (const event of await events.inDoubt(sql, personId, system)) {
        if (!(await look(sql, event))) continue;
        first ??= event.id;
        const { id: eventId, kind, registrationNumber } = event;
        log.info({ event: 'event.hinted', eventId, kind, registrationNumber, step: 'answer' }, 'looked at again');
      }
    }
    return { state: first === undefined ? 'unmatched' : 'matched', eventId: first };
  };
}
