import { z } from 'zod';
import { MediatorError } from '../../errors/index.js';
import { errorForStatus, type OutboundResponse, readJson } from '../../outbound/index.js';
import type { ClaimAttribute } from '../queries.js';

/** IDA names its errors otherwise than MOSIP's other services (reference/mosip.md 1.4). */
const Answer = z.object({
  response: z.object({ authStatus: z.boolean() }).nullish(),
  errors: z.array(z.object({ errorCode: z.string(), errorMessage: z.string().default('') })).nullish(),
});

type IdaError = NonNullable<z.infer<typeof Answer>['errors']>[number];

/** What IDA says about the holder of a number and what was claimed of them. */
export type IdaAnswer =
  | { readonly result: 'match' | 'not-found' | 'inactive' }
  | { readonly result: 'mismatch'; readonly attributes: readonly (ClaimAttribute | 'age')[] };

/** No identity has this number: invalid UIN or VID, of the wrong length or checksum, or not in the database. */
const NOT_FOUND: ReadonlySet<string> = new Set([
  'IDA-MLC-002',
  'IDA-MLC-004',
  'IDA-MLC-018',
  'IDA-MLC-026',
  'IDA-MLC-027',
  'IDA-MLC-028',
  'IDA-MLC-029',
]);

/** UIN deactivated or blocked, VID expired or revoked, UIN behind a VID deactivated; 032 is Uganda's for the deceased. */
const INACTIVE: ReadonlySet<string> = new Set([
  'IDA-MLC-003',
  'IDA-MLC-005',
  'IDA-MLC-010',
  'IDA-MLC-022',
  'IDA-MLC-023',
  'IDA-MLC-032',
]);

/** An attribute differs, or MOSIP holds none: either way it is not borne out. */
const MISMATCH: ReadonlySet<string> = new Set(['IDA-DEA-001', 'IDA-DEA-003']);

/** Our clock, our certificates and keys, our partner and its policy, our language, the form of our request. */
const CONFIGURATION =
  /^(?:IDA-MPA-\d{3}|PMS_PMP_\d{3}|IDA-MLC-(?:001|006|008|009|011|012|013|015|025)|IDA-DEA-002|IDA-IDV-001)$/;

/** Words of the messages, which quote the name of an attribute and never its value. */
const ATTRIBUTES = [
  { words: /\bname\b/i, attribute: 'name' },
  { words: /\b(?:dob|date ?of ?birth)\b/i, attribute: 'birth-date' },
  { words: /\bgender\b/i, attribute: 'gender' },
  { words: /\bage\b/i, attribute: 'age' },
] as const;

type Meaning = 'not-found' | 'inactive' | 'mismatch' | 'configuration' | 'unavailable';

function meaningOf({ errorCode, errorMessage }: IdaError): Meaning {
  // A number of an impossible form is an invalid parameter to IDA; any other one is a fault of ours.
  if (errorCode === 'IDA-MLC-009' && /individualId\b/.test(errorMessage)) return 'not-found';
  if (NOT_FOUND.has(errorCode)) return 'not-found';
  if (INACTIVE.has(errorCode)) return 'inactive';
  if (MISMATCH.has(errorCode)) return 'mismatch';
  return CONFIGURATION.test(errorCode) ? 'configuration' : 'unavailable';
}

/** A code of MOSIP's form may be told; anything else in its place may not. */
const told = ({ errorCode }: IdaError): string =>
  /^[A-Z]{3}[-_][A-Z0-9_-]{3,12}$/.test(errorCode) ? errorCode : 'an unknown code';

function judge(errors: readonly IdaError[]): IdaAnswer {
  const found = errors.map((error) => ({ error, meaning: meaningOf(error) }));
  const first = (meaning: Meaning): IdaError | undefined => found.find((entry) => entry.meaning === meaning)?.error;
  const ours = first('configuration');
  if (ours !== undefined) {
    throw new MediatorError('national_id_misconfigured', {
      message: `Identity authentication does not accept us (${told(ours)}).`,
    });
  }
  for (const result of ['not-found', 'inactive'] as const) if (first(result) !== undefined) return { result };
  const away = first('unavailable');
  if (away !== undefined) {
    throw new MediatorError('peer_error', { message: `Identity authentication answered ${told(away)}.` });
  }
  const text = errors.map(({ errorMessage }) => errorMessage).join('\n');
  const attributes = ATTRIBUTES.filter(({ words }) => words.test(text)).map(({ attribute }) => attribute);
  return { result: 'mismatch', attributes };
}

/**
 * Reads an answer of IDA, which comes with HTTP 200 whatever it says. Errors decide before `authStatus`, and neither a
 * yes nor a no is ever taken from less than one of the two.
 *
 * @throws MediatorError `national_id_misconfigured`, `peer_error`, `peer_response_invalid`, and by status
 */
export function readIdaAnswer(response: OutboundResponse, nowMs: number): IdaAnswer {
  const failure = errorForStatus(response, nowMs);
  // A wrong address, or a gateway that does not let us in: MOSIP itself says neither by status.
  if (failure?.code === 'peer_misconfigured' || response.status === 403) {
    throw new MediatorError('national_id_misconfigured', { message: `The peer answered HTTP ${response.status}.` });
  }
  if (failure !== undefined) throw failure;
  const parsed = Answer.safeParse(readJson(response));
  if (!parsed.success) throw new MediatorError('peer_response_invalid');
  const { errors, response: content } = parsed.data;
  if (errors !== null && errors !== undefined && errors.length > 0) return judge(errors);
  if (content?.authStatus === true) return { result: 'match' };
  throw new MediatorError('peer_response_invalid', { message: 'Identity authentication says no without a reason.' });
}
