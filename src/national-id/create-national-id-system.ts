import type { NationalIdSettings } from '../config/index.js';
import type { OutboundClient } from '../outbound/index.js';
import type { Clock } from '../runtime/index.js';
import type { Health, Logger, Metrics } from '../telemetry/index.js';
import type { MappingSource } from './event-mapping.js';
import { createFhirSystem } from './fhir/index.js';
import { createMosip } from './mosip/index.js';
import { createOsia } from './osia/index.js';
import type { NationalIdSystem } from './port.js';
import { createRestSystem } from './rest/index.js';

export interface NationalIdSystemDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

/**
 * The configured national ID system behind its port.
 *
 * @throws MediatorError `mapping_failed` when one of its mapping files is missing or does not compile
 */
export function createNationalIdSystem(
  deps: NationalIdSystemDeps,
  settings: NationalIdSettings,
  mappings: MappingSource,
): NationalIdSystem {
  switch (settings.system) {
    case 'mosip':
      return createMosip(deps, settings.mosip, mappings);
    case 'osia':
      return createOsia(deps, settings.osia, mappings);
    case 'fhir':
      return createFhirSystem(deps, settings.fhir, mappings);
    case 'rest':
      return createRestSystem(deps, settings.rest, mappings.documents);
  }
}
