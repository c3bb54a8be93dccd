/** `answer` carries a callback's id, the others an event's. */
export const QUEUES = ['submit', 'poll', 'expire', 'deliver', 'answer'] as const;
export type Queue = (typeof QUEUES)[number];
