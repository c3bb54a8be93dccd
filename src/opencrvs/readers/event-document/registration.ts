import { MediatorError } from '../../../errors/index.js';
import type { Reading } from '../../../vital-events/index.js';
import { byTime } from './declaration.js';
import type { Action, EventDocument } from './document.js';
import { type EventDocumentMappings, readEventDocument } from './read-event-document.js';

/** Actions that decide whether a registration stands; the last accepted one counts. */
const DECISIONS: ReadonlySet<string> = new Set(['REGISTER', 'REVOKE_REGISTRATION', 'REINSTATE_REGISTRATION']);

function isStanding({ actions }: EventDocument): boolean {
  const decisions = actions.filter(({ type, status }) => status === 'Accepted' && DECISIONS.has(type));
  const last = decisions.toSorted(byTime).at(-1);
  return last !== undefined && last.type !== 'REVOKE_REGISTRATION';
}

/**
 * Reads the registration in a whole EventDocument, with the corrections that were accepted since; undefined when it is
 * not registered (any more), or of a type that the mapping gives nothing for.
 */
export async function readRegistration(
  mappings: EventDocumentMappings,
  document: EventDocument,
): Promise<Reading | undefined> {
  const registered = document.actions.findLast(({ type, status }) => type === 'REGISTER' && status === 'Accepted');
  if (registered === undefined || !isStanding(document)) return undefined;
  // Its own fields are among those of the accepted actions: on top of them, they would undo later corrections.
  const asItIsNow: Action = { ...registered, originalActionId: undefined, declaration: {} };
  try {
    return await readEventDocument(mappings, document, asItIsNow, 'REGISTER');
  } catch (thrown) {
    if (thrown instanceof MediatorError && thrown.code === 'payload_invalid') return undefined;
    throw thrown;
  }
}
