import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { OsiaSettings } from '../../../src/config/index.js';
import type { NationalIdSystem, Submission } from '../../../src/national-id/index.js';
import { createOsia } from '../../../src/national-id/osia/index.js';
import { createOutboundClient, type OutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics, type Health, type Metrics } from '../../../src/telemetry/index.js';
import type { Person, VitalEvent } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { OsiaPeer, type OsiaPeerOptions } from '../../peers/osia-peer.js';

const MAPPINGS = { dir: join(import.meta.dirname, '..', '..', '..', 'config', 'mappings') };
export const CLIENT = { clientId: 'mediator', clientSecret: 'secret of the client' } as const;

export const CHILD: Person = {
  names: [{ language: 'en', given: ['Thandiwe', 'Zoë'], family: 'Canary' }],
  identifiers: [],
  nationalities: [],
  addresses: [],
  gender: 'female',
  birthDate: { value: '2024-01-28', approximate: false },
};
export const BIRTH: VitalEvent = { kind: 'birth', registrationNumber: '2024B1', subject: CHILD };

/** The adapter before an OSIA system. */
export interface OsiaStage {
  readonly peer: OsiaPeer;
  readonly system: NationalIdSystem;
  readonly outbound: OutboundClient;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly lines: readonly string[];
  /** A submission whose progress is kept between tries of the event, as the pipeline keeps it. */
  submission(event: VitalEvent, facts?: Partial<Submission>): Submission;
  /** The same adapter as after a restart: it has forgotten everything. */
  restarted(): NationalIdSystem;
  close(): Promise<void>;
}

export interface OsiaStageOptions {
  readonly peer?: Partial<OsiaPeerOptions>;
  readonly settings?: Partial<OsiaSettings>;
  readonly timeoutMs?: number;
}

export async function setStage(options: OsiaStageOptions = {}): Promise<OsiaStage> {
  const peer = await new OsiaPeer({ ...CLIENT, ...options.peer }).start();
  const clock = new ManualClock();
  const health = createHealth(clock);
  const metrics = createMetrics();
  const { log, lines } = createMemoryLog();
  const { timeoutMs = 10_000 } = options;
  const outbound = createOutboundClient({ clock, metrics }, { timeoutMs });
  const base = `${peer.baseUrl}/`;
  const settings: OsiaSettings = {
    addresses: { uin: base, registry: base, 'data-access': base, notification: base },
    client: { ...CLIENT, tokenUrl: peer.tokenUrl, sendIn: 'header' },
    registrationAttribute: 'birthRegistrationNumber',
    personAttributes: ['firstName', 'lastName', 'dateOfBirth', 'gender', 'shoeSize'],
    lostUin: 'stuck',
    notifyAs: undefined,
    subscription: undefined,
    ...options.settings,
  };
  const make = (): NationalIdSystem => createOsia({ outbound, clock, log, metrics, health }, settings, MAPPINGS);
  const system = make();
  const kept = new Map<string, unknown>();
  return {
    peer,
    system,
    outbound,
    health,
    metrics,
    lines,
    restarted: make,
    submission(event, facts = {}) {
      const of = 'of' in event ? `${event.of} ${event.revision}` : '';
      const digest = createHash('sha256').update(`${event.kind} ${event.registrationNumber} ${of}`).digest();
      const outwardKey = system.outwardKey(digest);
      const progress = {
        kept: kept.get(outwardKey),
        keep: async (text: unknown) => void kept.set(outwardKey, JSON.parse(JSON.stringify(text))),
      };
      return { event, outwardKey, repeated: false, progress, signal: new AbortController().signal, ...facts };
    },
    async close() {
      await system.stop();
      await outbound.close();
      await peer.stop();
    },
  };
}
