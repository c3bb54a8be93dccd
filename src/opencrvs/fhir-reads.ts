import { z } from 'zod';
import { MediatorError } from '../errors/index.js';
import {
  errorForStatus,
  type OutboundClient,
  readJson,
  serviceUrl,
  type TokenSource,
  withToken,
} from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import { ResourceId } from './resource-id.js';

export interface FhirReadsDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly tokens: TokenSource;
}

/** Single resources of the OpenCRVS FHIR store, as OpenHIM offers them in 1.0 to 1.4 (reference/opencrvs.md 4.6). */
export interface FhirReads {
  /**
   * The resource as it is stored; undefined when there is none.
   *
   * @throws MediatorError a `peer_…` code
   */
  read(type: string, id: string, signal: AbortSignal): Promise<unknown>;
}

const ABSENT: ReadonlySet<number> = new Set([404, 410]);

/** `baseUrl` is that of the store, e.g. `http://openhim-core:5001/fhir`. */
export function createFhirReads(deps: FhirReadsDeps, baseUrl: string): FhirReads {
  const { outbound, clock, tokens } = deps;
  return {
    async read(type, id, signal) {
      if (!ResourceId.safeParse(id).success) return undefined;
      const response = await withToken(tokens, (token) =>
        outbound.send({
          peer: 'opencrvs-fhir',
          operation: 'read-resource',
          method: 'GET',
          url: serviceUrl(baseUrl, `/${type}/${id}`),
          headers: { accept: 'application/fhir+json, application/json', authorization: `Bearer ${token}` },
          signal,
        }),
      );
      const { status } = response;
      if (ABSENT.has(status)) return undefined;
      if (status !== 200) {
        const message = `The OpenCRVS FHIR store answered HTTP ${status}.`;
        throw errorForStatus(response, clock.now()) ?? new MediatorError('peer_error', { message });
      }
      const Wanted = z.looseObject({ resourceType: z.literal(type), id: z.literal(id) });
      const resource = Wanted.safeParse(readJson(response));
      if (resource.success) return resource.data;
      throw new MediatorError('peer_response_invalid', {
        message: `The OpenCRVS FHIR store did not answer with the ${type} asked for.`,
      });
    },
  };
}
