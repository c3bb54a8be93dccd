import { z } from 'zod';
import type { DocumentSettings } from '../../config/index.js';
import { MediatorError } from '../../errors/index.js';
import { NO_DOCUMENTS, type Reading, type RegistrationKind } from '../../vital-events/index.js';
import { faultyParts } from '../faulty-parts.js';
import { readRecord, unreadable } from './record.js';

/** The topics that OpenCRVS 1.x lets one subscribe to (reference/opencrvs.md section 3.3). */
export const WEBHOOK_TOPICS = [
  'BIRTH_REGISTERED',
  'DEATH_REGISTERED',
  'BIRTH_CERTIFIED',
  'DEATH_CERTIFIED',
  'BIRTH_CORRECTED',
  'DEATH_CORRECTED',
] as const;

export type WebhookTopic = (typeof WEBHOOK_TOPICS)[number];

export interface WebhookDelivery {
  readonly topic: WebhookTopic;
  /** The record, not looked into yet: see `readRecord`. */
  readonly bundle: unknown;
  /** When OpenCRVS queued the delivery; the same on a retry. */
  readonly timestamp: string;
}

/** The two topics that are ever sent (3.3): the shape of the others is nobody's knowledge. */
const READABLE: ReadonlyMap<WebhookTopic, RegistrationKind> = new Map([
  ['BIRTH_REGISTERED', 'birth'],
  ['DEATH_REGISTERED', 'death'],
]);

/** The body of a delivery as sent (3.5). Its `id` is the subscription's, of no use here. */
const Body = z.object({
  timestamp: z.string().min(1),
  event: z.object({
    hub: z.object({ topic: z.enum(WEBHOOK_TOPICS) }),
    // One bundle: a second one would be an event that nobody reads.
    context: z.array(z.unknown()).length(1),
  }),
});

/**
 * Reads the outer part of a webhook's body.
 *
 * @throws MediatorError `payload_invalid`, its message naming the parts at fault
 */
export function parseDelivery(body: unknown): WebhookDelivery {
  const parsed = Body.safeParse(body);
  if (!parsed.success) {
    throw new MediatorError('payload_invalid', {
      message: `The body is not a webhook delivery of OpenCRVS; wrong or missing: ${faultyParts(parsed.error)}.`,
    });
  }
  const { timestamp, event } = parsed.data;
  return { topic: event.hub.topic, bundle: event.context[0], timestamp };
}

/** Reads the record in a delivery, with what `documents` lets in of its documents: as shipped none. Never throws. */
export function readDelivery({ topic, bundle }: WebhookDelivery, documents: DocumentSettings = NO_DOCUMENTS): Reading {
  const kind = READABLE.get(topic);
  return kind === undefined ? unreadable(`No reader for topic ${topic}.`) : readRecord(bundle, kind, { documents });
}
