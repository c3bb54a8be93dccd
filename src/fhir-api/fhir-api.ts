import type { NationalIdSettings } from '../config/index.js';
import { MediatorError } from '../errors/index.js';
import { type Handler, jsonReply } from '../http/index.js';
import type { Capability } from '../national-id/index.js';
import { isoNow } from '../runtime/index.js';
import { capabilityStatement, type Interaction } from './capability-statement.js';
import { createFhirProxy, type FhirProxyDeps, type FhirProxyOptions } from './proxy.js';
import { fhirSegments } from './target.js';

export interface FhirApiOptions extends FhirProxyOptions {
  /** Version of this mediator. */
  readonly version: string;
  /** Those of the configured national ID system. */
  readonly capabilities: ReadonlySet<Capability>;
}

/** What the proxy passes on for a Patient. */
const PASSED: readonly Interaction[] = ['read', 'vread', 'update', 'patch', 'delete', 'create', 'search-type'];

/**
 * Everything below `/fhir`: `GET metadata` is answered here for every national ID system, the rest passes to a FHIR server
 * where that is the system. The handler throws MediatorError: `not_supported` for the other systems, `method_not_allowed`
 * for another method on `metadata`, and what the proxy throws.
 *
 * @throws MediatorError `mapping_failed` when a mapping cannot be compiled
 */
export function createFhirApi(deps: FhirProxyDeps, nationalId: NationalIdSettings, options: FhirApiOptions): Handler {
  const { version, capabilities } = options;
  const isFhir = nationalId.system === 'fhir';
  const proxy = isFhir ? createFhirProxy(deps, nationalId.fhir, options) : undefined;
  const statement = capabilityStatement({
    system: nationalId.system,
    version,
    date: isoNow(deps.clock),
    capabilities,
    interactions: isFhir ? PASSED : [],
  });
  const metadata = jsonReply(200, statement, { 'content-type': 'application/fhir+json' });

  return async (request) => {
    const segments = fhirSegments(request.path);
    if (segments.length === 1 && segments[0] === 'metadata') {
      if (request.method !== 'GET') throw new MediatorError('method_not_allowed');
      return metadata;
    }
    if (proxy === undefined) throw new MediatorError('not_supported');
    return proxy(request);
  };
}
