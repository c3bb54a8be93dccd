import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { MosipIdentityRepositorySettings, MosipSettings } from '../../../src/config/index.js';
import type { MappingSource } from '../../../src/national-id/event-mapping.js';
import { createMosip, mosipProbes } from '../../../src/national-id/mosip/index.js';
import type { Answer, NationalIdSystem } from '../../../src/national-id/port.js';
import type { Probe } from '../../../src/national-id/probe.js';
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createHealth, createMetrics, type ReadinessReport } from '../../../src/telemetry/index.js';
import { type Identity, identityOperation, type VitalEvent } from '../../../src/vital-events/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { createKeyPair } from '../../peers/mosip-credential.js';
import { MosipPeer, type MosipPeerOptions } from '../../peers/mosip-peer.js';
import { mosipSettings, repositorySettings } from '../../peers/mosip-settings.js';
import { CallbackPeer } from './callback-peer.js';

export const MAPPINGS_DIR = join(import.meta.dirname, '..', '..', '..', 'config', 'mappings');
const keys = createKeyPair();

/** The adapter between a MosipPeer and our callback route. */
export interface MosipStage {
  readonly mosip: MosipPeer;
  readonly route: CallbackPeer;
  readonly system: NationalIdSystem;
  readonly lines: readonly string[];
  readonly probes: readonly Probe[];
  health(name: 'mosip' | 'mosip-websub' | 'mosip-id-repository'): ReadinessReport['checks'][string] | undefined;
  /** Our registration id for an event. */
  idOf(event: VitalEvent): string;
  /** Asks MOSIP for what the event is about; `known` are the person's numbers of an earlier event. */
  submit(event: VitalEvent, known?: Identity): Promise<Answer>;
  /** Starts the adapter and waits until the hub has verified it. */
  subscribed(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly peer?: Partial<MosipPeerOptions>;
  readonly settings?: Partial<MosipSettings>;
  /** Whether identity authentication is set up. Default false. */
  readonly verifies?: boolean;
  /** Whether credentials are fetched that are not sent along. Default false. */
  readonly fetchesShares?: boolean;
  /** Where given, the identity repository is set up, with these changes. */
  readonly repository?: Partial<MosipIdentityRepositorySettings>;
  /** Default: those that are shipped. */
  readonly mappings?: MappingSource;
}

export async function setStage(options: StageOptions = {}): Promise<MosipStage> {
  const mosip = await new MosipPeer({ credentialKey: keys.publicKey, ...options.peer }).start();
  const dataShare = options.fetchesShares === true ? { dataShareUrl: `${mosip.url}/v1/datashare` } : {};
  const route = await new CallbackPeer().start();
  const metrics = createMetrics();
  const outbound: OutboundClient = createOutboundClient(
    { clock: systemClock, metrics },
    { breaker: { failures: 1000, firstPauseMs: 10, longestPauseMs: 10 } },
  );
  const health = createHealth(systemClock);
  const { log, lines } = createMemoryLog();
  const own = { callbackUrl: route.callbackUrl, credentialKey: keys.privateKey };
  const verification = options.verifies === true ? { identityAuthentication: mosip.ida.settings(mosip.url) } : {};
  const repository = options.repository && { identityRepository: repositorySettings(mosip.url, options.repository) };
  const settings = mosipSettings(mosip.url, own, { ...verification, ...repository, ...dataShare, ...options.settings });
  const system = createMosip(
    { outbound, clock: systemClock, log, metrics, health },
    settings,
    options.mappings ?? { dir: MAPPINGS_DIR },
    { subscriptionRhythm: { renewMs: 20, firstRetryMs: 10, longestRetryMs: 20 } },
  );
  route.door = system.callback;

  const idOf = (event: VitalEvent): string =>
    system.outwardKey(createHash('sha256').update(`${event.kind} ${event.registrationNumber}`).digest());

  return {
    mosip,
    route,
    system,
    lines,
    probes: mosipProbes({ outbound, clock: systemClock, log, metrics }, settings),
    idOf,
    health: (name) => health.readiness().checks[name],
    submit(event, known) {
      const { signal } = new AbortController();
      const operation = identityOperation(event, { birthCancellation: 'deactivate' });
      if (operation === 'operator') throw new Error('no rule leaves an event to an operator here');
      return system[operation]({ event, outwardKey: idOf(event), repeated: false, known, signal });
    },
    async subscribed() {
      system.start();
      await mosip.until(() => mosip.hub.subscribers === 1);
    },
    async close() {
      await system.stop();
      await outbound.close();
      await mosip.stop();
      await route.stop();
    },
  };
}
