import { MediatorError } from '../errors/index.js';
import { errorForStatus, type OutboundResponse, type ResponseHead } from '../outbound/index.js';
import { isFhirXml, isJson } from './media-type.js';

const [OPEN, CLOSE] = ['{'.charCodeAt(0), '}'.charCodeAt(0)];
const WHITESPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

export function contentTypeOf({ headers }: Pick<ResponseHead, 'headers'>): string {
  return String(headers['content-type'] ?? '');
}

/** The body as a buffer over the same bytes. */
export function bytesOf({ body }: OutboundResponse): Buffer {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function isFhirBody(response: OutboundResponse): boolean {
  if (isFhirXml(contentTypeOf(response))) return true;
  if (!isJson(contentTypeOf(response))) return false;
  try {
    const body: unknown = JSON.parse(bytesOf(response).toString('utf8'));
    return typeof body === 'object' && body !== null && 'resourceType' in body;
  } catch {
    // Says JSON and is none: not the words of a FHIR server.
    return false;
  }
}

/** Begins and ends as a JSON object does: catches a page, garbage and an answer that was cut, and costs nothing. */
function looksWhole(json: Buffer): boolean {
  let [start, end] = [0, json.length - 1];
  while (WHITESPACE.has(json[start] ?? OPEN)) start += 1;
  while (end > start && WHITESPACE.has(json[end] ?? CLOSE)) end -= 1;
  return json[start] === OPEN && json[end] === CLOSE;
}

/**
 * Lets pass what the FHIR server itself answered to the caller.
 *
 * @throws MediatorError for an answer that concerns us, not the caller (401, 403, redirects), that something else than a
 *   FHIR server gave, or that is no JSON although it says so
 */
export function assertForCaller(response: OutboundResponse, nowMs: number): void {
  const { status, body } = response;
  const message = `The FHIR server answered HTTP ${status}.`;
  if (status === 401 || status === 403) throw new MediatorError('peer_unauthorized', { message });
  if (status === 304) return;
  if (status < 300) {
    const isBroken = body.length > 0 && isJson(contentTypeOf(response)) && !looksWhole(bytesOf(response));
    if (isBroken) throw new MediatorError('peer_response_invalid', { message: `${message} It is not JSON.` });
    return;
  }
  if (status >= 400 && isFhirBody(response)) return;
  // An error without a body, as for HEAD: the status says it all.
  if (status >= 400 && status < 500 && body.length === 0) return;
  throw errorForStatus(response, nowMs) ?? new MediatorError('peer_response_invalid', { message });
}
