import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createEventReads } from '../../../src/opencrvs/event-reads.js';
import { createEventRegistrations } from '../../../src/opencrvs/event-registrations.js';
import { parseDelivery, type RegistrationSource, readDelivery } from '../../../src/opencrvs/index.js';
import { loadEventDocumentMappings } from '../../../src/opencrvs/readers/event-document/index.js';
import { createOutboundClient } from '../../../src/outbound/index.js';
import { type Found, reconcile } from '../../../src/reconciliation/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import type { Incoming } from '../../../src/vital-events/index.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { fixture } from '../../support/fixtures.js';
import { fullBundle, webhookBody } from '../../support/opencrvs-shapes.js';
import { type Harness, PIPELINE_SETTINGS } from '../../support/pipeline-harness.js';
import { useHarness } from '../../support/use-harness.js';
import { RECORDS, type SearchSide, startSearchSide } from '../opencrvs/search-side.js';

const DAYS = { since: new Date('2024-02-18T12:00:00Z'), until: new Date('2024-03-01T10:00:00Z') };

let harness: Harness;
useHarness('postgres', {}, (started) => {
  harness = started;
});

/** A run against this OpenCRVS, and what it found. */
async function run(source: RegistrationSource, options: Partial<Parameters<typeof reconcile>[1]> = {}) {
  const found: Found[] = [];
  const deps = { source, here: harness.pipeline.backfill(), onFound: (one: Found) => void found.push(one) };
  const report = await reconcile(deps, { ...DAYS, dryRun: false, ...options }, new AbortController().signal);
  return { report, found };
}

const clear = () => harness.sql.query('truncate mediator.event, mediator.history, mediator.callback cascade');

describe('with the record search of 1.5 to 1.9', () => {
  let side: SearchSide;

  beforeEach(async () => {
    side = await startSearchSide();
  });

  afterEach(async () => {
    await clear();
    await side.stop();
  });

  /** The birth as it would have been delivered. */
  function delivery(): Incoming {
    const body = webhookBody('BIRTH_REGISTERED', fullBundle('birth'));
    return { reading: readDelivery(parseDelivery(body)), raw: JSON.stringify(body), transactionId: undefined };
  }

  test('a registration that never came is taken in as it would have been delivered', async () => {
    const { report, found } = await run(side.search);
    expect(report).toMatchObject({ listed: 2, here: 0, taken: 2, unreadable: 0, endedBy: undefined });
    expect(report.through).toBe('2024-03-01');
    expect(found.map(({ type, registrationNumber, result }) => [type, registrationNumber, result])).toEqual([
      ['birth', RECORDS.birth.number, 'taken'],
      ['death', RECORDS.death.number, 'taken'],
    ]);
    const submission = await harness.system.submitted(RECORDS.birth.number);
    const { reading } = delivery();
    if (!reading.ok) throw new Error(reading.reason);
    // Not told by this way: the time of the change, and the contacts of the informant.
    const { registeredAt: _, informant, ...told } = reading.event;
    expect(submission.event).toMatchObject(JSON.parse(JSON.stringify(told)));
    expect(submission.event.informant?.person?.names).toEqual(informant?.person?.names);
    const died = await harness.system.submitted(RECORDS.death.number);
    expect(died.event).toMatchObject({ kind: 'death', dateOfDeath: { approximate: false } });
  });

  test('delivered afterwards, it is a repeat', async () => {
    const before = harness.system.submissionsOf(RECORDS.birth.number).length;
    const { found } = await run(side.search);
    const late = await harness.pipeline.accept(delivery());
    expect(late).toEqual({ id: found[0]?.eventId, isRepeat: true });
    await harness.reaches(RECORDS.birth.number, 'submitted');
    expect(harness.system.submissionsOf(RECORDS.birth.number)).toHaveLength(before + 1);
  });

  test('what was delivered is not read', async () => {
    await harness.pipeline.accept(delivery());
    const { report } = await run(side.search);
    expect(report).toMatchObject({ listed: 2, here: 1, taken: 1 });
    expect(side.asked().filter((name) => name === 'fetchRegistration')).toHaveLength(1);
  });

  test('a dry run reads nothing whole and takes nothing in', async () => {
    const { report } = await run(side.search, { dryRun: true });
    expect(report).toMatchObject({ listed: 2, missing: 2, taken: 0 });
    expect(side.asked()).not.toContain('fetchRegistration');
    expect(await harness.event(RECORDS.birth.number)).toBeUndefined();
  });

  test('a record that cannot be shown does not hold up the others', async () => {
    side.gateway.records.delete(RECORDS.birth.id);
    const { report, found } = await run(side.search);
    expect(report).toMatchObject({ taken: 1, unreadable: 1, endedBy: undefined });
    expect(found[0]).toMatchObject({ registrationNumber: RECORDS.birth.number, result: 'unreadable' });
  });

  test('half of the searches of a day are left to others', async () => {
    await side.stop();
    side = await startSearchSide({ dailyQuota: 4 });
    const { report } = await run(side.search);
    expect(report).toMatchObject({ listed: 1, endedBy: { code: 'peer_quota_used' }, through: '2024-02-19' });
    expect(side.asked().filter((name) => name === 'searchEvents')).toHaveLength(2);
  });

  test('a run ends when another process goes on with it', async () => {
    const deps = { source: side.search, here: harness.pipeline.backfill(), mayGoOn: async () => false };
    const report = await reconcile(deps, { ...DAYS, dryRun: false }, new AbortController().signal);
    expect(report).toMatchObject({ listed: 0, endedBy: { code: 'action_not_allowed' } });
  });
});

describe('with the events service of 2.x', () => {
  const WINTER = { since: new Date('2025-12-01'), until: new Date('2025-12-05') };
  const CORRECTED = 'opencrvs/event-document-correction.json';
  let peer: OpenCrvsEventsPeer;
  let system: OpenCrvsSystem;
  let source: RegistrationSource;
  let close: () => Promise<void>;

  beforeEach(async () => {
    system = new OpenCrvsSystem({ tokenMode: 'body', scopes: ['type=record.read', 'type=record.search'] });
    peer = await new OpenCrvsEventsPeer(system).start();
    const outbound = createOutboundClient({ clock: systemClock, metrics: createMetrics() });
    const tokens = { get: async () => system.issueToken(), drop: () => undefined, stop: () => undefined };
    const events = createEventReads({ outbound, clock: systemClock, tokens }, peer.url);
    source = createEventRegistrations({ events, mappings: loadEventDocumentMappings(PIPELINE_SETTINGS.mappingsDir) });
    close = async () => {
      await outbound.close();
      await peer.stop();
    };
  });

  afterEach(async () => {
    await clear();
    await close();
  });

  test('a registration is read as it is now, its corrections with it', async () => {
    const { trackingId, actions } = peer.events.load(fixture(CORRECTED));
    const requested = peer.events.pendingAction(fixture<{ id: string }>(CORRECTED).id);
    actions.push({ ...requested, id: randomUUID(), status: 'Accepted', originalActionId: requested.id });
    const { report, found } = await run(source, WINTER);
    expect(report).toMatchObject({ taken: 1, unreadable: 0, endedBy: undefined });
    expect(found).toMatchObject([{ type: 'birth', trackingId, result: 'taken' }]);
    const number = found[0]?.registrationNumber ?? '';
    const { event } = await harness.system.submitted(number);
    expect(event).toMatchObject({
      kind: 'birth',
      registrationNumber: number,
      registeredAt: '2025-12-02T09:20:44.008Z',
    });
    expect(event.subject.names[0]?.given.join(' ')).toContain('Adaeze');
    // A second run, as after a delivery, finds it here.
    expect((await run(source, WINTER)).report).toMatchObject({ here: 1, taken: 0 });
  });

  test('what was revoked meanwhile is left', async () => {
    const loaded = peer.events.load(fixture(CORRECTED));
    const registered = loaded.actions.find(({ type, status }) => type === 'REGISTER' && status === 'Accepted');
    if (registered === undefined) throw new Error('the fixture is registered');
    const { registrationNumber: _, ...action } = registered;
    loaded.actions.push({
      ...action,
      id: randomUUID(),
      type: 'REVOKE_REGISTRATION',
      createdAt: '2026-12-31T00:00:00.000Z',
    });
    const { report } = await run(source, WINTER);
    expect(report).toMatchObject({ listed: 1, left: 1, taken: 0 });
  });
});
