import { ERROR_CODES, type ErrorCode, MediatorError } from '../errors/index.js';
import type { Transactions } from '../openhim/index.js';
import { type Clock, type Repeater, repeat } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import { AT_REST } from './states.js';
import type { Database, EventRow, EventStore, History, HistoryEntry, Report, ReportStore } from './store/index.js';

export interface OutcomeReportDeps {
  readonly database: Database;
  readonly events: EventStore;
  readonly history: History;
  readonly reports: ReportStore;
  readonly transactions: Transactions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface ReportPolicy {
  readonly everyMs: number;
  /** How long after its request a transaction is told at the earliest. */
  readonly firstAfterMs: number;
  /** First and longest wait after an answered failure; it doubles in between. */
  readonly retryMs: { readonly first: number; readonly longest: number };
}

export const DEFAULT_REPORTS: ReportPolicy = {
  everyMs: 2_000,
  firstAfterMs: 5_000,
  retryMs: { first: 5_000, longest: 300_000 },
};

/** Reports taken at once: core compares a password with bcrypt for each. */
const BATCH = 8;
/** At the longest wait, about a day of answers that are failures. The time in which core is away does not count. */
const GIVE_UP_AFTER = 300;
/** Calls of one event that are told; an outage of weeks makes thousands. */
const MOST_CALLS = 50;

type Line = HistoryEntry & { readonly id: string; readonly at: Date };

/** The HTTP status that stands for how an event ended. */
function statusOf({ state, code }: EventRow): number {
  if (state === 'settled' || state === 'skipped') return 200;
  if (state === 'refused' || state === 'closed') return ERROR_CODES.national_id_refused.status;
  return code !== undefined && Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].status : 500;
}

/** What core is told of an event: its state, its steps in our own words, its outward calls. Nothing about the person. */
function endOf(event: EventRow, lines: readonly Line[], toldUntil: string): Parameters<Transactions['end']>[1] {
  const { id, state, code } = event;
  const steps = lines.map((line) => ({ at: line.at, step: line.step, outcome: line.outcome, code: line.code }));
  const news = lines.filter((line) => BigInt(line.id) > BigInt(toldUntil));
  return {
    status: statusOf(event),
    body: { id, state, code, steps: steps.slice(-MOST_CALLS) },
    properties: { eventId: id, state, ...(code === undefined ? {} : { code }) },
    calls: news.flatMap(({ calls = [] }) => calls).slice(-MOST_CALLS),
  };
}

/**
 * Tells OpenHIM core how the transactions of events ended, as long as it takes, and apart from the events: no report
 * holds one up. An event that was `stuck` and moves on is told again at its next rest.
 */
export function startOutcomeReports(deps: OutcomeReportDeps, policy: ReportPolicy): Repeater {
  const { database, events, history, reports, transactions, clock, log, metrics } = deps;

  const tell = async (report: Report, signal: AbortSignal): Promise<string> => {
    const event = await events.get(database, report.eventId);
    if (event === undefined || !AT_REST.includes(event.state)) {
      await reports.rest(database, report, report.toldUntil);
      return 'moved';
    }
    const lines = await history.of(database, event.id);
    const end = await transactions.end(report.transactionId, endOf(event, lines, report.toldUntil), signal);
    if (end === 'unknown') {
      // Deleted there, or the id was never core's.
      await reports.drop(database, report);
    } else {
      await reports.rest(database, report, lines.at(-1)?.id ?? report.toldUntil);
      log.debug(
        { event: 'openhim.outcome_told', eventId: event.id, transactionId: report.transactionId, state: event.state },
        'OpenHIM core was told how the event ended',
      );
    }
    return end;
  };

  const putOff = async (report: Report, error: MediatorError): Promise<string> => {
    const failures = error.unanswered ? report.failures : report.failures + 1;
    const { eventId, transactionId } = report;
    if (failures >= GIVE_UP_AFTER) {
      log.error({ event: 'openhim.outcome_given_up', eventId, transactionId, err: error }, 'an outcome cannot be told');
      await reports.drop(database, report);
      return 'given_up';
    }
    const { first, longest } = policy.retryMs;
    await reports.later(database, report, Math.min(first * 2 ** Math.min(failures, 10), longest), failures);
    return error.code;
  };

  const handle = async (report: Report, signal: AbortSignal): Promise<MediatorError | undefined> => {
    try {
      metrics.outcomeReport.inc({ outcome: await tell(report, signal) });
      return undefined;
    } catch (thrown) {
      // What the store throws is not core's failure: the claim ends by itself.
      if (!(thrown instanceof MediatorError)) throw thrown;
      metrics.outcomeReport.inc({ outcome: await putOff(report, thrown) });
      return thrown;
    }
  };

  return repeat(clock, async (signal) => {
    try {
      const due = await reports.claim(database, BATCH);
      const ends = await Promise.all(due.map((report) => handle(report, signal)));
      const [error, ...others] = ends.filter((end) => end !== undefined);
      // A backlog is told without a pause, but is not turned over while core is away.
      if (error === undefined) return due.length === BATCH ? 0 : policy.everyMs;
      const count = others.length + 1;
      if (!signal.aborted) {
        log.warn({ event: 'openhim.outcome_failed', count, err: error }, 'OpenHIM core is told of outcomes later');
      }
      return policy.everyMs;
    } catch (thrown) {
      log.warn({ event: 'openhim.outcomes_failed', err: thrown }, 'the reports of outcomes failed, will be repeated');
      return policy.everyMs;
    }
  });
}
