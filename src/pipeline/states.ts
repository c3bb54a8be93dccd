import type { Queue } from './queues.js';

/** The life of an event (architecture section 4). */
export const STATES = ['received', 'skipped', 'submitted', 'issued', 'settled', 'refused', 'stuck', 'closed'] as const;
export type State = (typeof STATES)[number];

/** States in which a later event of the same person has to wait. */
export const IN_FLIGHT: readonly State[] = ['received', 'submitted'];

/** The queue whose job takes an event on from a state, once it is due; none where nothing is left to do by itself. */
export const QUEUE_OF: Readonly<Record<State, Queue | undefined>> = {
  received: 'submit',
  skipped: undefined,
  submitted: 'expire',
  issued: 'deliver',
  refused: 'deliver',
  settled: undefined,
  stuck: undefined,
  closed: undefined,
};

/** States in which nothing more happens by itself: where the transaction of an event in OpenHIM ends. */
export const AT_REST: readonly State[] = ['settled', 'skipped', 'refused', 'stuck', 'closed'];

/** States that an event does not leave by itself, and in which nobody waits for it any more. */
export const OVER: readonly State[] = ['settled', 'skipped', 'closed'];

/**
 * States in which an answer of the national ID system is still taken, also a late one: an identity that exists must not
 * get lost because a person or a poll had given it up.
 */
export const AWAITING_ANSWER: readonly State[] = ['received', 'submitted', 'stuck', 'refused', 'closed'];
