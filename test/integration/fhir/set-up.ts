import { join } from 'node:path';
import { createFhirSystem } from '../../../src/national-id/fhir/index.js';
import type { NationalIdSystem, Submission } from '../../../src/national-id/index.js';
import { createOutboundClient, type OutboundClientOptions } from '../../../src/outbound/index.js';
import { createHealth, createMetrics, type Health } from '../../../src/telemetry/index.js';
import type { Person, VitalEvent } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { FhirPeer, type FhirPeerAuth, type FhirPeerOptions } from '../../peers/fhir-peer.js';
import type { ReceivedRequest } from '../../peers/http-peer.js';

const MAPPINGS = { dir: join(import.meta.dirname, '..', '..', '..', 'config', 'mappings') };
const AUTH: FhirPeerAuth = { kind: 'bearer', token: 'secret-token' };
export const NID = 'urn:national-id';
export const BRN = 'urn:opencrvs:registration-number';

export const CHILD: Person = {
  names: [{ language: 'en', given: ['Thandiwe'], family: 'Canary' }],
  identifiers: [],
  nationalities: [],
  addresses: [],
  gender: 'female',
  birthDate: { value: '2024-01-28', approximate: false },
};

export const isCreate = ({ method }: ReceivedRequest): boolean => method === 'POST';
export const isUpdate = ({ method }: ReceivedRequest): boolean => method === 'PUT';

/** The adapter before a FHIR server. */
export interface FhirStage {
  readonly peer: FhirPeer;
  readonly system: NationalIdSystem;
  readonly health: Health;
  readonly lines: readonly string[];
  submission(event: VitalEvent, repeated?: boolean): Submission;
  close(): Promise<void>;
}

export async function setStage(
  options: { readonly auth?: FhirPeerAuth; readonly peer?: FhirPeerOptions; readonly tls?: OutboundClientOptions } = {},
): Promise<FhirStage> {
  const peer = await new FhirPeer({ auth: AUTH, ...options.peer }).start();
  const clock = new ManualClock();
  const health = createHealth(clock);
  const { log, lines } = createMemoryLog();
  const metrics = createMetrics();
  const outbound = createOutboundClient({ clock, metrics }, options.tls);
  const auth = { ...(options.auth ?? options.peer?.auth ?? AUTH), tokenUrl: peer.tokenUrl };
  const settings = { baseUrl: `${peer.baseUrl}/`, auth, nationalIdSystem: NID, registrationSystem: BRN };
  const system = createFhirSystem({ outbound, clock, log, metrics, health }, settings, MAPPINGS);
  return {
    peer,
    system,
    health,
    lines,
    submission(event, repeated = false) {
      const outwardKey = system.outwardKey(Buffer.alloc(32, 7));
      return { event, outwardKey, repeated, signal: AbortSignal.timeout(10_000) };
    },
    async close() {
      await system.stop();
      await outbound.close();
      await peer.stop();
    },
  };
}

/** The submission of the child's birth. */
export function birthAt({ submission }: FhirStage, registrationNumber = '2024B|1', repeated = false): Submission {
  return submission({ kind: 'birth', registrationNumber, subject: CHILD }, repeated);
}
