import type { NationalIdSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import { type Handler, jsonReply } from '../http/index.js';
import type { NationalIdSystem } from '../national-id/index.js';
import { isoNow } from '../runtime/index.js';
import { capabilityStatement, type Interaction, type RestOffer } from './capability-statement.js';
import type { Facade } from './facade/index.js';
import { createFhirProxy, type FhirProxyDeps, type FhirProxyOptions } from './proxy.js';
import { fhirSegments } from './target.js';

/** What is declared of the configured national ID system. */
type Declared = Pick<NationalIdSystem, 'capabilities' | 'biometrics'>;

export interface FhirApiOptions extends FhirProxyOptions, Declared {
  /** Version of this mediator. */
  readonly version: string;
  /** Answers where the system is no FHIR server; without it only `metadata` is. */
  readonly facade?: Facade | undefined;
}

export interface FhirApi {
  readonly handler: Handler;
  /** Ends the upkeep of what it calls with; requests in hand end as they began. */
  stop(): void;
}

const PASSED: readonly Interaction[] = ['read', 'vread', 'update', 'patch', 'delete', 'create', 'search-type'];

const PROXY_OFFER: RestOffer = {
  documentation: 'Requests pass to the FHIR server behind this mediator, which answers for what it does not support.',
  resource: [{ type: 'Patient', interaction: PASSED.map((code) => ({ code })) }],
};

const NO_OFFER: RestOffer = {
  documentation: 'The national ID system is no FHIR server: only this statement is offered.',
};

/**
 * Everything below `/fhir`: `GET metadata` is answered here for every national ID system, the rest passes to a FHIR server
 * where that is the system, and to the facade where it is not. The handler throws MediatorError: `method_not_allowed` for
 * another method on `metadata`, and what the proxy and the facade throw.
 *
 * @throws MediatorError `mapping_failed` when a mapping cannot be compiled
 */
export function createFhirApi(deps: FhirProxyDeps, nationalId: NationalIdSettings, options: FhirApiOptions): FhirApi {
  const { version, capabilities, biometrics, facade } = options;
  const proxy = nationalId.system === 'fhir' ? createFhirProxy(deps, nationalId.fhir, options) : undefined;
  const answer = proxy?.handler ?? facade?.handler;
  const statement = capabilityStatement({
    system: nationalId.system,
    version,
    date: isoNow(deps.clock),
    capabilities,
    biometrics,
    offer: proxy === undefined ? (facade?.offer ?? NO_OFFER) : PROXY_OFFER,
  });
  const metadata = jsonReply(200, statement, { 'content-type': 'application/fhir+json' });

  const handler: Handler = async (request) => {
    const segments = fhirSegments(request.path);
    if (segments.length === 1 && segments[0] === 'metadata') {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw new MediatorError('method_not_allowed');
      return metadata;
    }
    if (answer === undefined) throw new MediatorError('not_supported');
    return answer(request);
  };

  return { handler, stop: () => proxy?.stop() };
}
