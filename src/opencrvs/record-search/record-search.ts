import { z } from 'zod';
import type { RecordSearchSettings } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import type { OutboundClient, TokenSource } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Metrics } from '../../telemetry/index.js';
import type { RegistrationKind } from '../../vital-events/index.js';
import type { GatewayOperation } from '../graphql.js';
import { optional, Text } from '../readers/lenient.js';
import type { RecordPart, RecordParts } from '../record-part.js';
import { dayOf, type ListedRegistration, type RegistrationSource } from '../registration-list.js';
import { createDailyQuota } from './daily-quota.js';
import { fetchParts } from './fetched-parts.js';
import { fetchRegistration } from './fetched-registration.js';
import { createSearchCall } from './search-call.js';

export interface RecordSearchDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Of the client of type RECORD_SEARCH. */
  readonly tokens: TokenSource;
}

/** A registration that is looked for. */
export interface WantedRecord {
  readonly kind: RegistrationKind;
  readonly recordId: string;
  readonly registrationNumber: string;
}

/**
 * Record search of OpenCRVS 1.5 to 1.9 (reference/opencrvs.md 4.6). Each search counts against the client's daily
 * quota, and OpenCRVS writes each hit into the history of its record, as a download. It knows registered records only.
 */
export interface RecordSearch extends RegistrationSource {
  /**
   * These parts of a record, as far as it has them; undefined when the search does not find it (yet).
   *
   * @throws MediatorError a `peer_…` code, `peer_quota_used` among them; `event_unreadable` when the record found has
   *   another number
   */
  readParts(wanted: WantedRecord, parts: readonly RecordPart[], signal: AbortSignal): Promise<RecordParts | undefined>;
  stop(): void;
}

/** Every field is nullable in the gateway's schema. `type` is `Birth` to 1.6 and `birth` from 1.7 on. */
const Hit = z.object({
  id: Text,
  type: z.string().transform((type) => type.toLowerCase()),
  registration: z.object({ registrationNumber: Text, trackingId: optional(Text) }),
});

interface Hits {
  readonly total: number;
  readonly registrations: readonly ListedRegistration[];
}

const Results = z.object({
  searchEvents: z.object({ totalItems: z.number().nullish(), results: z.array(z.unknown()).nullish() }),
});

/** The index keeps more about a person than is asked for here. */
const SEARCH: GatewayOperation<Hits> = {
  name: 'searchEvents',
  query: `query searchEvents($parameters: AdvancedSearchParametersInput!, $count: Int, $skip: Int, $sortColumn: String, $sort: String) {
    searchEvents(advancedSearchParameters: $parameters, count: $count, skip: $skip, sortColumn: $sortColumn, sort: $sort) {
      totalItems
      results { id type registration { registrationNumber trackingId } }
    }
  }`,
  data: Results.transform(({ searchEvents: { totalItems, results } }) => ({
    total: totalItems ?? 0,
    registrations: (results ?? []).flatMap((result) => {
      const hit = Hit.safeParse(result).data;
      if (hit === undefined) return [];
      const { registrationNumber, trackingId } = hit.registration;
      return [{ recordId: hit.id, type: hit.type, registrationNumber, trackingId }];
    }),
  })),
};

/** A search costs the same however many hits it has, but the gateway fetches each of them before it answers. */
const PAGE_SIZE = 50;

/**
 * The column by which the index knows when a record was changed last, whatever its name says (core v1.5.0 to v1.9.15,
 * search service: Task.lastModified). `dateOfRegistration…` in a search looks at it too.
 */
const CHANGED_AT = 'dateOfDeclaration';

/** Lists leave the rest of the day's searches to the events that wait for a part of theirs. */
const SHARE_FOR_LISTS = 0.5;

/** Health check `opencrvs-search`: degraded while it fails, or while the searches of the day are used up. */
export function createRecordSearch(
  deps: RecordSearchDeps,
  { gatewayUrl, dailyQuota }: Pick<RecordSearchSettings, 'gatewayUrl' | 'dailyQuota'>,
): RecordSearch {
  const { clock, metrics, health } = deps;
  const check = health.check('opencrvs-search');
  const quota = createDailyQuota({ clock, metrics, check }, dailyQuota);
  const call = createSearchCall({ ...deps, exhausted: quota.exhaust }, gatewayUrl);

  const reported = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      const result = await work();
      quota.show();
      return result;
    } catch (thrown) {
      const error = toMediatorError(thrown);
      if (error.code !== 'peer_quota_used') check.report('degraded', error.message);
      throw error;
    }
  };

  const search = (parameters: object, options: object, signal: AbortSignal, share = 1): Promise<Hits> =>
    reported(async () => {
      quota.take(share);
      return call(SEARCH, { parameters, ...options }, signal);
    });

  return {
    async readParts({ kind, recordId, registrationNumber }, parts, signal) {
      // By the id too: a number is matched word by word, and whatever else is hit is read by OpenCRVS in our name.
      const { registrations } = await search({ event: kind, registrationNumber, recordId }, { count: 1 }, signal);
      const isWanted = (hit: ListedRegistration): boolean =>
        hit.recordId === recordId && hit.type === kind && hit.registrationNumber === registrationNumber;
      if (!registrations.some(isWanted)) return undefined;
      const fetched = await reported(() => call(fetchParts(kind, parts), { id: recordId }, signal));
      if (fetched.recordId === recordId && fetched.registrationNumber === registrationNumber) return fetched.parts;
      throw new MediatorError('event_unreadable', {
        message: 'The record that OpenCRVS has under this id has another registration number.',
      });
    },
    async listRegistrations(since, until, page, signal) {
      const parameters = { dateOfRegistrationStart: dayOf(since), dateOfRegistrationEnd: dayOf(until) };
      const skip = page * PAGE_SIZE;
      const order = { count: PAGE_SIZE, skip, sortColumn: CHANGED_AT, sort: 'asc' };
      const { total, registrations } = await search(parameters, order, signal, SHARE_FOR_LISTS);
      return { registrations, hasMore: skip + PAGE_SIZE < total };
    },
    async readRegistration({ recordId, type, registrationNumber }, signal) {
      if (type !== 'birth' && type !== 'death') return undefined;
      // Listed a moment ago, by the search that OpenCRVS wants before it shows a record to this client.
      const operation = fetchRegistration(type);
      const fetched = await reported(() => call(operation, { id: recordId }, signal));
      if (fetched.recordId !== recordId || fetched.registrationNumber !== registrationNumber) return undefined;
      return { reading: fetched.reading, raw: JSON.stringify(fetched.shown) };
    },
    stop: quota.stop,
  };
}
