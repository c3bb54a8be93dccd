import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../../src/cli/commands.js';
import { runCommand } from '../../../src/cli/run-command.js';
import { lockFolder } from '../../../src/pipeline/store/folder-lock.js';
import { type CallOptions, type Ended, run } from '../../fakes/memory-terminal.js';
import { OpenCrvsAuthPeer } from '../../peers/opencrvs-auth-peer.js';
import { OpenCrvsEventsPeer } from '../../peers/opencrvs-events-peer.js';
import { OpenCrvsSystem } from '../../peers/opencrvs-system.js';
import { birthNumber } from '../../support/births.js';
import { copyTemplate } from '../../support/embedded-template.js';
import { fixture } from '../../support/fixtures.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';

const CORRECTED = 'opencrvs/event-document-correction.json';

const folder = temporaryFolder();
const dataDir = join(folder.path, 'data');
const file = join(folder.path, 'export.ndjson');
let auth: OpenCrvsAuthPeer;
let peer: OpenCrvsEventsPeer;
let environment: Readonly<Record<string, string>>;

/** An OpenCRVS 2.x with one registration, and an embedded store on which no service runs. */
beforeAll(async () => {
  copyTemplate(dataDir);
  const system = new OpenCrvsSystem({ tokenMode: 'body', scopes: ['type=record.read', 'type=record.search'] });
  auth = await new OpenCrvsAuthPeer(system).start();
  peer = await new OpenCrvsEventsPeer(system, auth).start();
  peer.events.load(fixture(CORRECTED));
  environment = {
    NODE_ENV: 'test',
    NATIONAL_ID_SYSTEM: 'fhir',
    FHIR_BASE_URL: 'http://fhir.example/r4',
    OPENHIM_REGISTER: 'false',
    DATA_DIR: dataDir,
    OPENCRVS_AUTH_URL: auth.url,
    OPENCRVS_GATEWAY_URL: peer.url,
    OPENCRVS_TOKEN_MODE: 'body',
    OPENCRVS_CLIENT_ID: system.clientId,
    OPENCRVS_CLIENT_SECRET: system.clientSecret,
    OPENCRVS_READ_MORE: 'events',
  };
});

afterAll(async () => {
  await Promise.all([auth.stop(), peer.stop()]);
  await folder.remove();
});

const call = (args: readonly string[], options: CallOptions = {}): Promise<Ended> =>
  run(args, { environment, ...options });

describe('reconcile', () => {
  const days = ['--since', '2025-12-01', '--until', '2025-12-03'];
  const number = fixture<{ actions: { registrationNumber?: string }[] }>(CORRECTED).actions.findLast(
    ({ registrationNumber }) => registrationNumber !== undefined,
  )?.registrationNumber;

  test('says in a dry run what is missing, then takes it in, then finds it here', async () => {
    const dry = await call(['reconcile', ...days, '--dry-run']);
    expect(dry).toMatchObject({ code: 0, said: '' });
    expect(dry.out).toMatch(new RegExp(`^missing +birth +${number}`));
    const taken = await call(['reconcile', ...days, '--json']);
    expect(taken.code).toBe(0);
    expect(JSON.parse(taken.out)).toMatchObject({
      listed: 1,
      taken: 1,
      through: '2025-12-03',
      found: [{ registrationNumber: number, result: 'taken', eventId: expect.any(String) }],
    });
    const again = await call(['reconcile', ...days]);
    expect(again.out).toBe('listed: 1, here: 1, taken: 0, missing: 0, unreadable: 0, left: 0\n');
  }, 60_000);

  test('says why it ended early', async () => {
    peer.fail('/events/events/search', { status: 500 });
    const ended = await call(['reconcile', ...days]);
    peer.heal();
    expect(ended).toMatchObject({ code: 1, said: expect.stringMatching(/^It ended early: /) });
  }, 60_000);

  test('takes an export where registrations cannot be listed, and says so', async () => {
    const without = { ...environment, OPENCRVS_READ_MORE: 'none' };
    const asked = await call(['reconcile', ...days], { environment: without });
    expect(asked).toMatchObject({ code: 1, said: expect.stringContaining('give an export with --from') });
    writeFileSync(file, `${JSON.stringify(birthNumber(1).body)}\nno JSON\n`);
    const taken = await call(['reconcile', '--from', file], { environment: without });
    expect(taken.code).toBe(1);
    expect(taken.out).toContain(birthNumber(1).registrationNumber);
    expect(taken.out).toContain('listed: 2, here: 0, taken: 1, missing: 0, unreadable: 1, left: 0\n');
  }, 60_000);
});

describe('import', () => {
  test('takes a file in once, and tells what it could not take', async () => {
    const lines = [2, 3, 2].map((serial) => JSON.stringify(birthNumber(serial).body));
    writeFileSync(file, [...lines, '{"half":'].join('\n'));
    const first = await call(['import', file]);
    expect(first).toEqual({
      code: 1,
      out: 'lines: 4, taken in: 2, already here: 1, rejected: 1\n  line 4: json_invalid: It is not JSON.\n',
      said: '',
    });
    const second = await call(['import', file, '--rate', '100/s', '--json']);
    expect(JSON.parse(second.out)).toMatchObject({ lines: 4, taken: 0, known: 3, rejected: 1, resumedAfter: 0 });
  }, 60_000);

  test('shows on a screen how far it is', async () => {
    const said: string[] = [];
    writeFileSync(file, JSON.stringify(birthNumber(5).body));
    await runCommand(COMMANDS, ['import', file], {
      environment,
      input: (async function* () {})(),
      out: () => undefined,
      say: (text) => void said.push(text),
      showsProgress: true,
    });
    expect(said.join('')).toContain(`[${'#'.repeat(30)}] 100 %  1 lines`);
  }, 60_000);
});

describe('ends with words', () => {
  test('while a service uses the embedded store', async () => {
    const unlock = lockFolder(dataDir);
    try {
      for (const args of [
        ['import', file],
        ['reconcile', '--from', file],
      ]) {
        expect(await call(args)).toMatchObject({ code: 78, out: '', said: expect.stringContaining('stop it first') });
      }
    } finally {
      unlock();
    }
  });

  test.each([
    { name: 'no file', args: ['import'], code: 64, words: 'The file is missing.' },
    { name: 'no rate', args: ['import', 'f', '--rate', '0'], code: 64, words: '--rate is a whole number' },
    { name: 'a file that is not there', args: ['import', 'none.ndjson'], code: 1, words: 'cannot be read (ENOENT)' },
    { name: 'no days', args: ['reconcile'], code: 64, words: '--since DATE or --from FILE' },
    { name: 'no day', args: ['reconcile', '--since', '2024-13-01'], code: 64, words: '--since is a day' },
    { name: 'a day too many', args: ['reconcile', '--since', '2024-02-30'], code: 64, words: '--since is a day' },
    {
      name: 'days the wrong way round',
      args: ['reconcile', '--since', '2024-02-01', '--until', '2024-01-01'],
      code: 64,
      words: 'after --until',
    },
    { name: 'days of a file', args: ['reconcile', '--from', 'f', '--since', '2024-01-01'], code: 64, words: 'neither' },
  ])(
    '$name',
    async ({ args, code, words }) => {
      expect(await call(args)).toMatchObject({ code, out: '', said: expect.stringContaining(words) });
    },
    30_000,
  );

  test('settings that are wrong', async () => {
    const wrong = { ...environment, OPENCRVS_READ_MORE: 'none', RECONCILE_EVERY_HOURS: '24' };
    const ended = await call(['reconcile', '--since', '2024-01-01'], { environment: wrong });
    expect(ended).toMatchObject({ code: 78, said: expect.stringContaining('RECONCILE_EVERY_HOURS') });
  });
});
