import { guardedStore } from '../guarded-store.js';
import type {
  AuditLine,
  CallbackSummary,
  EventFilter,
  EventPage,
  EventSummary,
  HistoryLine,
  StateCount,
} from '../store/index.js';
import { type ActionBy, type ActionDeps, type ActionResult, createActions, type Refusal } from './actions.js';
import { allowedActions, type NextStep, nextStepOf, type OperatorAction } from './next-step.js';

/** Everything about one event but its personal data. */
export interface EventDetail {
  readonly event: EventSummary;
  /** Oldest first. */
  readonly history: readonly HistoryLine[];
  readonly callbacks: readonly CallbackSummary[];
  /** What operators did, newest first. */
  readonly audit: readonly AuditLine[];
  readonly next: NextStep;
  readonly allowed: readonly OperatorAction[];
}

/** What became of an action on many events. `isWhole`: false where the limit left some out. */
export interface BulkResult {
  readonly done: number;
  readonly skipped: Readonly<Partial<Record<Refusal, number>>>;
  readonly isWhole: boolean;
}

/**
 * What an operator can see and do. Nothing that it gives holds personal data.
 *
 * Every operation throws MediatorError `store_unavailable`; those that act, `request_invalid` for an actor or a reason that
 * is missing or is not one line.
 */
export interface Operator {
  /** How many events are in each state that is not over. */
  standing(): Promise<readonly StateCount[]>;
  /** For how long the step that is due the longest has been due, in milliseconds. */
  overdueMs(): Promise<number>;
  list(filter: EventFilter, page: EventPage): Promise<readonly EventSummary[]>;
  count(filter: EventFilter): Promise<number>;
  show(id: string): Promise<EventDetail | undefined>;
  /** By event id, registration number, tracking id, outward key or transaction id: up to 50. */
  find(term: string): Promise<readonly EventSummary[]>;
  /** Puts an event back to where it failed, under the same outward key. Those that wait behind it wait again. */
  retry(id: string, by: ActionBy): Promise<ActionResult>;
  /** Ends an event for good; a reason is needed. The person's next event goes on. */
  close(id: string, by: ActionBy): Promise<ActionResult>;
  /** The same for those that the filter names (default: the stuck ones), oldest first, `limit` of them at most. */
  retryAll(filter: EventFilter, by: ActionBy, limit: number): Promise<BulkResult>;
  closeAll(filter: EventFilter, by: ActionBy, limit: number): Promise<BulkResult>;
  /** What operators did, newest first, below the line `before`. */
  auditTrail(page: { readonly before?: string | undefined; readonly limit: number }): Promise<readonly AuditLine[]>;
}

const AT_ONCE = 100;
const LONGEST_PAGE = 500;
const MOST_IN_BULK = 10_000;

export function createOperator(deps: ActionDeps): Operator {
  const { database, finder, history, callbacks, audit } = deps;
  const actions = createActions(deps);
  const pageLimit = (limit: number): number => Math.max(1, Math.min(Math.floor(limit), LONGEST_PAGE));

  const inBulk = async (
    action: OperatorAction,
    given: EventFilter,
    by: ActionBy,
    limit: number,
  ): Promise<BulkResult> => {
    const filter = { ...given, states: given.states ?? (['stuck'] as const) };
    const most = Math.max(0, Math.min(limit, MOST_IN_BULK));
    const skipped: Partial<Record<Refusal, number>> = {};
    let [done, seen] = [0, 0];
    let after: string | undefined;
    for (;;) {
      const left = Math.min(most - seen, AT_ONCE);
      // One more than may be taken: whether there are more is part of the answer.
      const page = await finder.list(database, filter, { after, limit: left + 1 });
      for (const { id } of page.slice(0, left)) {
        const { result } = await actions[action](id, { actor: by.actor, reason: by.reason });
        if (result === 'done') done += 1;
        else skipped[result] = (skipped[result] ?? 0) + 1;
      }
      seen += Math.min(page.length, left);
      if (page.length <= left || seen >= most) return { done, skipped, isWhole: page.length <= left };
      after = page[left - 1]?.seq;
    }
  };

  const show = async (id: string): Promise<EventDetail | undefined> => {
    const event = await finder.get(database, id);
    if (event === undefined) return undefined;
    const blocker = await finder.blocker(database, event);
    return {
      event,
      history: await history.of(database, event.id),
      callbacks: await callbacks.of(database, event.id),
      audit: await audit.list(database, { eventId: event.id, limit: LONGEST_PAGE }),
      next: nextStepOf(event, blocker),
      allowed: allowedActions(event),
    };
  };

  const paged = <T extends { readonly limit: number }>(page: T): T => ({ ...page, limit: pageLimit(page.limit) });

  return {
    standing: () => guardedStore(() => finder.standing(database)),
    overdueMs: () => guardedStore(() => finder.overdueMs(database)),
    list: (filter, page) => guardedStore(() => finder.list(database, filter, paged(page))),
    count: (filter) => guardedStore(() => finder.count(database, filter)),
    show: (id) => guardedStore(() => show(id)),
    find: (term) => guardedStore(() => finder.find(database, term)),
    retry: (id, by) => guardedStore(() => actions.retry(id, by)),
    close: (id, by) => guardedStore(() => actions.close(id, by)),
    retryAll: (filter, by, limit) => guardedStore(() => inBulk('retry', filter, by, limit)),
    closeAll: (filter, by, limit) => guardedStore(() => inBulk('close', filter, by, limit)),
    auditTrail: (page) => guardedStore(() => audit.list(database, paged(page))),
  };
}
