import type { Queue } from './queues.js';

/** The life of an event (architecture section 4). */
export type State = 'received' | 'skipped' | 'submitted' | 'issued' | 'settled' | 'refused' | 'stuck';

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
};

/** States in which an answer of the national ID system is still taken: also a late one. */
export const AWAITING_ANSWER: readonly State[] = ['received', 'submitted', 'stuck'];
