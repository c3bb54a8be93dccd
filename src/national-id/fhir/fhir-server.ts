import type { FhirSettings } from '../../config/index.js';
import { MediatorError, toMediatorError } from '../../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  type OutboundRequest,
  type OutboundResponse,
  readJson,
} from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { HealthCheck } from '../../telemetry/index.js';
import { fhirAuthorization } from './authorization.js';
import { fhirBaseUrl } from './base-url.js';
import { type BusinessIdentifier, FhirPatient, hasIdentifier, SearchSet } from './resources.js';

export interface FhirServerDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly check: HealthCheck;
}

/** A Patient as one version of it was read. */
export interface ReadPatient {
  readonly patient: FhirPatient;
  /** The entity tag for `If-Match`; undefined where the server keeps no versions. */
  readonly version: string | undefined;
}

/** The interactions we use of a FHIR R4 server. Answers that are not a success are returned for the caller to judge. */
export interface FhirServer {
  /** Conditional create: a Patient with this identifier that exists already is answered instead of made again. */
  create(patient: unknown, unless: BusinessIdentifier, signal: AbortSignal): Promise<OutboundResponse>;
  /**
   * The Patients that carry exactly this identifier.
   *
   * @throws MediatorError `peer_response_invalid`, `peer_misconfigured`, and what an error answer stands for
   */
  find(identifier: BusinessIdentifier, signal: AbortSignal): Promise<FhirPatient[]>;
  read(id: string, signal: AbortSignal): Promise<OutboundResponse>;
  update(id: string, next: ReadPatient, signal: AbortSignal): Promise<OutboundResponse>;
}

const FHIR_JSON = 'application/fhir+json';

/** A token search parameter, percent-encoded; FHIR escapes its own separators by a backslash (R4 search 3.1.1.5). */
function tokenParameter({ system, value }: BusinessIdentifier): string {
  const escaped = [system, value].map((part) => part.replace(/[\\,$|]/g, '\\$&')).map(encodeURIComponent);
  return `identifier=${escaped.join('|')}`;
}

/**
 * A Patient in an answer's body.
 *
 * @throws MediatorError `peer_response_invalid`
 */
export function readPatient(response: OutboundResponse): FhirPatient {
  const parsed = FhirPatient.safeParse(readJson(response));
  if (parsed.success) return parsed.data;
  throw new MediatorError('peer_response_invalid', { message: 'The answer of the FHIR server is not a Patient.' });
}

/** Talks to the FHIR R4 server behind `settings`, and tells the health check how each call ended. */
export function createFhirServer({ outbound, clock, check }: FhirServerDeps, settings: FhirSettings): FhirServer {
  const patients = `${fhirBaseUrl(settings.baseUrl)}/Patient`;

  const reportStatus = ({ status }: OutboundResponse): void => {
    if (status === 401 || status === 403) check.report('degraded', 'the FHIR server does not accept our credentials');
    else if (status >= 500 || status === 429) check.report('degraded', `the FHIR server answers HTTP ${status}`);
    else check.report('ok');
  };

  const send = async (request: Omit<OutboundRequest, 'peer'>): Promise<OutboundResponse> => {
    const headers = { accept: FHIR_JSON, ...request.headers, ...fhirAuthorization(settings.auth) };
    try {
      const response = await outbound.send({ ...request, peer: 'fhir', headers });
      reportStatus(response);
      return response;
    } catch (thrown) {
      check.report('degraded', toMediatorError(thrown).code);
      throw thrown;
    }
  };

  return {
    create: (patient, unless, signal) =>
      send({
        operation: 'create-patient',
        method: 'POST',
        url: patients,
        headers: {
          'content-type': FHIR_JSON,
          'if-none-exist': tokenParameter(unless),
          prefer: 'return=representation',
        },
        body: JSON.stringify(patient),
        signal,
      }),
    async find(identifier, signal) {
      const response = await send({
        operation: 'find-patient',
        method: 'POST',
        url: `${patients}/_search`,
        // Strict: a server that does not know the parameter must not answer with everybody.
        headers: { 'content-type': 'application/x-www-form-urlencoded', prefer: 'handling=strict' },
        body: tokenParameter(identifier),
        signal,
      });
      if (response.status !== 200) {
        throw errorForStatus(response, clock.now()) ?? new MediatorError('national_id_misconfigured');
      }
      const found = SearchSet.safeParse(readJson(response));
      if (!found.success) throw new MediatorError('peer_response_invalid');
      return (found.data.entry ?? []).flatMap(({ resource }) => {
        const patient = FhirPatient.safeParse(resource).data;
        return patient !== undefined && hasIdentifier(patient, identifier) ? [patient] : [];
      });
    },
    read: (id, signal) => send({ operation: 'read-patient', method: 'GET', url: `${patients}/${id}`, signal }),
    update: (id, { patient, version }, signal) =>
      send({
        operation: 'update-patient',
        method: 'PUT',
        url: `${patients}/${id}`,
        headers: { 'content-type': FHIR_JSON, ...(version === undefined ? {} : { 'if-match': version }) },
        body: JSON.stringify(patient),
        signal,
      }),
  };
}
