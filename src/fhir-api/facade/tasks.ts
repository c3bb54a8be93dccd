import { MediatorError } from '../../errors/index.js';
import type { Action, Resource } from './action.js';

/** Where an event stands that was submitted here, in the words of the pipeline. */
export interface EventStanding {
  readonly kind: string;
  readonly state: string;
  /** Why it stands there, where something is wrong. */
  readonly code: string | undefined;
  readonly receivedAt: Date;
  readonly updatedAt: Date;
}

/** @throws MediatorError `store_unavailable` */
export type StandingOf = (eventId: string) => Promise<EventStanding | undefined>;

/** FHIR's words for our states (R4, valueset-task-status.html). */
const STATUS: Readonly<Record<string, string>> = {
  received: 'received',
  submitted: 'in-progress',
  issued: 'in-progress',
  settled: 'completed',
  refused: 'rejected',
  stuck: 'on-hold',
  skipped: 'cancelled',
  closed: 'cancelled',
};

const coded = (system: string, code: string): Resource['code'] => ({
  coding: [{ system: `urn:national-id-mediator:${system}`, code }],
});

/** `GET Task/:id`: what became of a submission. A Task holds nothing of the person. */
export function createReadTask(standingOf: StandingOf): Action {
  return async (_request, _call, id) => {
    const event = await standingOf(id);
    if (event === undefined) throw new MediatorError('event_unknown');
    const { kind, state, code, receivedAt, updatedAt } = event;
    const resource = {
      resourceType: 'Task',
      id,
      status: STATUS[state] ?? 'in-progress',
      ...(code === undefined ? {} : { statusReason: coded('error-code', code) }),
      businessStatus: coded('state', state),
      intent: 'order',
      code: coded('event-kind', kind),
      authoredOn: receivedAt.toISOString(),
      lastModified: updatedAt.toISOString(),
    };
    return { status: 200, resource };
  };
}
