import type { FhirSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { Handler, InboundRequest, Reply } from '../http/index.js';
import { fhirAuthorization, fhirBaseUrl } from '../national-id/index.js';
import { errorForStatus, type OutboundClient, type OutboundRequest, type OutboundResponse } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger } from '../telemetry/index.js';
import { forwardedRequestHeaders, forwardedResponseHeaders } from './headers.js';
import { createLinkRewriter } from './links.js';
import { isFhirXml, isJson } from './media-type.js';
import { createPatientMapping } from './patient-mapping.js';
import { fhirSegments, targetUrl } from './target.js';

export interface FhirProxyDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface FhirProxyOptions {
  readonly mappingsDir: string;
  /** The largest answer that is passed on. */
  readonly maxBodyBytes: number;
  /** Default 30 s: well below OpenHIM's own 60 s (reference/openhim.md 5). */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

const OPERATIONS: Readonly<Record<OutboundRequest['method'], string>> = {
  GET: 'proxy-get',
  HEAD: 'proxy-head',
  POST: 'proxy-post',
  PUT: 'proxy-put',
  PATCH: 'proxy-patch',
  DELETE: 'proxy-delete',
};

const isMethod = (method: string): method is OutboundRequest['method'] => Object.hasOwn(OPERATIONS, method);

/** A create or an update, conditional or not, of a Patient: not a search, an operation or a patch. */
function writesPatient(method: string, segments: readonly string[]): boolean {
  const [type, ...rest] = segments;
  return type === 'Patient' && ((method === 'POST' && rest.length === 0) || (method === 'PUT' && rest.length <= 1));
}

function contentType(message: { readonly headers: OutboundResponse['headers'] }): string {
  return String(message.headers['content-type'] ?? '');
}

function isFhirBody(response: OutboundResponse): boolean {
  if (isFhirXml(contentType(response))) return true;
  if (!isJson(contentType(response))) return false;
  try {
    const body: unknown = JSON.parse(Buffer.from(response.body).toString('utf8'));
    return typeof body === 'object' && body !== null && 'resourceType' in body;
  } catch {
    // Says JSON and is none: not the words of a FHIR server.
    return false;
  }
}

/**
 * Lets pass what the FHIR server itself answered to the caller.
 *
 * @throws MediatorError for an answer that concerns us, not the caller (401, 403, redirects), or that something else
 *   than a FHIR server gave
 */
function assertForCaller(response: OutboundResponse, nowMs: number): void {
  const { status } = response;
  const message = `The FHIR server answered HTTP ${status}.`;
  if (status === 401 || status === 403) throw new MediatorError('peer_unauthorized', { message });
  if (status < 300 || status === 304) return;
  if (status >= 400 && isFhirBody(response)) return;
  // An error without a body, as for HEAD: the status says it all.
  if (status >= 400 && status < 500 && response.body.length === 0) return;
  throw errorForStatus(response, nowMs) ?? new MediatorError('peer_response_invalid', { message });
}

/**
 * Passes `/fhir/<rest>?<query>` to `<FHIR_BASE_URL>/<rest>?<query>` with our credentials, and the answer back. Patients
 * are translated on the way where a mapping is installed. The handler throws MediatorError: `url_invalid`,
 * `method_not_allowed`, `json_invalid`, those of the outbound client and of mappings, and `peer_*` for an answer that is
 * not the FHIR server's to the caller.
 *
 * @throws MediatorError `mapping_failed` when a mapping cannot be compiled
 */
export function createFhirProxy(
  { outbound, clock, log }: FhirProxyDeps,
  settings: FhirSettings,
  { mappingsDir, maxBodyBytes, timeoutMs = DEFAULT_TIMEOUT_MS }: FhirProxyOptions,
): Handler {
  const base = fhirBaseUrl(settings.baseUrl);
  const links = createLinkRewriter(base);
  const patients = createPatientMapping(mappingsDir, settings);

  const outwardBody = async (request: InboundRequest, segments: readonly string[]): Promise<Buffer> => {
    const isMapped = writesPatient(request.method, segments) && isJson(contentType(request));
    return isMapped ? patients.toDownstream(request.body) : request.body;
  };

  const addresses = (response: OutboundResponse): Record<string, string> => {
    const rewritten: Record<string, string> = {};
    for (const name of ['location', 'content-location']) {
      const value = response.headers[name];
      const address = typeof value === 'string' ? links.location(value) : undefined;
      if (address !== undefined) {
        rewritten[name] = address;
      } else if (value !== undefined) {
        log.debug({ event: 'fhir.location_dropped', peer: 'fhir' }, 'foreign location dropped');
      }
    }
    return rewritten;
  };

  const inwardBody = async (response: OutboundResponse): Promise<string | Buffer> => {
    const { buffer, byteOffset, byteLength } = response.body;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    if (bytes.length === 0 || !isJson(contentType(response))) return bytes;
    return links.body(response.status < 300 ? await patients.fromDownstream(bytes) : bytes);
  };

  return async (request): Promise<Reply> => {
    const { method } = request;
    if (!isMethod(method)) throw new MediatorError('method_not_allowed');
    const segments = fhirSegments(request.path);
    const body = await outwardBody(request, segments);
    const response = await outbound.send({
      peer: 'fhir',
      operation: OPERATIONS[method],
      method,
      url: targetUrl(base, segments, request.rawQuery),
      headers: { ...forwardedRequestHeaders(request), ...fhirAuthorization(settings.auth) },
      ...(body.length === 0 ? {} : { body }),
      signal: request.signal,
      timeoutMs,
      maxResponseBytes: maxBodyBytes,
    });
    assertForCaller(response, clock.now());
    return {
      status: response.status,
      headers: { ...forwardedResponseHeaders(response), ...addresses(response) },
      body: await inwardBody(response),
    };
  };
}
