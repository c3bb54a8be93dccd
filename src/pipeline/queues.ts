/** `submit`, `expire` and `deliver` carry an event's id, `answer` a callback's. */
export const QUEUES = ['submit', 'expire', 'deliver', 'answer'] as const;
export type Queue = (typeof QUEUES)[number];
