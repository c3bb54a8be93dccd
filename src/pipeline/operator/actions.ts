import { MediatorError } from '../../errors/index.js';
import type { Logger } from '../../telemetry/index.js';
import { applyChange, type ChangeDeps } from '../steps/step.js';
import { tryAgain } from '../steps/try-again.js';
import type { Audit, CallbackStore, Change, Database, EventFinder, EventSummary, Sql } from '../store/index.js';
import { allowedActions, type OperatorAction } from './next-step.js';

export interface ActionDeps extends ChangeDeps {
  readonly database: Database;
  readonly finder: EventFinder;
  readonly audit: Audit;
  readonly callbacks: CallbackStore;
  readonly log: Logger;
}

/** Who acts, and why. Both are kept; neither may name the person that the event is about. */
export interface ActionBy {
  readonly actor: string;
  readonly reason?: string | undefined;
  /** The version that the actor saw: an event that has moved since is left alone. */
  readonly version?: number | undefined;
}

/**
 * `waits`: an earlier event of the person is stuck, and has to be seen to first. `erased`: its data is gone.
 * `changed`: it has moved since it was looked at.
 */
export type Refusal = 'not-found' | 'not-allowed' | 'waits' | 'erased' | 'changed';
export type ActionResult = { readonly result: 'done' } | { readonly result: Refusal };

/** @throws MediatorError `request_invalid` for an actor or a reason that is missing or is not one line */
export type Act = (id: string, by: ActionBy) => Promise<ActionResult>;

const LONGEST_TEXT = 500;
const MOST_TRIES = 3;
const DONE = { result: 'done' } as const;

/** One line of text, as it may be kept. */
function checked(text: string | undefined, what: string): string {
  const trimmed = text?.trim() ?? '';
  const isLine = [...trimmed].every((character) => character >= ' ' && character !== '\u007f');
  if (trimmed === '' || trimmed.length > LONGEST_TEXT || !isLine) {
    throw new MediatorError('request_invalid', {
      message: `${what} must be one line of 1 to ${LONGEST_TEXT} characters.`,
    });
  }
  return trimmed;
}

export function createActions(deps: ActionDeps): Readonly<Record<OperatorAction, Act>> {
  const { database, persons, finder, audit, log } = deps;

  /** What is in the way of an action, judged while nobody else decides about the person's events. */
  const refusalOf = (event: EventSummary, action: OperatorAction, version: number | undefined): Refusal | undefined => {
    if (version !== undefined && version !== event.version) return 'changed';
    if (allowedActions(event).includes(action)) return undefined;
    return allowedActions({ ...event, holdsData: true }).includes(action) ? 'erased' : 'not-allowed';
  };

  const actOnce = async (
    action: OperatorAction,
    id: string,
    by: ActionBy,
    work: (sql: Sql, event: EventSummary) => Promise<ActionResult>,
  ): Promise<ActionResult> => {
    return database.transaction(async (sql): Promise<ActionResult> => {
      const seen = await finder.get(sql, id);
      if (seen === undefined) return { result: 'not-found' };
      if (seen.personId !== undefined) await persons.lock(sql, seen.personId);
      const event = await finder.get(sql, id);
      if (event === undefined) return { result: 'not-found' };
      const refusal = refusalOf(event, action, by.version);
      if (refusal !== undefined) return { result: refusal };
      const result = await work(sql, event);
      if (result.result === 'done') {
        await audit.add(sql, { actor: by.actor, action, eventId: event.id, reason: by.reason });
      }
      return result;
    });
  };

  /** A step that moves the event at the same moment is no reason to refuse, unless the actor named what they saw. */
  const act = async (...given: Parameters<typeof actOnce>): Promise<ActionResult> => {
    const [action, id, by] = given;
    let acted = await actOnce(...given);
    for (let tries = 1; acted.result === 'changed' && by.version === undefined && tries < MOST_TRIES; tries += 1) {
      acted = await actOnce(...given);
    }
    if (acted.result === 'done') log.info({ event: `operator.${action}`, eventId: id }, 'an operator has acted');
    return acted;
  };

  const move = async (sql: Sql, event: EventSummary, change: Change, note: string): Promise<ActionResult> => {
    const entry = { step: 'operator', outcome: change.state, code: change.code, note };
    return (await applyChange(deps, sql, event, change, entry)) ? DONE : { result: 'changed' };
  };

  return {
    async retry(id, given) {
      const actor = checked(given.actor, 'The actor');
      const reason = given.reason === undefined ? undefined : checked(given.reason, 'The reason');
      const note = `Tried again by ${actor}${reason === undefined ? '.' : `: ${reason}`}`;
      return act('retry', id, { ...given, actor, reason }, async (sql, event) => ({
        result: await tryAgain(deps, sql, event, { step: 'operator', note }),
      }));
    },
    async close(id, given) {
      const actor = checked(given.actor, 'The actor');
      const reason = checked(given.reason, 'The reason');
      return act('close', id, { ...given, actor, reason }, (sql, event) =>
        move(
          sql,
          event,
          { state: 'closed', code: event.code, reason, nextInMs: undefined },
          `Closed by ${actor}: ${reason}`,
        ),
      );
    },
  };
}
