import { randomUUID } from 'node:crypto';
import { TRPCError } from '@trpc/server';
import { z } from 'zod';

const Action = z.looseObject({
  id: z.uuid(),
  transactionId: z.string(),
  type: z.string(),
  status: z.enum(['Requested', 'Accepted', 'Rejected']),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  createdByUserType: z.enum(['user', 'system']),
  createdAtLocation: z.uuid().nullish(),
  declaration: z.record(z.string(), z.unknown()),
  originalActionId: z.uuid().optional(),
  registrationNumber: z.string().optional(),
});

/** As country configurations get it (reference/opencrvs.md 6.4): a fixture that is none of these is a wrong fixture. */
export const StoredEvent = z.object({
  id: z.uuid(),
  type: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  trackingId: z.string().regex(/^[A-Z0-9]{6,7}$/),
  actions: z.array(Action).min(1),
});
export type StoredEvent = z.infer<typeof StoredEvent>;
export type StoredAction = z.infer<typeof Action>;

/** What an answer adds to the record. */
export interface Answer {
  readonly eventId: string;
  readonly actionId: string;
  readonly transactionId: string;
  readonly registrationNumber?: string | undefined;
  readonly requestId?: string | undefined;
  readonly declaration?: Record<string, unknown> | undefined;
}

const badRequest = (message: string): TRPCError => new TRPCError({ code: 'BAD_REQUEST', message });

/** The events of one OpenCRVS and the rules for answers to their actions (reference/opencrvs.md 6.3). */
export class OpenCrvsEventsStore {
  readonly #events = new Map<string, StoredEvent>();
  /** Fields that the forms have: a value for any other is refused. */
  formFields: ReadonlySet<string> = new Set(['child.nid']);

  load(document: unknown): StoredEvent {
    const event = StoredEvent.parse(structuredClone(document));
    this.#events.set(event.id, event);
    return event;
  }

  remove(eventId: string): void {
    this.#events.delete(eventId);
  }

  get all(): readonly StoredEvent[] {
    return [...this.#events.values()];
  }

  get(eventId: string): StoredEvent {
    const event = this.#events.get(eventId);
    if (event === undefined) throw new TRPCError({ code: 'NOT_FOUND' });
    return event;
  }

  /** What was said to an action so far: one entry at most, if the rules hold. */
  verdictsOn(eventId: string, actionId: string): StoredAction[] {
    return this.get(eventId).actions.filter(({ originalActionId }) => originalActionId === actionId);
  }

  /** The action that waits for an answer. */
  pendingAction(eventId: string): StoredAction {
    const pending = this.get(eventId).actions.findLast(
      ({ id, status }) => status === 'Requested' && this.verdictsOn(eventId, id).length === 0,
    );
    if (pending === undefined) throw new Error('no action waits for an answer');
    return pending;
  }

  accept(type: string, answer: Answer, at: string): StoredEvent {
    const event = this.get(answer.eventId);
    const requested = event.actions.find(({ id }) => id === answer.actionId);
    if (requested === undefined) throw new TRPCError({ code: 'NOT_FOUND', message: 'Action not found.' });
    const [verdict] = this.verdictsOn(event.id, requested.id);
    if (verdict?.status === 'Rejected') throw badRequest('Action has already been rejected.');
    if (verdict !== undefined) return event;
    if (requested.type !== type || requested.status !== 'Requested') throw badRequest('It awaits no confirmation.');
    const { requestId, declaration = {}, registrationNumber } = answer;
    const isRequest = event.actions.some((action) => action.id === requestId && action.type === 'REQUEST_CORRECTION');
    if (type === 'APPROVE_CORRECTION' && !isRequest) throw badRequest('Request id does not match an action.');
    const unknown = Object.keys(declaration).filter((field) => !this.formFields.has(field));
    if (unknown.length > 0)
      throw badRequest(JSON.stringify(unknown.map((id) => ({ id, message: 'Unexpected field' }))));
    event.actions.push({
      ...this.#answerTo(requested, answer, at),
      status: 'Accepted',
      declaration,
      registrationNumber,
    });
    return event;
  }

  /** Shows an event to a system client, which stays in the event for good. */
  show(eventId: string, reader: string): StoredEvent {
    const event = this.get(eventId);
    const { actions } = event;
    event.actions.push({
      id: randomUUID(),
      transactionId: randomUUID(),
      type: 'READ',
      status: 'Accepted',
      createdAt: actions.at(-1)?.createdAt ?? event.createdAt,
      createdBy: reader,
      createdByUserType: 'system',
      declaration: {},
    });
    return event;
  }

  /** Its two failures are no errors of tRPC in the original, and so come as 500. */
  reject(answer: Answer, at: string): StoredEvent {
    const event = this.get(answer.eventId);
    const requested = event.actions.find(({ id }) => id === answer.actionId);
    if (requested === undefined) throw new Error('Action not found.');
    const [verdict] = this.verdictsOn(event.id, requested.id);
    if (verdict?.status === 'Accepted') throw new Error('Action has already been accepted.');
    if (verdict === undefined) {
      event.actions.push({ ...this.#answerTo(requested, answer, at), status: 'Rejected', declaration: {} });
    }
    return event;
  }

  #answerTo({ id, type, createdBy, createdByUserType, createdAtLocation }: StoredAction, answer: Answer, at: string) {
    const { transactionId } = answer;
    const common = { type, createdBy, createdByUserType, createdAtLocation };
    return { ...common, id: randomUUID(), transactionId, createdAt: at, originalActionId: id };
  }
}
