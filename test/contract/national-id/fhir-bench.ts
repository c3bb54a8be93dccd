import { join } from 'node:path';
import { createFhirSystem } from '../../../src/national-id/fhir/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { FhirPeer } from '../../peers/fhir-peer.js';
import { type Fault, json } from '../../peers/http-peer.js';
import type { Bench, Failure } from './bench.js';

const MAPPINGS = { dir: join(import.meta.dirname, '..', '..', '..', 'config', 'mappings') };
const auth = { kind: 'bearer', token: 'token-of-the-tests' } as const;
const nationalIdSystem = 'urn:national-id';

const outcome = (code: string) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] });

const FAULTS: Readonly<Record<Failure, Fault>> = {
  refusal: json(outcome('business-rule'), 422),
  unanswered: { kind: 'hang-after' },
  garbage: { kind: 'garbage' },
  'error-in-200': json(outcome('exception')),
  unavailable: { status: 503 },
  'token-refused': json(outcome('expired'), 401),
};

/** The FHIR adapter before a strict FHIR server. */
export async function fhirBench(): Promise<Bench> {
  const peer = await new FhirPeer({ auth, nationalIdSystem }).start();
  const clock = new ManualClock();
  const metrics = createMetrics();
  const outbound = createOutboundClient({ clock, metrics });
  const system = createFhirSystem(
    { outbound, clock, log: createMemoryLog().log, metrics, health: createHealth(clock) },
    { baseUrl: peer.baseUrl, auth, nationalIdSystem, registrationSystem: 'urn:opencrvs:registration-number' },
    MAPPINGS,
  );
  return {
    system,
    identities: () => peer.patients.length,
    personOf({ nationalId }) {
      const person = peer.patients.find(({ identifier }) =>
        identifier?.some((entry) => entry.system === nationalIdSystem && entry.value === nationalId),
      );
      return person && { isActive: person.active === true, name: JSON.stringify(person.name) };
    },
    calls: () => peer.received.length,
    failNext: (failure, of = 'submission') =>
      peer.fail(of === 'query' ? '/Patient/_search' : '/Patient', FAULTS[failure], 1),
    callbackFor: () => Promise.reject(new Error('a FHIR server calls nobody back')),
    until: (condition) => peer.until(condition),
    async close() {
      await system.stop();
      await outbound.close();
      await peer.stop();
    },
  };
}
