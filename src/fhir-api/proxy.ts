import { pipeline, Readable } from 'node:stream';
import type { FhirSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import type { Handler, InboundRequest, Reply } from '../http/index.js';
import { createAuthorization, fhirBaseUrl } from '../national-id/index.js';
import type {
  OutboundRequest,
  OutboundResponse,
  ResponseHead,
  StreamedResponse,
  StreamingClient,
} from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Logger, Metrics } from '../telemetry/index.js';
import { assertForCaller, bytesOf, contentTypeOf } from './answer.js';
import { type ChannelAddressOptions, channelAddress } from './channel-address.js';
import { inVersion, R4, STU3 } from './fhir-version.js';
import { forwardedResponseHeaders } from './headers.js';
import { createLinkRewriter } from './links.js';
import { isFhirXml, isJson } from './media-type.js';
import { createPatientMapping } from './patient-mapping.js';
import { fhirSegments, targetUrl } from './target.js';
import { outwardRequest } from './translation.js';

export interface FhirProxyDeps {
  readonly outbound: StreamingClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface FhirProxyOptions extends Pick<ChannelAddressOptions, 'isTls'> {
  readonly mappingsDir: string;
  /** The largest answer that is passed on whole. */
  readonly maxBodyBytes: number;
  /** To the end of the answer. Default 30 s: well below OpenHIM's own 60 s (reference/openhim.md 5). */
  readonly timeoutMs?: number;
}

export interface FhirProxy {
  readonly handler: Handler;
  /** Renews no token any more; requests in hand end as they began. */
  stop(): void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** An answer up to this size is not worth a stream. */
const SMALL_BYTES = 65_536;

const OPERATIONS: Readonly<Record<OutboundRequest['method'], string>> = {
  GET: 'proxy-get',
  HEAD: 'proxy-head',
  POST: 'proxy-post',
  PUT: 'proxy-put',
  PATCH: 'proxy-patch',
  DELETE: 'proxy-delete',
};

const isMethod = (method: string): method is OutboundRequest['method'] => Object.hasOwn(OPERATIONS, method);

const isText = (contentType: string): boolean => isJson(contentType) || isFhirXml(contentType);

const isStream = (response: OutboundResponse | StreamedResponse): response is StreamedResponse =>
  response.body instanceof Readable;

/** Whether the answer may be large: a stream costs more than it saves where it is not. */
function mayBeLarge({ status, headers }: ResponseHead): boolean {
  return status < 300 && status !== 204 && !(Number(headers['content-length']) <= SMALL_BYTES);
}

/**
 * Passes `/fhir/<rest>?<query>` to `<FHIR_BASE_URL>/<rest>?<query>` with our credentials, and the answer back. Bodies pass
 * as the bytes they are, save the server's own address in them; Patients are translated where the caller speaks STU3 and a
 * mapping is installed. Large answers to plain calls are streamed. The handler throws MediatorError: `url_invalid`,
 * `method_not_allowed`, `json_invalid`, those of the outbound client and of mappings, and `peer_*` for an answer that is
 * not the FHIR server's to the caller.
 *
 * @throws MediatorError `mapping_failed` when a mapping cannot be compiled
 */
export function createFhirProxy(
  { outbound, clock, log, metrics }: FhirProxyDeps,
  settings: FhirSettings,
  { mappingsDir, maxBodyBytes, timeoutMs = DEFAULT_TIMEOUT_MS, isTls = false }: FhirProxyOptions,
): FhirProxy {
  const base = fhirBaseUrl(settings.baseUrl);
  const links = createLinkRewriter(base);
  const patients = createPatientMapping(mappingsDir, settings);
  const { auth, publicUrl, defaultVersion = R4 } = settings;
  const authorization = createAuthorization({ outbound, clock, log, metrics }, auth, 'fhir-auth');

  const headersFor = (response: ResponseHead, own: string): Record<string, string> => {
    const headers = forwardedResponseHeaders(response);
    for (const name of ['location', 'content-location']) {
      const value = response.headers[name];
      if (value === undefined) continue;
      const address = typeof value === 'string' ? links.location(value, own) : undefined;
      if (address === undefined)
        log.debug({ event: 'fhir.location_dropped', peer: 'fhir' }, 'foreign location dropped');
      else headers[name] = address;
    }
    return headers;
  };

  const streamed = (response: StreamedResponse, own: string): Reply => {
    const { status, body } = response;
    const headers = headersFor(response, own);
    if (isText(contentTypeOf(response))) {
      // An error ends the rewriter too, and whoever writes it out hears of it there.
      return { status, headers, body: pipeline(body, links.stream(own), () => undefined) };
    }
    const length = response.headers['content-length'];
    return {
      status,
      headers: { ...headers, ...(typeof length === 'string' ? { 'content-length': length } : {}) },
      body,
    };
  };

  const whole = async (response: OutboundResponse, own: string, isTranslated: boolean): Promise<Reply> => {
    assertForCaller(response, clock.now());
    const { status } = response;
    const headers = headersFor(response, own);
    const contentType = contentTypeOf(response);
    const bytes = bytesOf(response);
    if (bytes.length === 0 || !isText(contentType)) return { status, headers, body: bytes };
    const isMapped = isTranslated && status < 300 && isJson(contentType);
    const mapped = isMapped ? await patients.fromDownstream(bytes) : bytes;
    if (mapped !== bytes) headers['content-type'] = inVersion(contentType, STU3, { add: true });
    return { status, headers, body: links.body(mapped, own) };
  };

  const handler = async (request: InboundRequest): Promise<Reply> => {
    const { method, transactionId } = request;
    if (!isMethod(method)) throw new MediatorError('method_not_allowed');
    const segments = fhirSegments(request.path);
    const outward = await outwardRequest(patients, defaultVersion, request, segments);
    const mayStream = transactionId === undefined && method !== 'HEAD' && !outward.isAnswerTranslated;
    const response = await authorization.run((credentials) =>
      outbound.open(
        {
          peer: 'fhir',
          operation: OPERATIONS[method],
          method,
          url: targetUrl(base, segments, outward.rawQuery),
          headers: Object.assign(outward.headers, credentials),
          ...(outward.body.length === 0 ? {} : { body: outward.body }),
          signal: request.signal,
          timeoutMs,
          maxResponseBytes: maxBodyBytes,
        },
        (head) => mayStream && mayBeLarge(head),
      ),
    );
    const own = channelAddress(request, { publicUrl, isTls });
    return isStream(response) ? streamed(response, own) : whole(response, own, outward.isAnswerTranslated);
  };

  return { handler, stop: authorization.stop };
}
