import { z } from 'zod';

/** What the search index knows about a record; names and dates of birth, which it also has, are nobody's business. */
export interface IndexedRecord {
  readonly id: string;
  readonly event: 'birth' | 'death' | 'marriage';
  readonly status: string;
  readonly registrationNumber: string;
  readonly trackingId: string;
  /** Time of the last change, ISO. */
  readonly changedAt: string;
}

const Day = z.iso.date();
/** Of the real input, the members that a careful client needs. A range has both ends (search/utils.ts). */
export const SearchParameters = z
  .strictObject({
    event: z.enum(['birth', 'death', 'marriage']).nullish(),
    registrationNumber: z.string().nullish(),
    trackingId: z.string().nullish(),
    recordId: z.string().nullish(),
    dateOfRegistrationStart: Day.nullish(),
    dateOfRegistrationEnd: Day.nullish(),
  })
  .refine((given) => (given.dateOfRegistrationStart == null) === (given.dateOfRegistrationEnd == null));

/** An external client finds these and no others. */
const REGISTERED = new Set(['REGISTERED', 'CERTIFIED', 'ISSUED']);

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().split(/[^\p{L}\p{N}]+/u));

/** A number is matched word by word: one word in common is a hit. */
const shareWord = (a: string, b: string): boolean => [...wordsOf(a)].some((word) => wordsOf(b).has(word));

export interface Page {
  readonly count: number;
  readonly skip: number;
  readonly isAscending: boolean;
}

/** The hits of one page, and how many there are in all. */
export function searchIndex(
  records: readonly IndexedRecord[],
  parameters: z.infer<typeof SearchParameters>,
  { count, skip, isAscending }: Page,
): { readonly total: number; readonly hits: readonly IndexedRecord[] } {
  const { event, registrationNumber, trackingId, recordId } = parameters;
  const { dateOfRegistrationStart: start, dateOfRegistrationEnd: end } = parameters;
  const matching = records
    .filter(({ status }) => REGISTERED.has(status))
    .filter((record) => event == null || record.event === event)
    .filter((record) => registrationNumber == null || shareWord(record.registrationNumber, registrationNumber))
    .filter((record) => trackingId == null || record.trackingId === trackingId)
    .filter((record) => recordId == null || record.id === recordId)
    .filter(({ changedAt }) => start == null || changedAt.slice(0, 10) >= start)
    .filter(({ changedAt }) => end == null || changedAt.slice(0, 10) <= end)
    .toSorted((a, b) => (a.changedAt < b.changedAt ? -1 : 1) * (isAscending ? 1 : -1));
  return { total: matching.length, hits: matching.slice(skip, skip + count) };
}
