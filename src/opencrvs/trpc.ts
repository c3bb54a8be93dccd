import superjson, { type SuperJSONResult } from 'superjson';
import { z } from 'zod';

/** A call of the events service, without a token. */
export interface TrpcRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** To be sent as JSON. */
  readonly body?: unknown;
}

/** Superjson's own form of a value. */
const Wrapped = z.custom<SuperJSONResult>((data) => typeof data === 'object' && data !== null && 'json' in data);
const Done = z.tuple([z.object({ result: z.object({ data: Wrapped }) })]);
const Failed = z.tuple([z.object({ error: z.object({ json: z.object({ data: z.object({ code: z.string() }) }) }) })]);

/**
 * A call of a procedure below this address as the batch link of tRPC makes it, a batch of one (reference/opencrvs.md
 * 6.3). Without an input it is a query.
 */
export function trpcRequest(base: string, procedure: string, input?: unknown): TrpcRequest {
  const url = `${base}/${procedure}?batch=1`;
  return input === undefined
    ? { method: 'GET', url: `${url}&input=%7B%7D` }
    : { method: 'POST', url, body: { 0: superjson.serialize(input) } };
}

/** What a procedure returned, by the body of an answer; undefined where that holds no result. */
export function trpcResult(body: unknown): { readonly data: unknown } | undefined {
  const done = Done.safeParse(body).data?.[0];
  if (done === undefined) return undefined;
  try {
    return { data: superjson.deserialize(done.result.data) };
  } catch {
    // Notes of superjson that do not fit their data: as unreadable as no result at all.
    return undefined;
  }
}

/** The code of tRPC in the body of an answer that is an error, e.g. `FORBIDDEN`. */
export function trpcErrorCode(body: unknown): string | undefined {
  return Failed.safeParse(body).data?.[0].error.json.data.code;
}
