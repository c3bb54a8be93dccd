import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { birth, death, temporaryFolder } from '../../support/pipeline-harness.js';
import { environmentOf, everyPlace, OPERATORS, type OperatorStage, startOperatorStage } from '../operator/set-up.js';

const files = temporaryFolder();
let stage: OperatorStage;
let ids: Awaited<ReturnType<typeof everyPlace>>;

beforeAll(async () => {
  stage = await startOperatorStage();
  ids = await everyPlace(stage.harness);
}, 60_000);
afterAll(async () => {
  await stage.stop();
  await files.remove();
});

const events = (...args: readonly string[]) => run(['events', ...args], { environment: environmentOf(stage) });

/** A birth and the death of the same registration number's person, both stuck. */
async function twoStuck(number: string): Promise<void> {
  const { system, pipeline, reaches, sql } = stage.harness;
  system.when(number, async () => ({ result: 'not-supported' }));
  await pipeline.accept(birth(number));
  await reaches(number, 'stuck');
  await pipeline.accept(death(`${number}-2`, `none-${number}`));
  await reaches(`${number}-2`, 'submitted');
  await sql.query(
    `update mediator.event set registration_number = $1, state = 'stuck', code = 'answer_deadline_passed'
     where registration_number = $2`,
    [number, `${number}-2`],
  );
}

describe('events show', () => {
  test.each([
    {
      number: 'E-settled',
      says: ['Where      It is finished', 'To do      Nothing', 'sent to the national ID system: answered'],
    },
    { number: 'E-waiting', says: ['has not answered yet', 'To do      Nothing', 'Next step  20'] },
    {
      number: 'E-refused',
      says: [
        'has refused it',
        'The name is too short. (IDS-007)',
        'To do      Correct the registration',
        'Possible   events retry, events close',
      ],
    },
    {
      number: 'E-stuck',
      says: ['It has stopped', '(national_id_misconfigured)', 'To do      Tell the people who run the mediator.'],
    },
  ])('$number: where it is, why, and what to do', async ({ number, says }) => {
    const { code, out, said } = await events('show', number);
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out.startsWith(`birth ${number}, tracking id B${number}\n`)).toBe(true);
    for (const words of says) expect(out).toContain(words);
  });

  test('by tracking id, event id and OpenHIM transaction alike; as JSON for a script', async () => {
    for (const number of ['BE-settled', ids.settled, ids.transactionId]) {
      const { code, out } = await events('show', number, '--json');
      expect({ code, found: JSON.parse(out) }).toMatchObject({
        code: 0,
        found: { events: [{ event: { id: ids.settled } }] },
      });
    }
  });

  test('a number that nobody knows: 1, and where to look', async () => {
    const { code, out, said } = await events('show', 'E-unknown');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(said).toContain('find it in OpenCRVS');
  });
});

describe('events list', () => {
  test('a line for each, those that the filter names', async () => {
    const { code, out } = await events('list', '--state', 'stuck', '--state', 'refused');
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
      ['NUMBER', 'KIND', 'STATE'],
      ['E-refused', 'birth', 'refused'],
      ['E-stuck', 'birth', 'stuck'],
      [''],
    ]);
  });

  test('goes on where the page before ended', async () => {
    const first = await events('list', '--newest', '--limit', '1', '--json');
    const { next } = JSON.parse(first.out) as { next: string };
    const { out, said } = await events('list', '--newest', '--limit', '1', '--after', next);
    expect(out).toContain('E-refused');
    expect(said).toMatch(/--after \d+/);
  });

  test('nothing found is no failure', async () => {
    expect(await events('list', '--code', 'payload_lost')).toMatchObject({
      code: 0,
      out: '',
      said: 'There are no such events.\n',
    });
  });

  test("a filter at fault is told in the mediator's words", async () => {
    expect(await events('list', '--state', 'lost')).toMatchObject({ code: 1, said: 'Not valid: state.\n' });
  });
});

describe('events retry and close', () => {
  test('one is tried again', async () => {
    stage.harness.system.when('C-1', async () => ({ result: 'not-supported' }));
    await stage.harness.pipeline.accept(birth('C-1'));
    await stage.harness.reaches('C-1', 'stuck');
    stage.harness.system.when('C-1', async () => ({ result: 'confirmed' }));
    const { code, out } = await events('retry', 'C-1', '--by', 'Amina');
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('birth C-1: tried again.') });
    await stage.harness.reaches('C-1', 'settled');
  });

  test('what cannot be is not done', async () => {
    const { code, said } = await events('retry', 'E-settled');
    expect({ code, said }).toEqual({ code: 1, said: 'The event is in a state that does not allow this.\n' });
  });

  test('of two with one number the id says which', async () => {
    await twoStuck('C-2');
    const { code, said } = await events('close', 'C-2', '--reason', 'Seen to.');
    expect(code).toBe(1);
    const named = [...said.matchAll(/^ {2}(\S{36}) {2}(birth|death) C-2, stuck$/gm)];
    expect(named).toHaveLength(2);
    expect(await events('close', named[0]?.[1] ?? '', '--reason', 'Seen to.')).toMatchObject({ code: 0 });
    const { out } = await events('close', 'C-2', '--reason', 'Seen to.', '--json');
    expect(JSON.parse(out)).toMatchObject({ event: { id: named[1]?.[1], state: 'closed' } });
  });

  test('many at once', async () => {
    await twoStuck('C-3');
    const { code, out } = await events('close', '--all', '--code', 'not_supported', '--reason', 'By hand.');
    expect({ code, out }).toEqual({ code: 0, out: '1 events: closed.\n' });
    const again = await events('close', '--all', '--code', 'answer_deadline_passed', '--reason', 'x', '--json');
    expect(JSON.parse(again.out)).toEqual({ done: 1, skipped: {}, isWhole: true });
  });
});

describe('a call that cannot work', () => {
  test.each([
    { args: ['show'], said: 'The number is missing.' },
    { args: ['show', 'X', 'Y'], said: 'There is an argument' },
    { args: ['close', 'X'], said: '--reason is missing.' },
    { args: ['retry'], said: 'One is wanted: NUMBER or --all.' },
    { args: ['retry', 'X', '--all'], said: 'One is wanted: NUMBER or --all.' },
    { args: ['retry', 'X', '--state', 'stuck'], said: 'A filter goes with --all.' },
    { args: ['list', '--limit', 'many'], said: '--limit is a whole number.' },
    { args: ['list', '--password', 'x'], said: 'A password is never an argument' },
  ])('$args: 64', async ({ args, said }) => {
    expect(await events(...args)).toMatchObject({ code: 64, said: expect.stringContaining(said) });
  });

  test('without credentials: 64', async () => {
    const { MEDIATOR_URL = '' } = environmentOf(stage);
    const { code, said } = await run(['events', 'list', '--url', MEDIATOR_URL, '--username', 'x'], {});
    expect({ code, said }).toMatchObject({ code: 64, said: expect.stringContaining('password is missing') });
  });

  test('with a wrong password, from a file: 1, and the password in no text', async () => {
    const path = join(files.path, 'password');
    writeFileSync(path, 'canary-password\n');
    const { code, out, said } = await events('list', '--password-file', path);
    expect({ code, out, said }).toEqual({ code: 1, out: '', said: 'The credentials are wrong.\n' });
    writeFileSync(path, `${OPERATORS.password}\n`);
    expect((await events('list', '--password-file', path)).code).toBe(0);
  });

  test('a variable that is empty counts as not set', async () => {
    const environment = { ...environmentOf(stage), MEDIATOR_URL: '', PORT: new URL(stage.url).port };
    expect((await run(['events', 'list'], { environment })).code).toBe(0);
  });

  test('where nobody answers, and where another service does: 1', async () => {
    expect(await events('list', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      said: expect.stringContaining('reach'),
    });
    expect(await events('list', '--url', `${stage.url}/elsewhere`)).toMatchObject({ code: 1 });
  });
});
