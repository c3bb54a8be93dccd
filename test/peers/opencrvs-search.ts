import { z } from 'zod';
import { ResolverError } from './opencrvs-resolver-error.js';
import { type IndexedRecord, SearchParameters, searchIndex } from './opencrvs-search-index.js';

const Call = z.object({
  parameters: SearchParameters,
  count: z.int().nullish(),
  skip: z.int().nullish(),
  sort: z.enum(['asc', 'desc']).nullish(),
});

const DEFAULT_SIZE = 10;

/**
 * `searchEvents` for a client of type RECORD_SEARCH (core v1.5.0 and v1.7.0, search/root-resolvers.ts): a search with a
 * hit counts against the quota of the day, and every hit on the page is downloaded in the client's name.
 */
export class OpenCrvsSearch {
  readonly #now: () => number;
  readonly index: IndexedRecord[] = [];
  dailyQuota = 2000;
  /** To 1.6 an exceeded quota is HTTP 200 with a code of its own, and a missing scope an error. */
  isBefore17 = false;
  /** Record ids, in the order in which records were shown to the client. */
  readonly downloads: string[] = [];
  readonly #counted: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Searches of today that counted. */
  get counted(): number {
    const today = this.#dayOf(this.#now());
    return this.#counted.filter((at) => this.#dayOf(at) === today).length;
  }

  #dayOf(at: number): string {
    return new Date(at).toISOString().slice(0, 10);
  }

  answer(scopes: readonly string[], given: unknown): unknown {
    if (!scopes.includes('recordsearch')) {
      if (!this.isBefore17) return { totalItems: 0, results: [] };
      throw new ResolverError('Advanced search is only allowed for registrar, registration agent & field agent');
    }
    if (this.counted >= this.dailyQuota) {
      const [code, status] = this.isBefore17
        ? (['DAILY_QUOTA_EXCEEDED', 200] as const)
        : (['RATE_LIMIT_EXCEEDED', 429] as const);
      throw new ResolverError('Daily search quota exceeded', code, status);
    }
    const { parameters, count, skip, sort } = Call.parse(given);
    const page = { count: count || DEFAULT_SIZE, skip: skip || 0, isAscending: sort === 'asc' };
    const { total, hits } = searchIndex(this.index, parameters, page);
    this.downloads.push(...hits.map(({ id }) => id));
    if (total > 0) this.#counted.push(this.#now());
    return { totalItems: total, results: hits.map((hit) => this.#shown(hit)) };
  }

  #shown({ id, event, status, registrationNumber, trackingId, changedAt }: IndexedRecord): unknown {
    const type = this.isBefore17 ? `${event.charAt(0).toUpperCase()}${event.slice(1)}` : event;
    return { id, type, registration: { status, registrationNumber, trackingId, dateOfDeclaration: changedAt } };
  }
}
