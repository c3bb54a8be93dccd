import { MediatorError } from '../errors/index.js';
import type { ReplyAddress, VitalEvent } from '../vital-events/index.js';
import { OVER, QUEUE_OF, type State } from './states.js';
import { applyChange, type ChangeDeps } from './steps/step.js';
import type { Change, EventPayload, EventRow, Sql } from './store/index.js';

const CLOSED_BEFORE = 'Registered again after an operator had closed it.';

/** True while nothing of the event can have reached the national ID system, or what reached it was refused. */
const isUnsent = (event: EventRow): boolean =>
  event.state === 'refused' ||
  // Left out by the rule, and not because it was cancelled.
  event.code === 'not_eligible' ||
  ((event.state === 'received' || event.state === 'stuck') && event.tries === 0 && !event.isAnswered);

/** True where OpenCRVS waited and was told to go on, though the rule had left the registration out: nobody was sent. */
const isAnsweredUnsent = ({ state, tries }: EventRow): boolean => state === 'settled' && tries === 0;

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
  } else if (event.isAnswered && ['settled', 'stuck', 'closed'].includes(event.state)) {
    await moveTo(deps, sql, event, 'issued', 'Asked again: the answer is told again.');
  } else if (event.state === 'stuck') {
    await contents.replacePayload(sql, event.id, payload);
    await moveTo(deps, sql, event, 'received', 'Registered again: tried again.');
  } else if (event.state === 'closed') {
    // Whoever closed it may have seen to the person by hand: only a person can tell whether it may be sent now.
    await contents.replacePayload(sql, event.id, payload);
    const { code, message: reason } = new MediatorError('decision_needed', { message: CLOSED_BEFORE });
    const change: Change = { state: 'stuck', code, reason, nextInMs: undefined };
    await applyChange(deps, sql, event, change, { step: 'accept', outcome: 'stuck', code, note: reason });
  }
}

const COME_AGAIN = 'The record could not be opened any more, and has come again.';

/**
 * Puts the record of a known event in the place of one whose key is lost, and has the event go on. Where the answer of
 * the national ID system is lost too, it is asked for again under the same key.
 */
export async function restorePayload(
  deps: ChangeDeps,
  sql: Sql,
  eventKey: string,
  payload: EventPayload,
): Promise<void> {
  const { events, contents, history } = deps;
  const event = await events.lockByKey(sql, eventKey);
  if (event === undefined || OVER.includes(event.state)) return;
  await contents.replacePayload(sql, event.id, payload);
  const isLost = await contents.isOutcomeLost(sql, event.id);
  if (event.state === 'stuck' && event.code === 'payload_lost') {
    await moveTo(deps, sql, event, event.isAnswered && !isLost ? 'issued' : 'received', COME_AGAIN);
  } else if (isLost && (event.state === 'issued' || event.state === 'refused')) {
    await moveTo(deps, sql, event, 'received', COME_AGAIN);
  } else {
    await history.add(sql, { eventId: event.id, step: 'accept', outcome: event.state, note: COME_AGAIN });
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
  if (target === undefined || target.code === 'waits_for_earlier') return false;
  if (!isUnsent(target) && !isAnsweredUnsent(target)) return false;
  if (event.kind === 'cancellation') {
    await moveTo(deps, sql, target, 'skipped', 'Cancelled before anything was sent.');
    return true;
  }
  const { of: kind, revision: _, ...record } = event;
  await deps.contents.replacePayload(sql, target.id, { event: { ...record, kind }, raw });
  await beginAnew(deps, sql, target, 'Corrected before anything was sent.');
  return true;
}
