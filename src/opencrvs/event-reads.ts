import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
  readJson,
  serviceUrl,
  type TokenSource,
  withToken,
} from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import { optional, Text } from './readers/lenient.js';
import { dayOf, type RegistrationList } from './registration-list.js';

export interface EventReadsDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly tokens: TokenSource;
}

/**
 * What the REST interface of OpenCRVS 2.x tells a system client about events (reference/opencrvs.md 4.6): single ones
 * with the scope `record.read`, lists with `record.search`. OpenCRVS writes each reading into the history of the event.
 */
export interface EventReads extends RegistrationList {
  /**
   * The EventDocument with this id, not looked into yet; undefined when there is none that the client may see.
   *
   * @throws MediatorError a `peer_…` code
   */
  read(eventId: string, signal: AbortSignal): Promise<unknown>;
}

const EventId = z.uuid();

/** Of each event the index alone; the fields of the person's form come with it and are not looked at. */
const Found = z.object({
  total: z.number(),
  results: z.array(
    z.object({
      id: Text,
      type: Text,
      trackingId: optional(Text),
      legalStatuses: z.object({ REGISTERED: z.object({ registrationNumber: Text }) }),
    }),
  ),
});

const PAGE_SIZE = 100;
const REGISTERED_AT = 'legalStatuses.REGISTERED.acceptedAt';

function errorFor(response: OutboundResponse, scope: string, nowMs: number): MediatorError {
  const { status } = response;
  if (status === 403) {
    const message = `OpenCRVS does not let us read: the client lacks the scope ${scope} for events of this type.`;
    return new MediatorError('peer_unauthorized', { message });
  }
  const message = `The OpenCRVS events service answered HTTP ${status}.`;
  return errorForStatus(response, nowMs) ?? new MediatorError('peer_error', { message });
}

/** Reads below `/events` of this gateway, which passes what follows on to the events service. */
export function createEventReads({ outbound, clock, tokens }: EventReadsDeps, gatewayUrl: string): EventReads {
  const base = `${serviceUrl(gatewayUrl, '/events')}/events`;

  const send = (request: Omit<OutboundRequest, 'peer'>): Promise<OutboundResponse> =>
    withToken(tokens, (token) =>
      outbound.send({
        ...request,
        peer: 'opencrvs-gateway',
        headers: { ...request.headers, accept: 'application/json', authorization: `Bearer ${token}` },
      }),
    );

  return {
    async read(eventId, signal) {
      if (!EventId.safeParse(eventId).success) return undefined;
      const response = await send({ operation: 'read-event', method: 'GET', url: `${base}/${eventId}`, signal });
      if (response.status === 404 && isNotFound(response)) return undefined;
      if (response.status !== 200) throw errorFor(response, 'record.read', clock.now());
      return readJson(response);
    },
    async listRegistrations(since, until, page, signal) {
      const offset = page * PAGE_SIZE;
      const registered = { type: 'range', gte: dayOf(since), lte: dayOf(until) };
      const response = await send({
        operation: 'search-events',
        method: 'POST',
        url: `${base}/search`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          query: { type: 'and', clauses: [{ [REGISTERED_AT]: registered }] },
          limit: PAGE_SIZE,
          offset,
          sort: [{ field: REGISTERED_AT, direction: 'asc' }],
        }),
        signal,
      });
      if (response.status !== 200) throw errorFor(response, 'record.search', clock.now());
      const found = Found.safeParse(readJson(response));
      if (!found.success) throw new MediatorError('peer_response_invalid');
      const registrations = found.data.results.map(({ id, type, trackingId, legalStatuses }) => ({
        recordId: id,
        type,
        registrationNumber: legalStatuses.REGISTERED.registrationNumber,
        trackingId,
      }));
      return { registrations, hasMore: offset + PAGE_SIZE < found.data.total };
    },
  };
}

const NotFound = z.object({ code: z.literal('NOT_FOUND'), message: z.string().startsWith('Event not found') });

/** Whether an event is not there: an address that is wrong is 404 as well, in other words. */
function isNotFound(response: OutboundResponse): boolean {
  try {
    return NotFound.safeParse(readJson(response)).success;
  } catch {
    // No JSON: not the words of the events service.
    return false;
  }
}
