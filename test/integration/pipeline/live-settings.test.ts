import { afterEach, expect, test } from '@jest/globals';
import { MediatorError } from '../../../src/errors/index.js';
import { birth, type Harness, PIPELINE_SETTINGS, QUICK_RETRY } from '../../support/pipeline-harness.js';
import { until } from '../../support/until.js';
import { useHarness } from '../../support/use-harness.js';

const AS_USUAL = { ...PIPELINE_SETTINGS, retry: QUICK_RETRY };
let settings = AS_USUAL;
let harness: Harness;

/** The sweep does not run: what moves here moves without it. */
const SWEEP_MS = 60_000;

useHarness('embedded', { sweepEveryMs: SWEEP_MS, settings: () => settings }, (started) => {
  harness = started;
});

afterEach(() => {
  settings = AS_USUAL;
});

const change = (changed: Partial<typeof AS_USUAL>): void => {
  settings = { ...AS_USUAL, ...changed };
};

const issue = (number: string): void =>
  harness.system.when(number, async () => ({ result: 'issued', identity: { nationalId: `N-${number}` } }));

/** Several turns of the queues. */
const afterTurns = (): Promise<void> => {
  const end = Date.now() + 1_200;
  return until(() => Date.now() > end, 'the queues have turned');
};

test('a pause holds new events back without a try, and its end sends them all', async () => {
  change({ submissionsPaused: true });
  const numbers = ['L1', 'L2', 'L3'];
  for (const number of numbers) {
    issue(number);
    await harness.pipeline.accept(birth(number));
  }
  await afterTurns();
  for (const number of numbers) {
    expect(await harness.event(number)).toMatchObject({ state: 'received', tries: 0 });
    expect(harness.system.submissionsOf(number)).toEqual([]);
  }
  settings = AS_USUAL;
  for (const number of numbers) await harness.reaches(number, 'settled');
});

test('a pause leaves work in hand to its end, and its way back', async () => {
  let answer: () => void = () => undefined;
  harness.system.when('L4', async () => {
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return { result: 'issued', identity: { nationalId: 'N-L4' } };
  });
  await harness.pipeline.accept(birth('L4'));
  await harness.system.submitted('L4');
  change({ submissionsPaused: true });
  answer();
  await harness.reaches('L4', 'settled');
});

test('the time of a pause does not count towards the limit of the retries', async () => {
  const retry = { ...QUICK_RETRY, giveUpMs: 2_500 };
  change({ retry });
  let isWell = false;
  harness.system.when('L5', async () => {
    if (!isWell) throw new MediatorError('peer_error');
    return { result: 'issued', identity: { nationalId: 'N-L5' } };
  });
  await harness.pipeline.accept(birth('L5'));
  await until(async () => ((await harness.event('L5'))?.tries ?? 0) > 1, 'it was tried twice');
  change({ retry, submissionsPaused: true });
  const paused = Date.now() + 3_500;
  await until(() => Date.now() > paused, 'the pause was longer than the limit');
  const { tries } = (await harness.event('L5')) ?? { tries: 0 };
  change({ retry });
  // One more failure after the pause: with its time it would be the last.
  await until(async () => ((await harness.event('L5'))?.tries ?? 0) > tries, 'it was tried again');
  isWell = true;
  await harness.reaches('L5', 'settled');
});

test('a shorter limit of the retries counts for what fails already', async () => {
  harness.system.when('L6', async () => {
    throw new MediatorError('peer_error');
  });
  change({ retry: { ...QUICK_RETRY, giveUpMs: 3_600_000 } });
  await harness.pipeline.accept(birth('L6'));
  await until(() => harness.system.submissionsOf('L6').length > 2, 'it has failed');
  change({ retry: { ...QUICK_RETRY, giveUpMs: 10 } });
  expect(await harness.reaches('L6', 'stuck')).toMatchObject({ code: 'retries_exhausted' });
});

test('a new deadline counts for what is handed over from then on', async () => {
  const secondsLeft = async (number: string): Promise<number> => {
    await harness.pipeline.accept(birth(number));
    const { id } = await harness.reaches(number, 'submitted');
    const [row] = await harness.sql.query<{ left: number }>(
      'select extract(epoch from next_action_at - now())::float8 as left from mediator.event where id = $1',
      [id],
    );
    return row?.left ?? 0;
  };
  expect(await secondsLeft('L7')).toBeGreaterThan(3_500);
  change({ answerDeadlineMs: 120_000 });
  expect(await secondsLeft('L8')).toBeLessThanOrEqual(120);
});
