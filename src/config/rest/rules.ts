import { z } from 'zod';
import { Expression } from './expression.js';

const Status = z.union([z.int().min(100).max(599), z.enum(['2xx', '3xx', '4xx', '5xx'])], {
  error: 'a status such as 404, or a class of them such as 4xx',
});

/** When a rule applies: the answer has one of these statuses, and `when` is true of it. */
const conditions = {
  status: z.union([Status, z.array(Status).min(1)]).transform((given) => [given].flat()),
  when: Expression.optional(),
};

const without = <const R extends string>(...results: [R, ...R[]]) =>
  z.strictObject({ ...conditions, result: z.enum(results) });

/** `retry`: not now. `misconfigured`: our settings are wrong. */
const Fault = without('retry', 'misconfigured');

const Code = z.string().regex(/^[\w.:-]{1,64}$/, 'a code of letters, digits, dots, colons, bars and dashes');
const Reason = z.string().min(1).max(300);

/**
 * A refusal in words of the file. Of the system's own codes, which `read` finds in the answer, only those that
 * `reasons` names are passed on: what it sends may be a person's data.
 */
const Refused = z.strictObject({
  ...conditions,
  result: z.literal('refused'),
  code: Code,
  reason: Reason,
  read: Expression.optional(),
  reasons: z.record(Code, Reason).default({}),
});

const Issued = z.strictObject({ ...conditions, result: z.literal('issued'), identity: Expression });
/** `differences`: which attributes of the claim differ; an empty list is a match. */
const Compared = z.strictObject({ ...conditions, result: z.literal('compared'), differences: Expression });
const Found = z.strictObject({ ...conditions, result: z.literal('found'), found: Expression });

/** The first rule that applies decides, so their order counts. One list for each kind of question. */
export const IssueRules = z.array(z.discriminatedUnion('result', [Issued, without('pending'), Refused, Fault])).min(1);
export const ChangeRules = z
  .array(z.discriminatedUnion('result', [without('confirmed', 'pending'), Refused, Fault]))
  .min(1);
export const StatusRules = z
  .array(
    z.discriminatedUnion('result', [Issued, without('confirmed', 'pending'), without('not-found'), Refused, Fault]),
  )
  .min(1);
export const VerifyRules = z
  .array(
    z.discriminatedUnion('result', [without('match', 'not-found', 'inactive'), without('mismatch'), Compared, Fault]),
  )
  .min(1);
export const AgeRules = z
  .array(z.discriminatedUnion('result', [without('yes', 'no', 'not-found', 'inactive'), Fault]))
  .min(1);
export const LookupRules = z.array(z.discriminatedUnion('result', [Found, without('not-found'), Fault])).min(1);

export type FaultRule = z.output<typeof Fault>;
export type RefusedRule = z.output<typeof Refused>;
export type SubmissionRule = z.output<typeof IssueRules | typeof ChangeRules | typeof StatusRules>[number];
export type VerifyRule = z.output<typeof VerifyRules>[number];
export type AgeRule = z.output<typeof AgeRules>[number];
export type LookupRule = z.output<typeof LookupRules>[number];
export type AnswerRule = Exclude<SubmissionRule, { result: 'not-found' }>;
export type Rule = SubmissionRule | VerifyRule | AgeRule | LookupRule;
