import type { CallRecord } from '../outbound/index.js';
import { quoted } from './json-text.js';

/** The content type by which OpenHIM core knows an envelope (openhim.md 4.1). */
export const ENVELOPE_CONTENT_TYPE = 'application/json+openhim';

/** The answer for the caller, as a route made it; the envelope is put around it. */
export interface EnvelopedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Text in UTF-8, not compressed: core stores and forwards strings only. */
  readonly body: string | Buffer;
}

export interface EnvelopeInput {
  readonly urn: string;
  readonly reply: EnvelopedReply;
  /** The outward calls made for this answer: each becomes an orchestration. */
  readonly calls: readonly CallRecord[];
  /** ISO-8601. */
  readonly respondedAt: string;
  /** Asks core to rerun the request: only for a failure that passes by itself (openhim.md section 0, fact 5). */
  readonly error?: { readonly message: string };
  /** Shown with the transaction, and searchable there. */
  readonly properties?: Readonly<Record<string, string>>;
  /** The work goes on after this answer, and its end is told to core later. */
  readonly isPending?: boolean;
}

/** Hop-by-hop headers, what core sets itself, and cookies: a FHIR or JSON client has no use for them. */
const DROPPED_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-encoding',
  'date',
  'set-cookie',
]);

const ASCII = /^[\x20-\x7e]*$/;

/** What may stand in a header: core answers 500 and queues a retry for anything else (openhim.md 4.2). */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function headersOf({ headers, body }: EnvelopedReply): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = typeof value === 'string' ? value : value?.join(', ');
    const key = name.toLowerCase();
    if (text !== undefined && !DROPPED_HEADERS.has(key) && HEADER_VALUE.test(text)) kept[key] = text;
  }
  // Without a content type the caller would get `application/octet-stream` (fact 4).
  return body.length === 0 ? kept : { 'content-type': 'text/plain; charset=utf-8', ...kept };
}

/** One outward call as core stores it, with what core stumbles over when it is missing (openhim.md section 0). */
export function orchestrationOf({ peer, operation, request, response, error }: CallRecord): Record<string, unknown> {
  return {
    name: operation,
    group: peer,
    request: {
      method: request.method,
      host: request.host,
      port: String(request.port),
      path: request.path,
      querystring: '',
      headers: {},
      body: request.body ?? '',
      timestamp: request.timestamp,
    },
    ...(response === undefined
      ? {}
      : {
          response: {
            status: response.status,
            headers: {},
            body: response.body ?? '',
            timestamp: response.timestamp,
          },
        }),
    ...(error === undefined ? {} : { error: { message: `${error.code}: ${error.message}` } }),
  };
}

/** The status shown for the transaction; core would otherwise call every redirect merely completed (openhim.md 4.3). */
export function transactionStatus(status: number): 'Successful' | 'Completed' | 'Failed' {
  if (status >= 500) return 'Failed';
  return status >= 400 ? 'Completed' : 'Successful';
}

/** Dots and dollar signs in a key break core's search for it (openhim.md 4.1, 10.3). */
function safeKeys(properties: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).map(([key, value]) => [key.replace(/[.$]/g, '_'), value]));
}

/** UTF-8 with one character a byte, from a text. */
const asBytes = (text: string): string => (ASCII.test(text) ? text : Buffer.from(text).toString('latin1'));

/**
 * A response in OpenHIM's own format, obeying openhim.md sections 0 and 4: UTF-8 with one character a byte (`latin1`).
 * The body, by far the largest part, is escaped once and neither parsed nor decoded; what is not UTF-8 in it stays so, and
 * core replaces it as any decoder would.
 */
export function toEnvelope({ urn, reply, calls, respondedAt, error, properties, isPending }: EnvelopeInput): string {
  const envelope = JSON.stringify({
    'x-mediator-urn': urn,
    // Core ends no transaction that is pending: only `PUT /transactions/:id` does (openhim.md 4.3).
    status: isPending === true ? 'Pending Async' : transactionStatus(reply.status),
    orchestrations: calls.map(orchestrationOf),
    ...(properties === undefined ? {} : { properties: safeKeys(properties) }),
    ...(error === undefined ? {} : { error: { message: error.message } }),
    // The last member of the last: the body is put in before the two braces at the end.
    response: { status: reply.status, headers: headersOf(reply), timestamp: respondedAt },
  });
  // A null body would become a 204, whatever the status (fact 3).
  const body = quoted(typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body);
  return `${asBytes(envelope.slice(0, -2))},"body":${body}}}`;
}
