import { z } from 'zod';
import {
  type AuditLine,
  type BulkResult,
  type EventDetail,
  type EventSummary,
  type HistoryLine,
  STATES,
  type StateCount,
} from '../pipeline/index.js';
import { explainEvent } from './explain.js';

/*
 * What the operator API answers: a closed list of fields, so that nothing else of a row can slip out. The `events`
 * commands read the answers by the same schemas.
 */

const Time = z.iso.datetime();
const Text = z.string();
const Whole = z.number().int();

export const EventView = z.object({
  id: z.uuid(),
  kind: Text,
  registrationNumber: Text.optional(),
  trackingId: Text.optional(),
  state: z.enum(STATES),
  code: Text.optional(),
  reason: Text.optional(),
  system: Text,
  /** Its key at the national ID system. */
  outwardKey: Text,
  transactionId: Text.optional(),
  receivedAt: Time,
  updatedAt: Time,
  /** When its next step is due, or its answer at the latest. */
  nextAt: Time.optional(),
  pollAt: Time.optional(),
  tries: Whole,
  failures: Whole,
  holdsData: z.boolean(),
  version: Whole,
  explanation: z.object({ where: Text, why: Text.optional(), todo: Text }),
});

export const CallView = z.object({
  at: Text,
  peer: Text,
  operation: Text,
  status: Whole.optional(),
  code: Text.optional(),
});

export const HistoryView = z.object({
  at: Time,
  step: Text,
  outcome: Text,
  code: Text.optional(),
  note: Text.optional(),
  durationMs: Whole.optional(),
  transactionId: Text.optional(),
  calls: z.array(CallView).optional(),
});

export const AuditView = z.object({
  id: Text,
  at: Time,
  actor: Text,
  action: Text,
  eventId: z.uuid().optional(),
  reason: Text.optional(),
});

export const EventPageView = z.object({
  events: z.array(EventView),
  /** The cursor of the next page; absent at the end. */
  next: Text.optional(),
  /** All that the filter names, where it was asked for. */
  count: Whole.optional(),
});

export const EventDetailView = z.object({
  event: EventView,
  history: z.array(HistoryView),
  callbacks: z.array(z.object({ state: Text, system: Text, receivedAt: Time, handledAt: Time.optional() })),
  audit: z.array(AuditView),
  next: z.object({ step: Text, at: Time.optional(), behind: z.uuid().optional() }),
  allowed: z.array(z.enum(['retry', 'close'])),
});

export const BulkView = z.object({
  done: Whole,
  /** How many were left alone, by the reason. */
  skipped: z.record(Text, Whole),
  /** False where the limit left some out. */
  isWhole: z.boolean(),
});

export const AuditPageView = z.object({ audit: z.array(AuditView), next: Text.optional() });

export const SummaryView = z.object({
  states: z.array(z.object({ state: z.enum(STATES), count: Whole, oldestSeconds: Whole })),
  /** For how long the step that is due the longest has waited. */
  overdueSeconds: Whole,
  nationalIdSystem: Text,
  submissionsPaused: z.boolean(),
  health: z.object({
    status: z.enum(['ready', 'degraded', 'not-ready']),
    checks: z.record(Text, z.object({ state: Text, detail: Text.optional(), since: Text, ageSeconds: Whole })),
    warnings: z.array(Text),
  }),
  /** Systems to which calls are paused after failures. */
  openBreakers: z.array(Text),
  /** The last things that operators did, newest first. */
  audit: z.array(AuditView),
});

export const SettingsView = z.object({
  settings: z.array(
    z.object({
      name: Text,
      consoleName: Text,
      source: z.enum(['default', 'file', 'environment', 'console']),
      /** What the console's last value should have been, where it does not count. */
      problem: Text.optional(),
    }),
  ),
  /** What the console holds besides and no setting can take. */
  otherProblems: z.array(z.object({ name: Text, problem: Text })),
});

export type EventView = z.infer<typeof EventView>;
export type HistoryView = z.infer<typeof HistoryView>;
export type EventDetailView = z.infer<typeof EventDetailView>;

const iso = (date: Date | undefined): string | undefined => date?.toISOString();

export function eventView(event: EventSummary): EventView {
  const { receivedAt, updatedAt, nextAt, pollAt } = event;
  const times = { receivedAt: iso(receivedAt), updatedAt: iso(updatedAt), nextAt: iso(nextAt), pollAt: iso(pollAt) };
  return EventView.parse({ ...event, ...times, explanation: explainEvent(event) });
}

function historyView(line: HistoryLine): z.input<typeof HistoryView> {
  const calls = line.calls?.map(({ peer, operation, request, response, error }) => ({
    at: request.timestamp,
    peer,
    operation,
    status: response?.status,
    code: error?.code,
  }));
  const { step, outcome, code, note, durationMs, transactionId } = line;
  return { at: line.at.toISOString(), step, outcome, code, note, durationMs, transactionId, calls };
}

export const auditView = (line: AuditLine): z.infer<typeof AuditView> =>
  AuditView.parse({ ...line, at: line.at.toISOString() });

export function detailView({ event, history, callbacks, audit, next, allowed }: EventDetail): EventDetailView {
  return EventDetailView.parse({
    event: eventView(event),
    history: history.map(historyView),
    callbacks: callbacks.map((one) => ({ ...one, receivedAt: iso(one.receivedAt), handledAt: iso(one.handledAt) })),
    audit: audit.map(auditView),
    next: { ...next, at: iso(next.at) },
    allowed,
  });
}

export const bulkView = (result: BulkResult): z.infer<typeof BulkView> => BulkView.parse(result);

export const stateView = ({ state, count, oldestMs }: StateCount) => ({
  state,
  count,
  oldestSeconds: Math.round(oldestMs / 1000),
});
