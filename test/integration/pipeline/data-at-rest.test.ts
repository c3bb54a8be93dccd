import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { openKeyRotation } from '../../../src/pipeline/index.js';
import type { VitalEvent } from '../../../src/vital-events/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import {
  birth,
  credential,
  type Harness,
  KEYS,
  startHarness,
  temporaryFolder,
} from '../../support/pipeline-harness.js';
import { startTestStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

/** Names and dates of every person here, the numbers that they are given, and the token of a request. */
const CANARIES = ['Canary-Given', 'Canary-Family', '2024-01-28', 'Canary-Number', 'canary-token'];

const folder = temporaryFolder();
const by = { actor: 'amina', reason: 'seen to by hand' } as const;
const NEW_KEY = { id: 'new', key: Buffer.alloc(32, 9) } as const;
let store: TestStore;
let harness: Harness;

beforeAll(async () => {
  store = await startTestStore('postgres');
  harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 100 });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await store.stop();
  await folder.remove();
});

const request = () => ({ to: { token: 'canary-token' }, revision: 'action-1', before: undefined });
const issued = async () => ({ result: 'issued', identity: { nationalId: 'Canary-Number' } }) as const;
const refused = async () => ({ result: 'refused', code: 'BAD', reason: 'The name is too short.' }) as const;

/** One event in each state that lasts, and a callback in each. */
async function everyKind(prefix: string): Promise<void> {
  const { pipeline, system, writeBack, reaches } = harness;
  const accept = (name: string) => pipeline.accept({ ...birth(`${prefix}-${name}`), reply: request() });
  system.when(`${prefix}-settled`, issued);
  system.when(`${prefix}-refused`, refused);
  system.when(`${prefix}-closed`, refused);
  system.when(`${prefix}-skipped`, refused);
  system.when(`${prefix}-stuck`, issued);
  writeBack.when(`${prefix}-stuck`, async () => {
    throw new MediatorError('write_back_refused');
  });
  for (const name of ['settled', 'refused', 'closed', 'skipped', 'stuck', 'submitted']) await accept(name);
  await reaches(`${prefix}-settled`, 'settled');
  await reaches(`${prefix}-stuck`, 'stuck');
  await reaches(`${prefix}-submitted`, 'submitted');
  for (const name of ['refused', 'closed', 'skipped']) {
    await until(async () => (await harness.event(`${prefix}-${name}`))?.told_at != null, `${name} is told`);
  }
  await pipeline.operator().close((await reaches(`${prefix}-closed`, 'refused')).id, by);
  const { reading } = birth(`${prefix}-skipped`);
  if (!reading.ok) throw new Error('unreachable');
  const cancelled: VitalEvent = { ...reading.event, kind: 'cancellation', of: 'birth', revision: 'action-2' };
  await pipeline.accept({ reading: { ok: true, event: cancelled }, raw: 'cancelled', transactionId: undefined });
  await reaches(`${prefix}-closed`, 'closed');
  const { outwardKey } = await system.submitted(`${prefix}-settled`);
  await pipeline.acceptCallback('mosip', `${prefix}-repeated`, credential(outwardKey, 'Canary-Number'));
  await pipeline.acceptCallback('mosip', `${prefix}-kept`, credential(`${prefix}-nobody`, 'Canary-Number'));
  await pipeline.acceptCallback('mosip', `${prefix}-unreadable`, Buffer.from('unreadable'));
  await until(async () => {
    const states = await callbacks(prefix);
    return ['repeated', 'kept', 'unreadable'].every((state) => states.some((callback) => callback.state === state));
  }, 'the callbacks are handled');
}

const callbacks = (prefix: string) =>
  harness.sql.query<{ state: string; holds: boolean }>(
    `select state, payload_sealed is not null as holds from mediator.callback where delivery_id like '%' || $1 || '-%'`,
    [prefix],
  );

async function holding(prefix: string): Promise<string[]> {
  const rows = await harness.sql.query<{ number: string }>(
    `select registration_number as number from mediator.event
     where registration_number like $1 || '-%' and kind = 'birth'
       and (payload_sealed is not null or outcome_sealed is not null or reply_sealed is not null)`,
    [prefix],
  );
  return rows.map(({ number }) => number.slice(prefix.length + 1)).sort();
}

/** Every table of ours and of pg-boss's, as text. */
async function dump(): Promise<string> {
  const tables = await harness.sql.query<{ name: string }>(
    `select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
     where schemaname in ('mediator', 'pgboss')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await harness.sql.query<{ row: string }>(`select row_to_json(t)::text as row from ${name} t`);
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

function leaksIn(text: string): string[] {
  const forms = CANARIES.flatMap((canary) => [
    canary,
    Buffer.from(canary).toString('hex'),
    Buffer.from(canary).toString('base64').replace(/=+$/, ''),
  ]);
  return forms.filter((form) => text.includes(form));
}

describe('a dump of the database', () => {
  test('holds nothing of a person in clear, in whatever state an event or a callback is', async () => {
    await everyKind('D');
    const text = await dump();
    for (const known of [
      'D-settled',
      'D-refused',
      'D-closed',
      'D-skipped',
      'D-stuck',
      'seen to by hand',
      'unreadable',
    ]) {
      expect(text).toContain(known);
    }
    expect(leaksIn(text)).toEqual([]);
  });

  test('would show it if there were something', async () => {
    await harness.sql.query(
      `insert into mediator.audit (actor, action, reason) values ('test', 'test', 'Canary-Given')`,
    );
    expect(leaksIn(await dump())).toEqual(['Canary-Given']);
    await harness.sql.query(`delete from mediator.audit where actor = 'test'`);
  });
});

describe('erasure', () => {
  test('takes what is over, or refused and told, after the retention; what is open or stuck keeps its data', async () => {
    await everyKind('E');
    expect(await holding('E')).toEqual(['closed', 'refused', 'settled', 'skipped', 'stuck', 'submitted']);
    await harness.sql.query(
      `update mediator.event set settled_at = settled_at - interval '31 days', updated_at = updated_at - interval '31 days'
       where registration_number like 'E-%'`,
    );
    await harness.sql.query(
      `update mediator.callback set handled_at = handled_at - interval '31 days' where delivery_id like '%E-%'`,
    );
    await until(async () => (await holding('E')).length === 2, 'what is over is erased');
    expect(await holding('E')).toEqual(['stuck', 'submitted']);
    await until(async () => (await callbacks('E')).every(({ holds }) => !holds), 'the callbacks are erased');
  });

  test('leaves what has begun anew: an event that was closed once, and is tried again', async () => {
    const { pipeline, system, reaches } = harness;
    system.when('R-again', refused);
    await pipeline.accept(birth('R-again'));
    const { id } = await reaches('R-again', 'refused');
    await until(async () => (await harness.event('R-again'))?.told_at != null, 'it is told');
    await pipeline.operator().close(id, by);
    await harness.sql.query(`update mediator.event set settled_at = now() - interval '29 days' where id = $1`, [id]);
    system.when('R-again', async () => ({ result: 'pending' }));
    await pipeline.operator().retry(id, by);
    await reaches('R-again', 'submitted');
    const [row] = await harness.sql.query('select settled_at from mediator.event where id = $1', [id]);
    expect(row).toEqual({ settled_at: null });
  });
});

describe('a new key', () => {
  const { log } = createMemoryLog();
  const rotationWith = (encryption: Parameters<typeof openKeyRotation>[1]['keys']['encryption']) =>
    openKeyRotation(
      { log },
      { store: { kind: 'embedded', dataDir: folder.path }, keys: { ...KEYS, encryption } },
      { open: () => store.open({ log }, folder.path) },
    );

  test('takes the place of the old one while the service runs, and everything can still be read', async () => {
    await harness.stop();
    // As after the first restart: the new key writes, the old one reads.
    harness = await startHarness({
      dataDir: folder.path,
      store,
      settings: () => ({ keys: { ...KEYS, encryption: [NEW_KEY, ...KEYS.encryption] } }),
    });
    const rotation = await rotationWith([NEW_KEY, ...KEYS.encryption]);
    const before = await rotation.inUse();
    expect(before.map(({ keyId }) => keyId)).toContain('test');
    const numbers = Array.from({ length: 100 }, (_, index) => `K-${index}`);
    for (const number of numbers) harness.system.when(number, issued);
    const [rotated] = await Promise.all([
      rotation.rotate('a test'),
      ...numbers.map((number) => harness.pipeline.accept(birth(number))),
    ]);
    expect(rotated).toMatchObject({ moved: 0, unreadable: 0 });
    expect(rotated.resealed).toBeGreaterThanOrEqual(before.find(({ keyId }) => keyId === 'test')?.count ?? 0);
    expect((await rotation.inUse()).map(({ keyId }) => keyId)).toEqual(['new']);
    expect((await rotation.rotate('a test')).resealed).toBe(0);
    await rotation.close();
    const [entry] = await harness.pipeline.operator().auditTrail({ limit: 1 });
    expect(entry).toMatchObject({ actor: 'a test', action: 'rotate-keys' });
    await harness.reaches('K-99', 'settled');
    await harness.stop();

    // As after the second one: the old key is gone, and an event of before goes on.
    const system = harness.system;
    harness = await startHarness({
      dataDir: folder.path,
      store,
      system,
      settings: () => ({ keys: { ...KEYS, encryption: [NEW_KEY] } }),
    });
    const { id, state } = await harness.reaches('D-stuck', 'stuck');
    expect(state).toBe('stuck');
    await harness.pipeline.operator().retry(id, by);
    await harness.reaches('D-stuck', 'settled');
    expect(harness.writeBack.deliveriesOf('D-stuck').at(-1)).toMatchObject({
      outcome: { identity: { nationalId: 'Canary-Number' } },
      replyTo: { token: 'canary-token' },
    });
  });

  test('without the old one beside it reads nothing, says so, and changes nothing', async () => {
    const rotation = await rotationWith([{ id: 'other', key: Buffer.alloc(32, 1) }]);
    const before = await rotation.inUse();
    const { resealed, unreadable } = await rotation.rotate('a test');
    expect(resealed).toBe(0);
    expect(unreadable).toBe(before.reduce((sum, { count }) => sum + count, 0));
    expect(await rotation.inUse()).toEqual(before);
    await rotation.close();
  });
});
