import { z } from 'zod';
import { json, type PeerReply, type ReceivedRequest } from './http-peer.js';
import type { OpenCrvsEventsStore, StoredEvent } from './opencrvs-events-store.js';
import type { Claims } from './opencrvs-system.js';

/** A scope is bare to 1.9 and encoded from 2.0 (reference/opencrvs.md 2.2). */
export const hasScope = ({ scope }: Claims, wanted: string): boolean =>
  scope.some((given) => given === wanted || given.split('&').includes(`type=${wanted}`));

const failure = (status: number, code: string, message: string): PeerReply => json({ message, code }, status);

const REGISTERED_AT = 'legalStatuses.REGISTERED.acceptedAt';
/** Of the real query, the one condition that is used: a range of days (commons EventIndex.ts, core v2.0.0). */
const Search = z.strictObject({
  query: z.strictObject({
    type: z.literal('and'),
    clauses: z.tuple([
      z.strictObject({
        [REGISTERED_AT]: z.strictObject({ type: z.literal('range'), gte: z.iso.date(), lte: z.iso.date() }),
      }),
    ]),
  }),
  limit: z.int().default(100),
  offset: z.int().default(0),
  sort: z.array(z.strictObject({ field: z.literal(REGISTERED_AT), direction: z.enum(['asc', 'desc']) })).optional(),
});

function registrationOf({ actions }: StoredEvent) {
  return actions.find(({ type, status }) => type === 'REGISTER' && status === 'Accepted');
}

/** The index has the fields of the form too. */
function indexed(event: StoredEvent): unknown {
  const { id, type, trackingId, createdAt, updatedAt } = event;
  const registered = registrationOf(event);
  return {
    id,
    type,
    trackingId,
    createdAt,
    updatedAt,
    status: 'REGISTERED',
    legalStatuses: {
      REGISTERED: { acceptedAt: registered?.createdAt, registrationNumber: registered?.registrationNumber },
    },
    declaration: Object.assign({}, ...event.actions.map(({ declaration }) => declaration)),
  };
}

function search(store: OpenCrvsEventsStore, body: Buffer): PeerReply {
  const input = Search.safeParse(JSON.parse(body.toString('utf8')));
  if (!input.success) return failure(400, 'BAD_REQUEST', 'Input validation failed');
  const { query, limit, offset } = input.data;
  const { gte = '', lte = '' } = query.clauses[0][REGISTERED_AT] ?? {};
  const found = store.all
    .map((event) => ({ event, day: registrationOf(event)?.createdAt.slice(0, 10) }))
    .filter(({ day }) => day !== undefined && gte <= day && day <= lte)
    .map(({ event }) => indexed(event));
  return json({ total: found.length, results: found.slice(offset, offset + limit) });
}

function read(store: OpenCrvsEventsStore, eventId: string, reader: string): PeerReply {
  if (!z.uuid().safeParse(eventId).success) return failure(400, 'BAD_REQUEST', 'Input validation failed');
  if (store.all.every(({ id }) => id !== eventId)) {
    return failure(404, 'NOT_FOUND', `Event not found with ID: ${eventId}`);
  }
  return json(store.show(eventId, reader));
}

/**
 * The REST calls of the events service of 2.x for system clients, as they are seen through the gateway (reference/opencrvs.md
 * 4.6; core v2.0.0, events/src/router/event/index.ts). Undefined for a call that is none of them.
 */
export function answerRest(
  store: OpenCrvsEventsStore,
  { method, path, body }: ReceivedRequest,
  claims: Claims | undefined,
): PeerReply | undefined {
  const isSearch = `${method} ${path}` === 'POST /events/events/search';
  const [, eventId] = (method === 'GET' && /^\/events\/events\/([^/]+)$/.exec(path)) || [];
  if (!isSearch && eventId === undefined) return undefined;
  if (claims === undefined) return failure(401, 'UNAUTHORIZED', 'Authorization not found');
  if (!hasScope(claims, isSearch ? 'record.search' : 'record.read')) return failure(403, 'FORBIDDEN', 'Forbidden');
  return eventId === undefined ? search(store, body) : read(store, eventId, claims.sub);
}
