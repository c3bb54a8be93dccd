import type { Readable } from 'node:stream';

/** A request as our handlers see it: nothing of Express passes this line. */
export interface InboundRequest {
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  /** The query as it was sent, without the question mark; never logged. */
  readonly rawQuery: string;
  readonly query: Readonly<Record<string, unknown>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Exactly the bytes that came; empty where there was no body. */
  readonly body: Buffer;
  /** `X-OpenHIM-TransactionID`, when the call came through OpenHIM. */
  readonly transactionId: string | undefined;
  readonly correlationId: string;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** An answer before it is written out, plainly or inside OpenHIM's envelope. Without a body: `''`. */
export interface Reply {
  readonly status: number;
  /** Names in lower case, `content-type` among them when there is a body; no hop-by-hop headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** A stream is written plainly as it comes: only for calls that did not come through OpenHIM. */
  readonly body: string | Buffer | Readable;
  /** As `outlivesAnswer` of a route, where a route takes events and answers questions. */
  readonly outlivesAnswer?: true;
}

export type Handler = (request: InboundRequest) => Promise<Reply>;

/** A JSON reply. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}
