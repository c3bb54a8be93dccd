import { z } from 'zod';
import { MediatorError, parseJson } from '../errors/index.js';
import type { InboundRequest } from '../http/index.js';
import { type ActionBy, type EventFilter, STATES } from '../pipeline/index.js';

const KINDS = ['birth', 'death', 'correction', 'cancellation', 'reinstatement', 'unknown'] as const;
const LONGEST_TERM = 200;

/** Our error codes, and those of refusals, which are the other system's own. */
const Code = z.string().regex(/^[\w.:-]{1,100}$/);

/** Several values: repeated, or separated by commas. */
const some = <T extends z.ZodType<string, string>>(value: T) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(value).min(1));

const filter = {
  state: some(z.enum(STATES)).optional(),
  kind: some(z.enum(KINDS)).optional(),
  code: some(Code).optional(),
};

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const Hours = whole(1, 87_600);
/** The number of a line in the store, as a page gives it. */
const Cursor = z.string().regex(/^\d{1,18}$/);

const ListQuery = z.strictObject({
  ...filter,
  olderThanHours: Hours.optional(),
  order: z.enum(['oldest', 'newest']).default('oldest'),
  limit: whole(1, 500).default(50),
  after: Cursor.optional(),
  count: z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false),
});
const Term = z.string().trim().min(1).max(LONGEST_TERM);
const NumberQuery = z.strictObject({ registrationNumber: Term });
const SearchBody = z.strictObject({ term: Term });
const AuditQuery = z.strictObject({ before: Cursor.optional(), limit: whole(1, 500).default(50) });

/** Who acts, beside the common user name, and why. */
const acting = {
  by: z.string().trim().min(1).max(100).optional(),
  reason: z.string().trim().min(1).max(500).optional(),
};
const ActionBody = z.strictObject({ ...acting, version: z.number().int().optional() });
const BulkBody = z.strictObject({
  ...acting,
  filter: z.strictObject({ ...filter, olderThanHours: Hours.optional() }),
  limit: z.number().int().min(1).max(10_000),
});

/** @throws MediatorError `request_invalid` naming the fields at fault, never their values */
function checked<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.some(({ code }) => code === 'unrecognized_keys');
  const named = parsed.error.issues.map(({ path }) => path.filter((part) => typeof part === 'string').join('.'));
  const fields = [...new Set(named)].filter((path) => path !== '');
  const faults = [...fields, ...(unknown ? ['a field that is not known'] : [])].join(', ');
  throw new MediatorError('request_invalid', { message: `Not valid: ${faults === '' ? 'the body' : faults}.` });
}

type GivenFilter = z.output<typeof BulkBody>['filter'];

const toFilter = ({ state, kind, code, olderThanHours }: GivenFilter): EventFilter => ({
  states: state,
  kinds: kind,
  codes: code,
  olderThanMs: olderThanHours === undefined ? undefined : olderThanHours * 3_600_000,
});

/** A listing: by a filter, or of one registration number. */
export type Listing =
  | { readonly registrationNumber: string }
  | {
      readonly filter: EventFilter;
      readonly page: {
        readonly after: string | undefined;
        readonly limit: number;
        readonly order: 'oldest' | 'newest';
      };
      readonly counts: boolean;
    };

export function listingOf({ query }: InboundRequest): Listing {
  if ('registrationNumber' in query) return checked(NumberQuery, { ...query });
  const { after, limit, order, count, ...given } = checked(ListQuery, { ...query });
  return { filter: toFilter(given), page: { after, limit, order }, counts: count };
}

export const termOf = (request: InboundRequest): string => checked(SearchBody, parseJson(request.body)).term;

export const auditPageOf = ({
  query,
}: InboundRequest): { readonly before?: string | undefined; readonly limit: number } =>
  checked(AuditQuery, { ...query });

/** The common user name, and the person's own where it is told. */
const actorOf = (username: string, by: string | undefined): string =>
  by === undefined ? username : `${username} (${by})`;

export function actionOf(request: InboundRequest, username: string): ActionBy {
  const { by, reason, version } = checked(ActionBody, parseJson(request.body));
  return { actor: actorOf(username, by), reason, version };
}

export function bulkActionOf(
  request: InboundRequest,
  username: string,
): { readonly filter: EventFilter; readonly by: ActionBy; readonly limit: number } {
  const { by, reason, filter: given, limit } = checked(BulkBody, parseJson(request.body));
  return { filter: toFilter(given), by: { actor: actorOf(username, by), reason }, limit };
}
