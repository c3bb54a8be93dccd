import { gunzipSync, inflateSync } from 'node:zlib';
import { ConnectionDropped, type PeerReply } from './http-peer.js';
import type { ChannelDoc } from './openhim-core-rules.js';
import { envelopeFaults, isObject, isStorableTime } from './openhim-envelope-rules.js';

export type Headers = Record<string, string | string[] | undefined>;

export interface StoredRequest {
  readonly method: string;
  readonly path: string;
  readonly querystring: string;
  readonly headers: Headers;
  readonly body: string;
  readonly timestamp: string;
}

export interface StoredResponse {
  readonly status: number;
  readonly headers: unknown;
  readonly body: string;
  readonly timestamp?: unknown;
}

/** A transaction as core stores it. */
export interface Transaction {
  readonly id: string;
  readonly channel: ChannelDoc;
  readonly clientId: string | undefined;
  readonly parentId: string | undefined;
  readonly childIds: string[];
  readonly request: StoredRequest;
  readonly canRerun: boolean;
  status: string;
  response: StoredResponse | undefined;
  /** Those of the mediator, then core's own, which holds all that went over the wire (openhim.md fact 10). */
  orchestrations: unknown[];
  properties: unknown;
  error: unknown;
  autoRetry: boolean;
  /** What {@link envelopeFaults} found in the mediator's response: not part of core. */
  faults: readonly string[];
}

/** What a route answered. */
export interface RouteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Headers that core never copies to the client (openhim.md 4.2). */
const NOT_COPIED = new Set(['content-length', 'content-encoding', 'transfer-encoding', 'content-type']);
const WITHOUT_BODY = new Set([204, 205, 304]);

/** A failure of the primary route: 500 without a transaction id, and queued for retry (openhim.md 4.4). */
function serverError(transaction: Transaction, message: string): PeerReply {
  const body = 'An internal server error occurred';
  const reply = { status: 500, headers: { 'content-type': 'application/octet-stream' }, body };
  transaction.autoRetry = true;
  transaction.error = { message };
  transaction.response = storedResponse(transaction, reply, new Date().toISOString());
  return reply;
}

/** What the client got, as core stores it. */
function storedResponse({ channel }: Transaction, reply: PeerReply, timestamp: unknown): StoredResponse {
  const body = channel.responseBody === false ? '' : String(reply.body ?? '');
  return { status: reply.status, headers: reply.headers, body, timestamp };
}

/** Types to which core's web framework adds the charset; `application/problem+json` is none of them. */
const WITH_CHARSET = /^(text\/[^;]+|application\/(json|fhir\+json|fhir\+xml))$/;

function withCharset(type: string): string {
  return WITH_CHARSET.test(type) ? `${type}; charset=utf-8` : type;
}

/** The answer for the client; throws what core's web framework would throw at a bad header. */
function clientReply(id: string, response: Record<string, unknown>): PeerReply {
  const { headers, body } = response;
  const status = Number(response['status']);
  const sent: Record<string, string | string[]> = {};
  if (isObject(headers)) {
    for (const [name, value] of Object.entries(headers)) {
      const key = name.toLowerCase();
      if (key === 'set-cookie' && !Array.isArray(value)) throw new Error('cookies are not an array');
      if (/[\r\n]/.test(String(value))) throw new Error(`Invalid character in header content ["${key}"]`);
      if (!NOT_COPIED.has(key)) sent[key] = Array.isArray(value) ? value.map(String) : String(value);
      if (key === 'content-type') sent[key] = withCharset(String(value));
    }
    sent['x-openhim-transactionid'] = id;
  }
  if (body === null || body === undefined || WITHOUT_BODY.has(status)) {
    delete sent['content-type'];
    return { status: body === null || body === undefined ? 204 : status, headers: sent };
  }
  if (status >= 300 && status < 400 && sent['location'] !== undefined) {
    const link = `<a href="${sent['location']}">${sent['location']}</a>`;
    return {
      status,
      headers: { 'content-type': 'text/html; charset=utf-8', ...sent },
      body: `Redirecting to ${link}.`,
    };
  }
  return {
    status,
    headers: { 'content-type': 'application/octet-stream', ...sent },
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  };
}

/** openhim.md 4.3, without secondary routes. */
function statusOf(httpStatus: number): string {
  if (httpStatus >= 500) return 'Failed';
  return httpStatus >= 300 ? 'Completed' : 'Successful';
}

/** The text of an envelope. Core dies of a broken gzip body, and does not know brotli (openhim.md 4.4). */
function decoded({ headers, body }: RouteAnswer): string {
  const encoding = headers['content-encoding'];
  if (encoding !== 'gzip' && encoding !== 'deflate') return body.toString('utf8');
  try {
    return (encoding === 'gzip' ? gunzipSync(body) : inflateSync(body)).toString('utf8');
  } catch {
    throw new ConnectionDropped('the worker of core dies of a broken encoding');
  }
}

const isStorableOrchestration = ({ name, request, response }: Record<string, unknown>): boolean =>
  typeof name === 'string' &&
  name !== '' &&
  isObject(request) &&
  isStorableTime(request['timestamp']) &&
  (!isObject(response) || response['timestamp'] === undefined || isStorableTime(response['timestamp']));

const holdsObjectAsBody = (part: unknown): boolean =>
  isObject(part) && typeof part['body'] === 'object' && part['body'] !== null;

function settleEnvelope(transaction: Transaction, envelope: Record<string, unknown>): PeerReply {
  const { response, orchestrations = [], properties, error, status } = envelope;
  const httpStatus = isObject(response) ? Number(response['status'] ?? Number.NaN) : Number.NaN;
  if (
    !Array.isArray(orchestrations) ||
    orchestrations.some((item) => [item?.request, item?.response].some(holdsObjectAsBody))
  ) {
    // The status is written apart from the response, which is lost here.
    transaction.status = String(status ?? statusOf(httpStatus));
    transaction.orchestrations = [];
    return { status: 500, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Internal Server Error' };
  }
  if (!orchestrations.every((item) => isObject(item) && isObject(item['request']))) {
    throw new ConnectionDropped('the worker of core dies of an orchestration without a request');
  }
  if (error !== undefined && error !== null) {
    transaction.autoRetry = true;
    transaction.error = error;
  }
  const isStorable = orchestrations.every(isStorableOrchestration);
  let reply: PeerReply;
  try {
    if (!isObject(response) || !(httpStatus >= 100 && httpStatus <= 999)) throw new Error('invalid status code');
    reply = clientReply(transaction.id, response);
  } catch (thrown) {
    transaction.status = String(status ?? 'Failed');
    if (isStorable) transaction.orchestrations.unshift(...orchestrations);
    return serverError(transaction, thrown instanceof Error ? thrown.message : String(thrown));
  }
  transaction.status = String(status ?? statusOf(httpStatus));
  const { timestamp, body } = response;
  if (isStorable && (timestamp === undefined || isStorableTime(timestamp))) {
    // An object reaches the client as JSON and the store as `[object Object]` (fact 2).
    const stored = isObject(body) ? { ...reply, body: String(body) } : reply;
    transaction.response = storedResponse(transaction, stored, timestamp);
    transaction.orchestrations.unshift(...orchestrations);
    transaction.properties = properties;
  } else {
    // An invalid update is refused as a whole; the client has its answer all the same.
    transaction.orchestrations = [];
  }
  return reply;
}

/**
 * Takes the answer of the primary route (or the error it ended with), writes down what core would store, and gives
 * what the client gets. Written from openhim.md sections 0 and 4.
 *
 * @throws ConnectionDropped where core's worker would die
 */
export function settle(transaction: Transaction, answer: RouteAnswer | Error): PeerReply {
  if (answer instanceof Error) {
    transaction.status = 'Failed';
    return serverError(transaction, answer.message);
  }
  const contentType = String(answer.headers['content-type'] ?? '');
  if (!contentType.includes('application/json+openhim')) {
    const reply = clientReply(transaction.id, { ...answer });
    transaction.status = statusOf(answer.status);
    transaction.response = storedResponse(transaction, reply, new Date().toISOString());
    return reply;
  }
  const raw = decoded(answer);
  transaction.faults = envelopeFaults(raw, contentType);
  let envelope: unknown;
  try {
    envelope = JSON.parse(raw);
  } catch {
    envelope = undefined;
  }
  if (isObject(envelope)) return settleEnvelope(transaction, envelope);
  transaction.status = 'Failed';
  return serverError(transaction, 'the response of the mediator is not JSON');
}
