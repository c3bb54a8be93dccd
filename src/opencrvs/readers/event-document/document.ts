import { z } from 'zod';
import { MediatorError } from '../../../errors/index.js';
import { upTo } from '../../../runtime/index.js';
import { faultyParts } from '../../faulty-parts.js';
import { optional, Text } from '../lenient.js';

/** Field ids are the country's configuration, and so are the shapes of their values: mappings read them. */
const Declaration = z.record(z.string(), z.unknown());
export type Declaration = z.infer<typeof Declaration>;

const Action = z.object({
  id: Text,
  type: Text,
  /** Absent in events of the first 1.8 releases, where every action counted. */
  status: z.enum(['Requested', 'Accepted', 'Rejected']).default('Accepted'),
  createdAt: Text,
  declaration: Declaration.default({}),
  annotation: Declaration.nullish().transform((annotation) => annotation ?? {}),
  /** The requested action that this one accepts or rejects. */
  originalActionId: optional(Text),
  /** Of an approved correction: the action in which it was requested. */
  requestId: optional(Text),
  registrationNumber: optional(Text),
});
export type Action = z.infer<typeof Action>;

/** Far more than a record goes through. */
const MOST_ACTIONS = 10_000;

/** A record of OpenCRVS 1.9 and later, as its country configuration gets it (reference/opencrvs.md 6.4). */
const EventDocument = z.object({
  id: Text,
  /** `birth`, `death`, or what else the country configured. */
  type: Text,
  createdAt: Text,
  trackingId: Text,
  actions: upTo(MOST_ACTIONS).pipe(z.array(Action).min(1)),
});
export type EventDocument = z.infer<typeof EventDocument>;

/**
 * Reads an EventDocument.
 *
 * @throws MediatorError `payload_invalid`, its message naming the parts at fault
 */
export function parseEventDocument(body: unknown): EventDocument {
  const parsed = EventDocument.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new MediatorError('payload_invalid', {
    message: `The body is not an event of OpenCRVS; wrong or missing: ${faultyParts(parsed.error)}.`,
  });
}
