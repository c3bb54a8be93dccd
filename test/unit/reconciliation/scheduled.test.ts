import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import type { RegistrationSource } from '../../../src/opencrvs/index.js';
import { type ReconcileStore, startScheduled } from '../../../src/reconciliation/index.js';
import type { Repeater } from '../../../src/runtime/index.js';
import { createHealth, createMetrics, type Health } from '../../../src/telemetry/index.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { createMemoryLog } from '../../fakes/memory-log.js';

const HOUR_MS = 3_600_000;
const EVERY_MS = 24 * HOUR_MS;

let clock: ManualClock;
let health: Health;
let lines: readonly string[];
let runs: Repeater[];
/** Days that were listed. */
let listed: string[];
let fault: MediatorError | undefined;
let holder: string | undefined;
let notes: Map<string, unknown>;
let accepted: string[];

const source: RegistrationSource = {
  async listRegistrations(since) {
    const day = since.toISOString().slice(0, 10);
    listed.push(day);
    if (fault !== undefined) throw fault;
    return {
      registrations: [{ recordId: 'r', type: 'birth', registrationNumber: `N-${day}`, trackingId: undefined }],
      hasMore: false,
    };
  },
  readRegistration: async () => ({
    reading: { ok: false, code: 'event_unreadable', reason: 'It is broken.' },
    raw: '{}',
  }),
};

/** What the instances share. */
const store: ReconcileStore = {
  async accept({ raw }) {
    accepted.push(raw);
    return { id: 'id', isRepeat: false };
  },
  lacking: async (keys) => new Set(keys.filter((key) => key === 'birth:N-2024-03-01')),
  notes: {
    read: async (name) => notes.get(name),
    write: async (name, content) => void notes.set(name, content),
  },
  async hold(_name, by) {
    holder ??= by;
    return holder === by;
  },
  async release(_name, by) {
    if (holder === by) holder = undefined;
  },
};

function start(
  everyMs: number | undefined = EVERY_MS,
  registrationList: RegistrationSource | undefined = source,
): void {
  const memory = createMemoryLog();
  lines = memory.lines;
  const deps = { clock, log: memory.log, metrics: createMetrics(), health, store: () => store };
  const run = startScheduled({ ...deps, opencrvs: { registrationList } }, { reconcileEveryMs: everyMs });
  if (run !== undefined) runs.push(run);
}

const check = () => health.readiness().checks['reconcile'];

beforeEach(() => {
  clock = new ManualClock(Date.parse('2024-03-01T10:00:00Z'));
  health = createHealth(clock);
  [runs, listed, accepted, notes] = [[], [], [], new Map()];
  fault = undefined;
  holder = undefined;
});

afterEach(() => Promise.all(runs.map((run) => run.stop())));

test('the first run looks a week back, the next one goes on where it ended', async () => {
  start();
  await clock.advance(5 * 60_000);
  expect([listed[0], listed.at(-1), listed.length]).toEqual(['2024-02-23', '2024-03-01', 8]);
  expect(check()).toMatchObject({ state: 'degraded', detail: expect.stringContaining('1 unreadable') });
  expect(lines.some((line) => line.includes('reconcile.unreadable') && line.includes('N-2024-03-01'))).toBe(true);
  expect(accepted).toEqual([]);
  listed = [];
  await clock.advance(EVERY_MS + 5 * 60_000);
  expect(listed).toEqual(['2024-02-29', '2024-03-01', '2024-03-02']);
});

test('of two instances one runs', async () => {
  start();
  start();
  await clock.advance(EVERY_MS - HOUR_MS);
  expect(listed).toHaveLength(8);
  expect(holder).toBeUndefined();
});

test('an instance leaves alone what another is at', async () => {
  holder = 'another';
  start();
  await clock.advance(HOUR_MS);
  expect(listed).toEqual([]);
  holder = undefined;
  await clock.advance(HOUR_MS);
  expect(listed).toHaveLength(8);
});

test.each([
  { code: 'peer_quota_used', state: 'ok' },
  { code: 'peer_unauthorized', state: 'degraded' },
] as const)('a run that ends by $code is begun again after an hour', async ({ code, state }) => {
  fault = new MediatorError(code);
  start();
  await clock.advance(5 * 60_000);
  expect([listed.length, check()?.state]).toEqual([1, state]);
  expect(check()?.detail).toContain('Ended early');
  fault = undefined;
  await clock.advance(HOUR_MS);
  expect(listed).toHaveLength(9);
});

test.each([
  { name: 'cannot be listed', everyMs: EVERY_MS, list: undefined, detail: 'not possible' },
  { name: 'are not to be', everyMs: undefined, list: source, detail: 'RECONCILE_EVERY_HOURS=0' },
])('where registrations $name the readiness says so', async ({ everyMs, list, detail }) => {
  const deps = { clock, log: createMemoryLog().log, metrics: createMetrics(), health, store: () => store };
  expect(
    startScheduled({ ...deps, opencrvs: { registrationList: list } }, { reconcileEveryMs: everyMs }),
  ).toBeUndefined();
  expect(check()).toMatchObject({ state: 'ok', detail: expect.stringContaining(detail) });
});
