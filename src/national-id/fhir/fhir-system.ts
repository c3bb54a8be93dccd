import { type FhirSettings, loadMapping } from '../../config/index.js';
import type { OutboundClient } from '../../outbound/index.js';
import type { Clock } from '../../runtime/index.js';
import type { Health, Logger } from '../../telemetry/index.js';
import type { NationalIdSystem } from '../port.js';
import { createDeactivate } from './deactivate.js';
import { createFhirServer } from './fhir-server.js';
import { createIssue } from './issue.js';

export interface FhirSystemDeps {
  readonly outbound: OutboundClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
}

/** Characters of the key that we give to a server: 128 bits of the digest. */
const KEY_LENGTH = 32;

/**
 * A FHIR R4 server as national ID system (reference/mosip.md 7.2). It answers at once, so there is no callback; health
 * check `fhir`.
 *
 * @throws MediatorError `mapping_failed` when `fhir/birth.jsonata` cannot be read below `mappings.dir`
 */
export function createFhirSystem(
  { outbound, clock, log, health }: FhirSystemDeps,
  settings: FhirSettings,
  mappings: { readonly dir: string },
): NationalIdSystem {
  const server = createFhirServer({ outbound, clock, check: health.check('fhir') }, settings);
  const mapping = loadMapping(mappings.dir, 'fhir/birth.jsonata');
  return {
    name: 'fhir',
    capabilities: new Set(['issue', 'deactivate'] as const),
    outwardKey: (digest) => Buffer.from(digest).toString('hex').slice(0, KEY_LENGTH),
    issue: createIssue({ server, clock, mapping }, settings),
    deactivate: createDeactivate({ server, clock, log }, settings),
    update: async () => ({ result: 'not-supported' }),
    reactivate: async () => ({ result: 'not-supported' }),
    start: () => undefined,
    stop: async () => undefined,
  };
}
