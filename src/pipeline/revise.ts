import type { ReplyAddress, VitalEvent } from '../vital-events/index.js';
import { QUEUE_OF, type State } from './states.js';
import { applyChange, type ChangeDeps } from './steps/step.js';
import type { Change, EventPayload, EventRow, Sql } from './store/index.js';

/** True while nothing of the event can have reached the national ID system, or what reached it was refused. */
const isUnsent = (event: EventRow): boolean =>
  event.state === 'refused' ||
  ((event.state === 'received' || event.state === 'stuck') && event.tries === 0 && !event.isAnswered);

async function moveTo(deps: ChangeDeps, sql: Sql, event: EventRow, state: State, note: string): Promise<void> {
  const change: Change = { state, nextInMs: QUEUE_OF[state] === undefined ? undefined : 0 };
  await applyChange(deps, sql, event, change, { step: 'accept', outcome: state, note });
}

/** Sends an event on its way from the start; one that waits for an earlier event goes on waiting. */
async function beginAnew(deps: ChangeDeps, sql: Sql, event: EventRow, note: string): Promise<void> {
  if (event.state === 'received')
    await deps.history.add(sql, { eventId: event.id, step: 'accept', outcome: event.state, note });
  else await moveTo(deps, sql, event, 'received', note);
}

/**
 * Takes a new request for an answer to a known event: a registrar registers again after a refusal, or OpenCRVS asks
 * again because it never heard the first answer. What was refused or never sent begins anew with the new content; what
 * has its answer is told again; what is on its way keeps going and answers the new request.
 */
export async function takeNewRequest(
  deps: ChangeDeps,
  sql: Sql,
  eventKey: string,
  payload: EventPayload,
  reply: ReplyAddress,
): Promise<void> {
  const { events, contents } = deps;
  const event = await events.lockByKey(sql, eventKey);
  if (event === undefined || event.replyRevision === reply.revision) return;
  await contents.setReply(sql, event.id, reply);
  if (isUnsent(event) && event.code !== 'waits_for_earlier') {
    await contents.replacePayload(sql, event.id, payload);
    await beginAnew(deps, sql, event, 'Registered again: this content takes the place of the earlier one.');
  } else if (event.state === 'settled' || (event.state === 'stuck' && event.isAnswered)) {
    await moveTo(deps, sql, event, 'issued', 'Asked again: the answer is told again.');
  } else if (event.state === 'stuck') {
    await contents.replacePayload(sql, event.id, payload);
    await moveTo(deps, sql, event, 'received', 'Registered again: tried again.');
  }
}

/**
 * Lets a correction or cancellation act on a registration of which nothing was sent yet: the corrected record takes the
 * place of the stored one, a cancelled registration is never sent. Returns false when there is no such registration,
 * and the national ID system has to be told.
 */
export async function mergeIntoUnsent(deps: ChangeDeps, sql: Sql, event: VitalEvent, raw: string): Promise<boolean> {
  if (event.kind !== 'correction' && event.kind !== 'cancellation') return false;
  const target = await deps.events.lockByKey(sql, `${event.of}:${event.registrationNumber}`);
  if (target === undefined || !isUnsent(target) || target.code === 'waits_for_earlier') return false;
  if (event.kind === 'cancellation') {
    await moveTo(deps, sql, target, 'skipped', 'Cancelled before anything was sent.');
    return true;
  }
  const { of: kind, revision: _, ...record } = event;
  await deps.contents.replacePayload(sql, target.id, { event: { ...record, kind }, raw });
  await beginAnew(deps, sql, target, 'Corrected before anything was sent.');
  return true;
}
