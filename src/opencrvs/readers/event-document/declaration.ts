import type { Action, Declaration, EventDocument } from './document.js';

/** Actions whose fields belong to a form of their own, or are only asked for. */
const NOT_OF_THE_RECORD: ReadonlySet<string> = new Set([
  'REQUEST_CORRECTION',
  'REJECT_CORRECTION',
  'PRINT_CERTIFICATE',
]);

/** ISO times of one form, so that text order is time order. */
export const byTime = (a: Action, b: Action): number =>
  a.createdAt < b.createdAt ? -1 : Number(a.createdAt > b.createdAt);

/** The action in which a correction was requested; an accepted approval may name it in its requested half alone. */
export function requestIdOf({ actions }: EventDocument, approval: Action): string | undefined {
  return approval.requestId ?? actions.find(({ id }) => id === approval.originalActionId)?.requestId;
}

/**
 * The fields of the record as they are once `pending` has been accepted: those of the accepted actions in order of
 * their time, and its own on top (reference/opencrvs.md 6.4). A later action replaces whole fields, and clears one with
 * null. Two things are not in the reference, but in `commons/src/events/utils.ts` of OpenCRVS 1.9: an accepted action
 * holds only what was added to the requested one, and an approved correction brings the fields of its request.
 */
export function recordWith(document: EventDocument, pending: Action): Declaration {
  const find = (id: string | undefined): Action | undefined => document.actions.find((action) => action.id === id);
  const whole = (action: Action | undefined): Declaration => ({
    ...find(action?.originalActionId)?.declaration,
    ...action?.declaration,
  });
  const contribution = (action: Action): Declaration => {
    if (NOT_OF_THE_RECORD.has(action.type)) return {};
    if (action.type !== 'APPROVE_CORRECTION') return whole(action);
    return { ...whole(find(requestIdOf(document, action))), ...whole(action) };
  };

  const accepted = document.actions.filter(({ status }) => status === 'Accepted').toSorted(byTime);
  const entries = [...accepted, pending].flatMap((action) => Object.entries(contribution(action)));
  return Object.fromEntries(Object.entries(Object.fromEntries(entries)).filter(([, value]) => value !== null));
}
