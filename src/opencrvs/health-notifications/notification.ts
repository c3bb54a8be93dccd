import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { upTo } from '../../runtime/index.js';
import { faultyParts } from '../faulty-parts.js';

/** References inside the document go by these; anything else could name a resource that is there already. */
const LocalUrl = z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/i);

/** An id would make a resource an update: Hearth puts what has one in the place of what is stored under it. */
const withoutId = <T extends z.ZodRawShape>(shape: T) => z.looseObject({ ...shape, id: z.undefined().optional() });

const entryOf = <T extends z.ZodType>(resource: T) => z.object({ fullUrl: LocalUrl, resource });

/** OpenCRVS 1.2 takes every other code for a birth, without a word. */
const EVENT_CODES = ['birth-notification', 'birth-declaration', 'death-notification', 'death-declaration'] as const;

const Composition = withoutId({
  resourceType: z.literal('Composition'),
  type: z.looseObject({ coding: z.tuple([z.looseObject({ code: z.enum(EVENT_CODES) })], z.unknown()) }),
});

const Task = withoutId({
  resourceType: z.literal('Task'),
  status: z.literal('draft'),
  focus: z.looseObject({ reference: z.string() }),
});

const MOST_ENTRIES = 1_000;

/**
 * A FHIR document as the gateway's `POST /notification` takes it (core@v1.2.1 and @v1.7.0, gateway
 * eventNotificationHandler.ts): Composition and Task first. Other members of Bundle, `meta` and `entry` are left out,
 * because OpenCRVS refuses them.
 */
const Notification = z
  .object({
    resourceType: z.literal('Bundle'),
    type: z.literal('document'),
    meta: z.object({ lastUpdated: z.union([z.iso.datetime({ offset: true }), z.iso.date()]) }),
    entry: upTo(MOST_ENTRIES).pipe(
      z.tuple([entryOf(Composition), entryOf(Task)], entryOf(withoutId({ resourceType: z.string().min(1) }))),
    ),
  })
  .refine(({ entry: [composition, task] }) => task.resource.focus.reference === composition.fullUrl, {
    path: ['entry', 1, 'resource', 'focus', 'reference'],
    message: 'is not the fullUrl of the Composition',
  });

export type Notification = z.infer<typeof Notification>;

/**
 * Checks a birth or death notification of a health system.
 *
 * @throws MediatorError `payload_invalid`, its message naming the parts at fault
 */
export function parseNotification(body: unknown): Notification {
  const parsed = Notification.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new MediatorError('payload_invalid', {
    message: `The body is not a notification that OpenCRVS takes; wrong, missing or not allowed: ${faultyParts(parsed.error)}.`,
  });
}
