import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import { type OutboundResponse, readJson, serviceUrl } from '../outbound/index.js';

/** One operation of the GraphQL gateway and how its `data` is read. */
export interface GatewayOperation<T> {
  /** Of the operation in `query`; also what the call is called in metrics. */
  readonly name: string;
  readonly query: string;
  readonly data: z.ZodType<T>;
}

const GatewayError = z.object({
  message: z.string(),
  extensions: z.object({ code: z.string().optional() }).optional(),
});
/** An entry of `errors[]`. Its text may quote a record: it is compared, never passed on. */
export type GatewayError = z.infer<typeof GatewayError>;

const Answer = z.object({ data: z.unknown(), errors: z.array(GatewayError).default([]) });

/** The call that runs an operation below the address of a gateway, without a token. */
export function gatewayRequest(
  gatewayUrl: string,
  { name, query }: Pick<GatewayOperation<unknown>, 'name' | 'query'>,
  variables: Readonly<Record<string, unknown>>,
) {
  return {
    operation: name,
    method: 'POST',
    url: serviceUrl(gatewayUrl, '/graphql'),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operationName: name, query, variables }),
  } as const;
}

/** The first entry of `errors[]`; undefined where there is none, or no GraphQL at all. */
export function gatewayErrorIn(response: OutboundResponse): GatewayError | undefined {
  try {
    return Answer.safeParse(readJson(response)).data?.errors[0];
  } catch {
    // No JSON: not the gateway's own words.
    return undefined;
  }
}

/** How the answer to an operation is judged. */
export interface AnswerRules {
  /** What the first entry of `errors[]` means. */
  readonly errorFor: (error: GatewayError) => MediatorError;
  /** The error by the status alone, for an answer in which there are no `errors[]`. */
  readonly failed?: MediatorError | undefined;
}

/**
 * The `data` of an answer; errors come with HTTP 200 as well (reference/opencrvs.md 2.3).
 *
 * @throws MediatorError as the rules say; `peer_response_invalid` for an answer that is none to this operation
 */
export function readGatewayAnswer<T>(
  response: OutboundResponse,
  { data }: GatewayOperation<T>,
  { errorFor, failed }: AnswerRules,
): T {
  const answer = Answer.safeParse(readJson(response)).data;
  const [first] = answer?.errors ?? [];
  const error = first === undefined ? failed : errorFor(first);
  if (error !== undefined) throw error;
  const read = data.safeParse(answer?.data);
  if (!read.success) throw new MediatorError('peer_response_invalid');
  return read.data;
}
