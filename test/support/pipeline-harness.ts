import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NationalIdSystem, NationalIdSystems } from '../../src/national-id/index.js';
import { createPipeline, type Pipeline, type RetryPolicy } from '../../src/pipeline/index.js';
import { createStores, type Database, type History } from '../../src/pipeline/store/index.js';
import { createHealth, createMetrics, type Health } from '../../src/telemetry/index.js';
import type { Incoming, VitalEvent } from '../../src/vital-events/index.js';
import { FakeNationalIdSystem } from '../fakes/fake-national-id-system.js';
import { FakeWriteBack } from '../fakes/fake-write-back.js';
import { createMemoryLog } from '../fakes/memory-log.js';
import { JumpingClock } from './jumping-clock.js';
import type { TestStore } from './test-store.js';
import { until } from './until.js';

/** Retries that a test can wait for. */
export const QUICK_RETRY: RetryPolicy = { firstMs: 20, longestMs: 100, longestUnansweredMs: 50, giveUpMs: 2_000 };

export interface StoredEvent {
  readonly id: string;
  readonly state: string;
  readonly code: string | null;
  readonly reason: string | null;
  readonly tries: number;
  readonly told_at: Date | null;
}

export interface Harness {
  readonly pipeline: Pipeline;
  readonly system: FakeNationalIdSystem;
  readonly writeBack: FakeWriteBack;
  readonly health: Health;
  /** Its timers; due dates of events are by the store's own clock. */
  readonly clock: JumpingClock;
  readonly logLines: readonly string[];
  /** Resolves once the event of this registration is in the state. */
  reaches(registrationNumber: string, state: string): Promise<StoredEvent>;
  event(registrationNumber: string): Promise<StoredEvent | undefined>;
  historyOf(eventId: string): ReturnType<History['of']>;
  /** Straight into the tables, beside the pipeline. */
  readonly sql: Pick<Database, 'query'>;
  stop(): Promise<void>;
}

export interface HarnessOptions {
  readonly dataDir: string;
  readonly store: TestStore;
  readonly system?: FakeNationalIdSystem;
  readonly writeBack?: FakeWriteBack;
  readonly answerDeadlineMs?: number;
  /** What differs of the settings, as it is now. */
  readonly settings?: () => Partial<typeof PIPELINE_SETTINGS>;
  readonly sweepEveryMs?: number;
  readonly onFatal?: (error: Error) => void;
}

/** A folder for one test file's store, and what removes it. */
export function temporaryFolder(): { readonly path: string; remove(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'mediator-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export const KEYS = {
  encryption: [{ id: 'test', key: Buffer.alloc(32, 7) }],
  index: 'an index key for tests, long enough to pass',
} as const;

/** Those of a deployment that has set none. */
export const PIPELINE_SETTINGS: Omit<ReturnType<Parameters<typeof createPipeline>[1]>, 'store'> = {
  keys: KEYS,
  retentionDays: 30,
  answerDeadlineMs: 3_600_000,
  statusPollMs: 6 * 3_600_000,
  birthCancellation: 'operator',
  mappingsDir: join(import.meta.dirname, '../../config/mappings'),
  eligibilityRule: 'all',
  submissionsPaused: false,
  retry: { firstMs: 1_000, longestMs: 300_000, giveUpMs: 7 * 24 * 3_600_000 },
};

/** A registry of one system. */
export function onlySystem(system: NationalIdSystem): Pick<NationalIdSystems, 'current' | 'named'> {
  return { current: () => system, named: (name) => (name === system.name ? system : undefined) };
}

/** The real pipeline on a real store, between a fake national ID system and a fake write-back. */
export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const { log, lines } = createMemoryLog('info');
  const clock = new JumpingClock();
  const health = createHealth(clock);
  const system = options.system ?? new FakeNationalIdSystem();
  const writeBack = options.writeBack ?? new FakeWriteBack();
  const recordReader = { completeEvent: async (event: VitalEvent) => event };
  let database: Database | undefined;
  const pipeline = createPipeline(
    {
      clock,
      log,
      metrics: createMetrics(),
      health,
      random: Math.random,
      systems: onlySystem(system),
      opencrvs: { writeBack, recordReader },
    },
    () => ({
      ...PIPELINE_SETTINGS,
      retry: QUICK_RETRY,
      store: { kind: 'embedded', dataDir: options.dataDir },
      answerDeadlineMs: options.answerDeadlineMs ?? PIPELINE_SETTINGS.answerDeadlineMs,
      ...options.settings?.(),
    }),
    {
      sweepEveryMs: options.sweepEveryMs ?? 60_000,
      onFatal: options.onFatal ?? ((error) => log.error({ err: error }, 'fatal')),
      open: async () => {
        database = await options.store.open({ log }, options.dataDir);
        return database;
      },
    },
  );
  pipeline.start();
  if (options.onFatal === undefined) {
    await until(() => health.readiness().checks['store']?.state === 'ok', 'the store is open');
  }
  const sql: Pick<Database, 'query'> = {
    query: (text, values) => {
      if (database === undefined) throw new Error('the store was never opened');
      return database.query(text, values);
    },
  };
  const event = async (registrationNumber: string): Promise<StoredEvent | undefined> => {
    const [row] = await sql.query<StoredEvent>(
      'select id, state, code, reason, tries, told_at from mediator.event where registration_number = $1',
      [registrationNumber],
    );
    return row;
  };
  return {
    pipeline,
    system,
    writeBack,
    health,
    clock,
    logLines: lines,
    event,
    sql,
    async reaches(registrationNumber, state) {
      let last: StoredEvent | undefined;
      await until(async () => {
        last = await event(registrationNumber);
        return last?.state === state;
      }, `${registrationNumber} is ${state}`);
      if (last === undefined) throw new Error('unreachable');
      return last;
    },
    historyOf: (eventId) => createStores(KEYS).history.of(database as Database, eventId),
    stop: () => pipeline.stop(5_000),
  };
}

/** A delivery of a birth, as the reader would give it. */
export function birth(registrationNumber: string, raw = `birth ${registrationNumber}`): Incoming {
  const event: VitalEvent = {
    kind: 'birth',
    registrationNumber,
    trackingId: `B${registrationNumber}`,
    subject: {
      names: [{ given: ['Canary-Given'], family: 'Canary-Family' }],
      gender: 'female',
      birthDate: { value: '2024-01-28', approximate: false },
      identifiers: [{ type: 'BIRTH_REGISTRATION_NUMBER', value: registrationNumber }],
      nationalities: [],
      addresses: [],
    },
  };
  return { reading: { ok: true, event }, raw, transactionId: undefined };
}

/** A delivery of a death; `nationalId` is the number written in the record. */
export function death(registrationNumber: string, nationalId: string): Incoming {
  const event: VitalEvent = {
    kind: 'death',
    registrationNumber,
    subject: {
      names: [],
      identifiers: [{ type: 'NATIONAL_ID', value: nationalId }],
      nationalities: [],
      addresses: [],
    },
  };
  return { reading: { ok: true, event }, raw: `death ${registrationNumber}`, transactionId: undefined };
}

/** A callback of the fake system. */
export function credential(outwardKey: string, virtualId: string): Buffer {
  return Buffer.from(JSON.stringify({ outwardKey, identity: { virtualId } }));
}
