import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openPendingImport, type PendingImport, type PendingSubmission } from '../../../src/pipeline/index.js';
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

const folder = temporaryFolder();
const wet = { dryRun: false } as const;
const dry = { dryRun: true } as const;
let store: TestStore;
let harness: Harness;
let imported: PendingImport;

/** Beside a running service: on PostgreSQL both may use the store. */
beforeAll(async () => {
  const { log } = createMemoryLog();
  store = await startTestStore('postgres');
  harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 50 });
  imported = await openPendingImport(
    { log },
    {
      store: { kind: 'embedded', dataDir: folder.path },
      keys: KEYS,
      answerDeadlineMs: 3_600_000,
      statusPollMs: 3_600_000,
    },
    { system: 'mosip', open: () => store.open({ log }, folder.path) },
  );
}, 60_000);

afterAll(async () => {
  await imported.close();
  await harness.stop();
  await store.stop();
  await folder.remove();
});

const request = (revision: string) => ({
  to: { via: 'events', token: `token of ${revision}` },
  revision,
  before: Date.now() + 7 * 24 * 3_600_000,
});

/** An event that another mediator has sent under the key `old-<number>`. */
function pending(registrationNumber: string, changes: Partial<PendingSubmission> = {}): PendingSubmission {
  const subject = { names: [], identifiers: [], nationalities: [], addresses: [] };
  return {
    event: { kind: 'birth', registrationNumber, subject },
    outwardKey: `old-${registrationNumber}`,
    reply: request('action-1'),
    note: 'Taken over in a test.',
    ...changes,
  };
}

const rowsOf = (registrationNumber: string) =>
  harness.sql.query(
    'select kind, state, tries, version, outward_key from mediator.event where registration_number = $1',
    [registrationNumber],
  );

test('what is taken over is not sent again, and its answer goes where the other mediator would have sent it', async () => {
  const { pipeline, system, writeBack, reaches, historyOf } = harness;
  expect(await imported.take(pending('I1'), wet)).toBe('taken-over');
  await pipeline.acceptCallback('mosip', 'delivery-I1', credential('old-I1', '4407183925'));
  const { id } = await reaches('I1', 'settled');
  expect(writeBack.deliveriesOf('I1')).toMatchObject([
    {
      event: { kind: 'birth', registrationNumber: 'I1' },
      outcome: { result: 'issued', identity: { virtualId: '4407183925' } },
      outwardKey: 'old-I1',
      replyTo: { via: 'events', token: 'token of action-1' },
    },
  ]);
  expect(system.submissionsOf('I1')).toEqual([]);
  expect((await historyOf(id)).map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
    'import submitted',
    'answer issued',
    'deliver settled',
  ]);
});

test('taking it over again changes nothing', async () => {
  await imported.take(pending('I2'), wet);
  const before = await rowsOf('I2');
  expect(before).toMatchObject([{ kind: 'birth', state: 'submitted', tries: 1 }]);
  expect(await imported.take(pending('I2'), wet)).toBe('known');
  expect(await imported.take(pending('I2', { event: { ...pending('I2').event, kind: 'death' } }), wet)).toBe('known');
  expect(await rowsOf('I2')).toEqual(before);
});

test('a dry run tells the same and stores nothing', async () => {
  expect(await imported.take(pending('I3'), dry)).toBe('taken-over');
  expect(await rowsOf('I3')).toEqual([]);
  expect(await imported.take(pending('I3'), wet)).toBe('taken-over');
  expect(await imported.take(pending('I3'), dry)).toBe('known');
});

test('an answer that came first is matched by the sweep', async () => {
  const { pipeline, sql, reaches, writeBack } = harness;
  const kept = () => sql.query(`select id from mediator.callback where state = 'kept' and outward_key = 'old-I4'`);
  await pipeline.acceptCallback('mosip', 'delivery-I4', credential('old-I4', '4407183926'));
  await until(async () => (await kept()).length === 1, 'the callback is kept');
  // The sweep looks at what has been waiting for a minute.
  await sql.query(
    `update mediator.callback set received_at = now() - interval '2 minutes' where outward_key = 'old-I4'`,
  );
  await imported.take(pending('I4'), wet);
  await reaches('I4', 'settled');
  expect(writeBack.deliveriesOf('I4')).toHaveLength(1);
});

test('registered again meanwhile, it is not sent a second time, and the new request is answered', async () => {
  const { pipeline, system, writeBack, reaches } = harness;
  await imported.take(pending('I5', { reply: undefined }), wet);
  const again = request('action-2');
  expect(await pipeline.accept({ ...birth('I5'), reply: again })).toMatchObject({ isRepeat: true });
  await pipeline.acceptCallback('mosip', 'delivery-I5', credential('old-I5', '4407183927'));
  await reaches('I5', 'settled');
  expect(writeBack.deliveriesOf('I5').map(({ replyTo }) => replyTo)).toEqual([again.to]);
  expect(system.submissionsOf('I5')).toEqual([]);
  expect(await rowsOf('I5')).toHaveLength(1);
});

test('what was sent again under a key of ours is told, and left as it is', async () => {
  await harness.pipeline.accept(birth('I6'));
  await harness.reaches('I6', 'submitted');
  const before = await rowsOf('I6');
  expect(await imported.take(pending('I6'), dry)).toBe('sent-again');
  expect(await imported.take(pending('I6'), wet)).toBe('sent-again');
  expect(await rowsOf('I6')).toEqual(before);
});

test('a failure of the database is told without its words', async () => {
  const broken = pending('I7', { outwardKey: 'old\u0000I7' });
  const error = await imported.take(broken, wet).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'store_unavailable',
    message: 'The event store cannot be written at the moment.',
  });
});
