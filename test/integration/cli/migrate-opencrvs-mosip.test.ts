import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../../src/cli/commands.js';
import { runCommand } from '../../../src/cli/run-command.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { fixture } from '../../support/fixtures.js';
import { type OldRow, submitAsOldService, writeOldDatabase } from '../../support/old-mosip-api.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';
import { type RunningService, startSettledService } from '../../support/running-service.js';
import { startWorld, type World } from '../../support/world.js';

const folder = temporaryFolder();
const file = join(folder.path, 'mosip-api.db');
const WEEK_MS = 7 * 24 * 3_600_000;

let world: World;
let events: OpenCrvsEventsPeer;
let rows: Readonly<Record<'birth' | 'death' | 'expired' | 'broken', OldRow>>;

/** Runs the command in the world's environment, and gives what it wrote. */
async function migrate(...args: readonly string[]) {
  const [out, said]: [string[], string[]] = [[], []];
  const code = await runCommand(COMMANDS, ['migrate', 'opencrvs-mosip', ...args], {
    environment: world.environment,
    input: (async function* () {})(),
    out: (text) => void out.push(text),
    say: (text) => void said.push(text),
  });
  return { code, out: out.join(''), said: said.join('') };
}

/** The result of each row, by transaction id. */
const resultsIn = (table: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...table.matchAll(/^(1000\d+) +(\S+) +(birth|death) +(.+)$/gm)].map(([, id, , kind, result]) => [
      id,
      `${kind} ${result}`,
    ]),
  );

beforeAll(async () => {
  world = await startWorld();
  const { system } = world.opencrvs;
  events = await new OpenCrvsEventsPeer(system).start();
  const event = events.events.load(fixture('opencrvs/event-document-birth.json'));
  const about = { eventId: event.id, actionId: events.events.pendingAction(event.id).id };
  const longAgo = new OpenCrvsSystem({ now: () => Date.now() - WEEK_MS - 1_000 });
  rows = {
    birth: { id: '100010000000001', token: system.issueReplyToken(about), registrationNumber: '2024M1' },
    death: {
      id: '100010000000002',
      token: system.issueReplyToken({ recordId: 'record-2' }),
      registrationNumber: '2024M2',
    },
    expired: {
      id: '100010000000003',
      token: longAgo.issueReplyToken({ ...about, actionId: 'action-3' }),
      registrationNumber: '2024M3',
    },
    broken: { id: '100010000000004', token: 'not.a.token', registrationNumber: '2024M4' },
  };
  writeOldDatabase(file, Object.values(rows));
  writeFileSync(join(folder.path, 'deaths.txt'), '2024M2\n\n');
}, 60_000);

afterAll(async () => {
  await events.stop();
  await world.stop();
  await folder.remove();
});

describe('without a service running', () => {
  const all = { birth: 'birth taken over', death: 'death taken over' };
  const deaths = ['--deaths', join(folder.path, 'deaths.txt')];
  const expected = (results: Readonly<Record<keyof typeof rows, string>>) =>
    Object.fromEntries(Object.entries(rows).map(([name, { id }]) => [id, results[name as keyof typeof rows]]));
  const firstTime = { ...all, expired: 'birth expired token', broken: 'birth unreadable' };

  test('a dry run tells what would become of each row, and never a token', async () => {
    const { code, out, said } = await migrate('--dry-run', ...deaths, file);
    expect(resultsIn(out)).toEqual(expected(firstTime));
    expect(said).toBe('This was a dry run: nothing was taken over.\n');
    expect(code).toBe(1);
    for (const { token } of Object.values(rows)) expect(out + said).not.toContain(token);
  });

  test('the rows are taken over', async () => {
    const { code, out, said } = await migrate(file, ...deaths);
    expect(resultsIn(out)).toEqual(expected(firstTime));
    expect(out).toContain('taken over: 2, already there: 0, expired token: 1, unreadable: 1, sent again: 0\n');
    expect([code, said]).toEqual([1, '']);
  });

  test('a second time changes nothing', async () => {
    const { code, out } = await migrate(file);
    const there = 'birth already there';
    expect(resultsIn(out)).toEqual(expected({ birth: there, death: there, expired: there, broken: there }));
    expect(code).toBe(0);
  });
});

describe('then the service', () => {
  let running: RunningService;

  beforeAll(async () => {
    // MOSIP has the birth from the old service, and is not done with it.
    world.mosip.hold();
    await submitAsOldService(world.mosip, rows.birth);
    running = await startSettledService(world, { OPENCRVS_WRITE_BACK: 'events', OPENCRVS_GATEWAY_URL: events.url });
  }, 60_000);

  afterAll(() => running.service.stop());

  test('keeps its store from the command', async () => {
    const { code, said } = await migrate(file);
    expect([code, said]).toEqual([1, 'DATA_DIR is in use by another process.\n']);
  });

  test('settles a birth that was submitted before the switch, under its old id, by its old token', async () => {
    world.mosip.release();
    await running.logged('event.settled', rows.birth.registrationNumber);
    const [[id, issued] = ['', undefined], ...others] = world.mosip.issued;
    expect(others).toEqual([]);
    expect([id, issued?.count]).toEqual([rows.birth.id, 1]);
    const { id: eventId } = fixture<{ id: string }>('opencrvs/event-document-birth.json');
    const verdict = events.events.get(eventId).actions.at(-1);
    expect(verdict).toMatchObject({
      type: 'REGISTER',
      status: 'Accepted',
      registrationNumber: rows.birth.registrationNumber,
      declaration: { 'child.nid': issued?.vid },
    });
  });

  test('and no token is in its log', () => {
    for (const { token } of Object.values(rows)) expect(running.lines.join('\n')).not.toContain(token);
  });
});

describe('a wrong call ends with words', () => {
  test.each([
    { name: 'without the file', args: [], code: 64, words: 'The file of the old database is missing.' },
    {
      name: 'with another option',
      args: ['--force', 'x.db'],
      code: 64,
      words: 'an option that this command does not have',
    },
    {
      name: 'a file that is not there',
      args: [join(folder.path, 'none.db')],
      code: 1,
      words: 'cannot be read as a database',
    },
    {
      name: 'a file that is no database',
      args: [import.meta.filename],
      code: 1,
      words: 'cannot be read as a database',
    },
    { name: 'deaths that are not there', args: [file, '--deaths', 'none'], code: 1, words: '--deaths cannot be read' },
  ])('$name', async ({ args, code, words }) => {
    const result = await migrate(...args);
    expect(result).toMatchObject({ code, out: '', said: expect.stringContaining(words) });
  });
});
