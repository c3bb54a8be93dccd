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
import type { Authorization } from '../authorization.js';
import { proxyPageError } from '../proxy-page.js';
import type { MatchOptions } from '../queries.js';
import { fhirBaseUrl } from './base-url.js';
import { type BusinessIdentifier, FhirPatient, hasIdentifier, SearchSet } from './resources.js';

export interface FhirServerDeps {
  readonly outbound: OutboundClient;
  readonly authorization: Authorization;
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
  /**
   * The Patients of a search by these texts; the first page of them.
   *
   * @throws MediatorError as `find` does
   */
  search(texts: Readonly<Record<string, string>>, signal: AbortSignal): Promise<FhirPatient[]>;
  /** The operation `Patient/$match`; not every server has it. */
  match(pattern: unknown, options: MatchOptions, signal: AbortSignal): Promise<OutboundResponse>;
  read(id: string, signal: AbortSignal): Promise<OutboundResponse>;
  update(id: string, next: ReadPatient, signal: AbortSignal): Promise<OutboundResponse>;
}

const FHIR_JSON = 'application/fhir+json';

/** A value of a search, percent-encoded; FHIR escapes its own separators by a backslash (R4 search 3.1.1.5). */
function escaped(value: string): string {
  return encodeURIComponent(value.replace(/[\\,$|]/g, '\\$&'));
}

function tokenParameter({ system, value }: BusinessIdentifier): string {
  return `identifier=${escaped(system)}|${escaped(value)}`;
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
export function createFhirServer(
  { outbound, authorization, clock, check }: FhirServerDeps,
  settings: Pick<FhirSettings, 'baseUrl'>,
): FhirServer {
  const patients = `${fhirBaseUrl(settings.baseUrl)}/Patient`;

  const reportStatus = ({ status }: OutboundResponse): void => {
    if (status === 401 || status === 403) check.report('degraded', 'the FHIR server does not accept our credentials');
    else if (status >= 500 || status === 429) check.report('degraded', `the FHIR server answers HTTP ${status}`);
    else check.report('ok');
  };

  const send = async (request: Omit<OutboundRequest, 'peer'>): Promise<OutboundResponse> => {
    const headers = { accept: FHIR_JSON, ...request.headers };
    try {
      const response = await authorization.run((credentials) =>
        outbound.send({ ...request, peer: 'fhir', headers: { ...headers, ...credentials } }),
      );
      const fault = proxyPageError(response);
      if (fault !== undefined) throw fault;
      reportStatus(response);
      return response;
    } catch (thrown) {
      check.report('degraded', toMediatorError(thrown).code);
      throw thrown;
    }
  };

  /** By POST, so that no address holds what is looked for. */
  const search = async (operation: string, parameters: string, signal: AbortSignal): Promise<FhirPatient[]> => {
    const response = await send({
      operation,
      method: 'POST',
      url: `${patients}/_search`,
      // Strict: a server that does not know the parameter must not answer with everybody.
      headers: { 'content-type': 'application/x-www-form-urlencoded', prefer: 'handling=strict' },
      body: parameters,
      signal,
    });
    if (response.status !== 200) {
      throw errorForStatus(response, clock.now()) ?? new MediatorError('national_id_misconfigured');
    }
    const found = SearchSet.safeParse(readJson(response));
    if (!found.success) throw new MediatorError('peer_response_invalid');
    return (found.data.entry ?? []).flatMap(({ resource }) => FhirPatient.safeParse(resource).data ?? []);
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
      const patients = await search('find-patient', tokenParameter(identifier), signal);
      return patients.filter((patient) => hasIdentifier(patient, identifier));
    },
    search: (texts, signal) => {
      const parameters = Object.entries(texts).map(([name, value]) => `${name}=${escaped(value)}`);
      return search('search-patients', parameters.join('&'), signal);
    },
    match: (pattern, { atMost, onlyCertain }, signal) =>
      send({
        operation: 'match-patient',
        method: 'POST',
        url: `${patients}/$match`,
        headers: { 'content-type': FHIR_JSON },
        body: JSON.stringify({
          resourceType: 'Parameters',
          parameter: [
            { name: 'resource', resource: pattern },
            { name: 'onlyCertainMatches', valueBoolean: onlyCertain },
            { name: 'count', valueInteger: atMost },
          ],
        }),
        signal,
      }),
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
