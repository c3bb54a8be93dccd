import { recordedCalls, recordingCalls } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Logger, Metrics } from '../../telemetry/index.js';
import type { Job, Jobs } from '../jobs.js';
import type { Queue } from '../queues.js';
import type { RetryPolicy } from '../retry.js';
import { AT_REST, IN_FLIGHT, QUEUE_OF } from '../states.js';
import type {
  CallbackStore,
  Change,
  Database,
  EventContents,
  EventRow,
  EventStore,
  History,
  HistoryEntry,
  PersonIndex,
  ReportStore,
  Sql,
} from '../store/index.js';

/** What every step works with. */
export interface StepDeps {
  readonly database: Database;
  readonly events: EventStore;
  readonly contents: EventContents;
  readonly callbacks: CallbackStore;
  readonly persons: PersonIndex;
  readonly history: History;
  readonly jobs: Jobs;
  readonly reports: ReportStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** 0 to 1. */
  readonly random: () => number;
  readonly retry: RetryPolicy;
}

/** What it takes to move an event inside a transaction. */
export type ChangeDeps = Pick<StepDeps, 'events' | 'contents' | 'history' | 'jobs' | 'persons' | 'reports' | 'metrics'>;

/** How a job ended. `no-answer`: the peer is away, so the worker slows down. */
export type StepResult = 'done' | 'no-answer';

/** Takes one job to its end. Throws only when the store fails: the job comes back then. */
export type Step = (job: Job) => Promise<StepResult>;

/** A job that was taken back while it ran: what it did must not count. */
export class JobTakenBack extends Error {}

/** What one run of a step came to. */
export interface Finished {
  readonly step: Queue;
  readonly job: Job;
  readonly event: EventRow;
  readonly change: Change;
  readonly note?: string | undefined;
  readonly startedAt: number;
}

/**
 * Ends a run in one transaction: the job is completed, the event moved, its history written, the next job sent, and
 * whoever waited for it woken. When the event moved meanwhile (its answer came), only the job is completed.
 */
export async function finish(deps: StepDeps, finished: Finished): Promise<StepResult> {
  const { step, job, event, change, note, startedAt } = finished;
  const durationMs = deps.clock.now() - startedAt;
  const isRetry = change.failure !== undefined;
  await deps.database.transaction(async (sql) => {
    if (!(await deps.jobs.complete(sql, step, job))) throw new JobTakenBack();
    const entry = {
      step,
      outcome: isRetry ? 'failed' : change.state,
      code: change.code,
      note: note ?? change.reason,
      durationMs,
      calls: recordedCalls(),
    };
    await applyChange(deps, sql, event, change, entry);
  });
  const fields = {
    eventId: event.id,
    kind: event.kind,
    registrationNumber: event.registrationNumber,
    step,
    durationMs,
  };
  deps.metrics.eventStep.observe({ step, outcome: change.code ?? change.state }, durationMs / 1000);
  if (isRetry) {
    const wait = { attempt: event.failures + 1, waitMs: Math.round(change.nextInMs ?? 0), reason: change.code ?? '' };
    deps.log.warn({ ...fields, event: `${step}.retried`, ...wait }, 'step failed, will be retried');
  } else {
    report(deps, { ...fields, event: `event.${change.state}` }, change);
  }
  return change.failure === 'unanswered' ? 'no-answer' : 'done';
}

/** Ends a job that has nothing to do any more: its event has moved on. */
export async function endOnly(deps: Pick<StepDeps, 'database' | 'jobs'>, step: Queue, job: Job): Promise<StepResult> {
  await deps.jobs.complete(deps.database, step, job);
  return 'done';
}

function report(deps: StepDeps, fields: Parameters<Logger['info']>[0], change: Change): void {
  const full = { ...fields, state: change.state, ...(change.code === undefined ? {} : { reason: change.code }) };
  if (change.state === 'stuck') deps.log.error(full, 'event is stuck: an operator must look');
  else deps.log.info(full, `event is ${change.state}`);
}

/** Moves an event inside a transaction; false when it had moved already. */
export async function applyChange(
  deps: ChangeDeps,
  sql: Sql,
  event: EventRow,
  change: Change,
  entry: Omit<HistoryEntry, 'eventId'>,
): Promise<boolean> {
  if (!(await deps.events.move(sql, event, change))) return false;
  await deps.history.add(sql, { eventId: event.id, ...entry });
  if (change.nextInMs === undefined && AT_REST.includes(change.state)) await deps.reports.wake(sql, event.id);
  const queue = QUEUE_OF[change.state];
  // The deadline of an answer is days away: the sweep finds it, no job waits for it.
  if (queue !== undefined && queue !== 'expire' && change.nextInMs !== undefined) {
    await deps.jobs.send(sql, queue, [event.id], change.nextInMs, event.priority);
  }
  if (change.state !== event.state) {
    deps.metrics.eventState.inc({ kind: event.kind, state: change.state });
    const heldOthers = IN_FLIGHT.includes(event.state) || event.state === 'stuck';
    if (heldOthers && !IN_FLIGHT.includes(change.state)) await release(deps, sql, event, change);
  }
  return true;
}

/**
 * Wakes the person's next event, or makes those that wait stuck behind one that is stuck now. Each that gets stuck does
 * the same to the next.
 */
async function release(deps: ChangeDeps, sql: Sql, left: EventRow, change: Change): Promise<void> {
  if (left.personId === undefined) return;
  await deps.persons.lock(sql, left.personId);
  if (change.state !== 'stuck') {
    const next = await deps.events.nextWaiting(sql, left.personId);
    if (next === undefined || (await deps.events.blockedBy(sql, left.personId, next)) !== undefined) return;
    const woken: Change = { state: 'received', nextInMs: 0 };
    await applyChange(deps, sql, next, woken, {
      step: 'order',
      outcome: 'received',
      note: 'The earlier event has ended.',
    });
    return;
  }
  const next = await deps.events.nextWaiting(sql, left.personId, 'received');
  if (next === undefined) return;
  const reason = `waits for ${left.kind} ${left.registrationNumber ?? left.id}`;
  const held: Change = { state: 'stuck', code: 'waits_for_earlier', reason, nextInMs: undefined };
  await applyChange(deps, sql, next, held, {
    step: 'order',
    outcome: 'stuck',
    code: 'waits_for_earlier',
    note: reason,
  });
}

/** The same steps, whose outward calls are kept in the history. */
export function recorded<Name extends string>(steps: Readonly<Record<Name, Step>>): Record<Name, Step> {
  const entries = Object.entries<Step>(steps).map(([name, step]) => {
    const run: Step = async (job) => (await recordingCalls(() => step(job))).result;
    return [name, run];
  });
  // The names are those given.
  return Object.fromEntries(entries) as Record<Name, Step>;
}
