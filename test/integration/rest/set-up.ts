import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Problem, type RestSettings, readRestFile } from '../../../src/config/index.js';
import type { Submission } from '../../../src/national-id/index.js';
import type { NationalIdSystem } from '../../../src/national-id/port.js';
import { createRestSystem } from '../../../src/national-id/rest/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { createHealth, createMetrics, type ReadinessReport } from '../../../src/telemetry/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'config', 'rest');

export const SECRETS: Readonly<Record<string, string>> = {
  REGISTRY_CLIENT_ID: 'mediator',
  REGISTRY_CLIENT_SECRET: 'the secret of the client/of the tests',
  REGISTRY_CALLBACK_KEY: 'the key of the calls back',
};

/** The settings from a file text; the test fails with what is at fault in it. */
export function settingsOf(text: string): RestSettings {
  const problems: Problem[] = [];
  const settings = readRestFile(text, (name) => SECRETS[name], problems);
  if (settings === undefined) throw new Error(JSON.stringify(problems));
  return settings;
}

/** One of the files as shipped. */
export const shipped = (name: 'registry' | 'mock-identity-system'): string =>
  readFileSync(join(FOLDER, `${name}.yaml`), 'utf8');

export interface RestStage {
  readonly system: NationalIdSystem;
  readonly lines: readonly string[];
  health(): ReadinessReport['checks'][string] | undefined;
  submission(event: VitalEvent, facts?: Partial<Submission>): Submission;
  close(): Promise<void>;
}

export interface RestStageOptions {
  readonly clock?: ManualClock;
  readonly timeoutMs?: number;
}

/** The adapter on these settings, before whatever listens at the address in them. */
export function setStage(settings: RestSettings, options: RestStageOptions = {}): RestStage {
  const clock = options.clock ?? new ManualClock();
  const metrics = createMetrics();
  const outbound = createOutboundClient(
    { clock, metrics },
    options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs },
  );
  const health = createHealth(clock);
  const { log, lines } = createMemoryLog();
  const system = createRestSystem({ outbound, clock, log, metrics, health }, settings);
  return {
    system,
    lines,
    health: () => health.readiness().checks['rest'],
    submission: (event, facts = {}) => ({
      event,
      outwardKey: system.outwardKey(createHash('sha256').update(`${event.kind} ${event.registrationNumber}`).digest()),
      repeated: false,
      signal: new AbortController().signal,
      ...facts,
    }),
    async close() {
      await system.stop();
      await outbound.close();
    },
  };
}
