import type { InboundRequest } from '../http/index.js';
import { fhirVersionOf, inVersion, R4, STU3 } from './fhir-version.js';
import { forwardedRequestHeaders } from './headers.js';
import { isJson } from './media-type.js';
import type { PatientMapping } from './patient-mapping.js';

/** A request as the FHIR server gets it. */
export interface OutwardRequest {
  readonly headers: Record<string, string>;
  readonly rawQuery: string;
  readonly body: Buffer;
  /** Whether Patients in the answer are to be put into OpenCRVS's form. */
  readonly isAnswerTranslated: boolean;
}

/** A create or an update, conditional or not, of a Patient: not a search, an operation or a patch. */
function writesPatient(method: string, segments: readonly string[]): boolean {
  const [type, ...rest] = segments;
  return type === 'Patient' && ((method === 'POST' && rest.length === 0) || (method === 'PUT' && rest.length <= 1));
}

/** `_format` in a query; as in FHIR it wins over `Accept`. */
const FORMAT = /(?:^|&)_format=([^&]*)/;

/** Decoded; undefined where the query has none. */
export function decodedFormat(rawQuery: string): string | undefined {
  const value = FORMAT.exec(rawQuery)?.[1];
  return value === undefined ? undefined : (new URLSearchParams(`_format=${value}`).get('_format') ?? undefined);
}

/**
 * Decides by negotiation, not by content, which Patients are translated. On the way out: those that do not say that they
 * are R4. On the way back: for callers that ask for STU3 (`fhirVersion=3.0` in `Accept` or `_format`), or name no version and
 * have just sent STU3, or name none where `defaultVersion` is STU3. The server itself is asked for R4 then.
 *
 * @throws MediatorError `json_invalid`, and those of a mapping
 */
export async function outwardRequest(
  patients: PatientMapping,
  defaultVersion: string,
  request: InboundRequest,
  segments: readonly string[],
): Promise<OutwardRequest> {
  const headers = forwardedRequestHeaders(request);
  const { method, rawQuery } = request;
  if (segments[0] !== 'Patient') return { headers, rawQuery, body: request.body, isAnswerTranslated: false };

  const { accept = '', 'content-type': sent = '' } = headers;
  const sentVersion = fhirVersionOf(sent);
  const isMapped = writesPatient(method, segments) && isJson(sent) && [undefined, STU3].includes(sentVersion);
  const body = isMapped ? await patients.toDownstream(request.body) : request.body;
  if (isMapped && patients.mapsRequests) headers['content-type'] = inVersion(sent, R4);

  const wanted = decodedFormat(rawQuery) ?? accept;
  const version = fhirVersionOf(wanted) ?? (body === request.body ? defaultVersion : STU3);
  if (version !== STU3 || !patients.mapsAnswers || /xml|turtle/i.test(wanted)) {
    return { headers, rawQuery, body, isAnswerTranslated: false };
  }
  headers['accept'] = inVersion(accept, R4);
  const format = decodedFormat(rawQuery);
  const query =
    format === undefined
      ? rawQuery
      : rawQuery.replace(FORMAT, (match) => match.replace(/(fhirVersion(?:=|%3D))3\.0/i, `$1${R4}`));
  return { headers, rawQuery: query, body, isAnswerTranslated: true };
}
