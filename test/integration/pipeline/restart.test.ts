import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { FakeNationalIdSystem } from '../../fakes/fake-national-id-system.js';
import { birth, credential, startHarness, temporaryFolder } from '../../support/pipeline-harness.js';
import { ENGINES, startTestStore, type TestStore } from '../../support/test-store.js';
import { until } from '../../support/until.js';

describe.each(ENGINES)('on the %s engine', (engine) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let store: TestStore;

  beforeAll(async () => {
    store = await startTestStore(engine);
  });

  beforeEach(() => {
    folder = temporaryFolder();
  });

  afterEach(() => folder.remove());
  afterAll(() => store.stop());

  describe('stopping and starting again on the same folder', () => {
    test('events in every state go on where they were', async () => {
      const system = new FakeNationalIdSystem();
      system.when('R2', async () => {
        throw new MediatorError('peer_unreachable', { unanswered: true });
      });
      const first = await startHarness({ dataDir: folder.path, store, system });
      await first.pipeline.accept(birth('R1'));
      const { outwardKey } = await system.submitted('R1');
      await first.reaches('R1', 'submitted');
      await first.pipeline.accept(birth('R2'));
      await system.submitted('R2');
      await first.stop();

      system.when('R2', async () => ({ result: 'issued', identity: { nationalId: 'N-R2' } }));
      const second = await startHarness({ dataDir: folder.path, store, system });
      await second.reaches('R2', 'settled');
      await second.pipeline.acceptCallback('mosip', 'delivery-R1', credential(outwardKey, 'V-R1'));
      await second.reaches('R1', 'settled');
      expect(system.submissionsOf('R1')).toHaveLength(1);
      await second.stop();
    }, 60_000);
  });

  describe('the sweep', () => {
    test('sends the job of a due event whose job was lost, and ends one whose deadline has passed', async () => {
      const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 200, answerDeadlineMs: 500 });
      harness.system.when('S1', async () => {
        throw new MediatorError('peer_unreachable', { unanswered: true, retryAfterMs: 1_000 });
      });
      await harness.pipeline.accept(birth('S1'));
      await harness.system.submitted('S1');
      harness.system.when('S1', async () => ({ result: 'issued', identity: { nationalId: 'N-S1' } }));
      await harness.sql.query(`delete from pgboss.job where name = 'submit' and state < 'completed'`);
      await harness.reaches('S1', 'settled');

      await harness.pipeline.accept(birth('S2'));
      expect(await harness.reaches('S2', 'stuck')).toMatchObject({ code: 'answer_deadline_passed' });
      const { outwardKey } = await harness.system.submitted('S2');
      await harness.pipeline.acceptCallback('mosip', 'delivery-S2', credential(outwardKey, 'V-S2'));
      await harness.reaches('S2', 'settled');
      await harness.stop();
    }, 60_000);

    test('removes the personal data of events settled longer ago than the retention', async () => {
      const harness = await startHarness({ dataDir: folder.path, store, sweepEveryMs: 200 });
      harness.system.when('S3', async () => ({ result: 'issued', identity: { nationalId: 'N-S3' } }));
      await harness.pipeline.accept(birth('S3'));
      const { id } = await harness.reaches('S3', 'settled');
      await harness.sql.query(`update mediator.event set settled_at = now() - interval '31 days' where id = $1`, [id]);
      const erased = async (): Promise<boolean> => {
        const [row] = await harness.sql.query<{ kept: boolean }>(
          'select payload_sealed is not null or outcome_sealed is not null as kept from mediator.event where id = $1',
          [id],
        );
        return row?.kept === false;
      };
      await until(erased, 'the personal data is gone');
      expect(await harness.historyOf(id)).not.toHaveLength(0);
      expect(await harness.pipeline.accept(birth('S3'))).toEqual({ id, isRepeat: true });
      await harness.stop();
    }, 60_000);
  });
});
