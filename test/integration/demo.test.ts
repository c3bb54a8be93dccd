import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { readOptions } from '../../demo/options.js';
import { codeBlocks } from '../repo/documents.js';
import { ROOT, textOf } from '../repo/repository.js';
import { until } from '../support/until.js';

const { scripts } = z.object({ scripts: z.object({ demo: z.string() }) }).parse(JSON.parse(textOf('package.json')));
const LONGEST_MS = 90_000;

interface Demo {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<number | null>;
  /** What it has printed so far. */
  said(): string;
  complained(): string;
}

/** Runs the demo as `npm run demo` does, in a process of its own. */
function startDemo(...options: string[]): Demo {
  const [program = '', ...args] = scripts.demo.split(' ');
  expect(program).toBe('node');
  const child = spawn(process.execPath, [...args, ...options], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.err += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, ended, said: () => printed.out, complained: () => printed.err };
}

const titlesIn = (text: string): string[] => [...text.matchAll(/^ ?\d+\. (.*)$/gm)].map(([, title = '']) => title);
const logFileIn = (said: string): string => /^Its log: (.*)$/m.exec(said)?.[1] ?? '';

/** The demo leaves its log for the reader. */
function removeLog(demo: Demo): void {
  const file = logFileIn(demo.said());
  if (file !== '') rmSync(dirname(file), { recursive: true, force: true });
}

/** It waits for most of its time: the other demos run meanwhile. */
let losing: Demo;
beforeAll(() => {
  losing = startDemo('--once', '--lose-credential', '--deadline', '10');
});

describe('the whole demo', () => {
  let demo: Demo;
  let code: number | null;
  beforeAll(async () => {
    demo = startDemo('--once');
    code = await demo.ended;
  }, LONGEST_MS);
  afterAll(() => removeLog(demo));

  test('ends with 0 after both are settled', () => {
    expect(demo.complained()).toBe('');
    expect(demo.said()).toMatch(/^Outcome: birth settled, death settled, after [\d.]+ s\.$/m);
    expect(code).toBe(0);
  });

  test('takes the steps that the README shows', () => {
    const [shown = ''] = codeBlocks('README.md', 'text');
    expect(titlesIn(shown)).toHaveLength(12);
    expect(titlesIn(demo.said())).toEqual(titlesIn(shown));
  });

  test("prints the invented people, and keeps them out of the mediator's log", () => {
    const log = readFileSync(logFileIn(demo.said()), 'utf8');
    const [, virtualId = ''] = /VID\) (\d+)/.exec(demo.said()) ?? [];
    const canaries = ['Thandiwe', 'Guessan', 'Josephat', 'Banda', '1120457786', '2024-01-28', 'Mwansa', virtualId];
    expect(canaries.filter((canary) => !demo.said().includes(canary))).toEqual(['2024-01-28']);
    expect(log).toContain('"event":"event.settled"');
    expect(canaries.filter((canary) => log.includes(canary))).toEqual([]);
  });
});

test.each([
  { version: '1.5', after: 'death', people: ['Thandiwe', 'Banda', '1120457786'] },
  { version: '1.8', after: 'death', people: ['Thandiwe', 'Banda', '1120457786'] },
  { version: '2.0', after: 'correction', people: ['Nomvula', 'Adaeze', 'Zanele'] },
])(
  'all is settled with OpenCRVS $version, and no person is in the log',
  async ({ version, after, people }) => {
    const demo = startDemo('--once', '--opencrvs', version);
    const code = await demo.ended;
    const said = demo.said();
    const log = readFileSync(logFileIn(said), 'utf8');
    removeLog(demo);
    expect(demo.complained()).toBe('');
    expect(said).toContain(`Outcome: birth settled, ${after} settled, after `);
    expect(code).toBe(0);
    const [, virtualId = ''] = /VID\) (\d+)/.exec(said) ?? [];
    const canaries = [...people, virtualId];
    expect(canaries.filter((canary) => canary === '' || !said.includes(canary))).toEqual([]);
    expect(canaries.filter((canary) => log.includes(canary))).toEqual([]);
  },
  LONGEST_MS,
);

test.each([
  { system: 'osia', shows: ['POST /v1/uin:', 'Notification liveBirth: ', 'State: INACTIVE, DEAD.'] },
  { system: 'fhir', shows: ['If-None-Exist: identifier=', 'Patient, version 2: active false, deceased 2024-03-02.'] },
  { system: 'rest', shows: ['POST /v1/applications', 'signed sha256=', 'State: ended, died on 2024-03-02.'] },
])(
  'all is settled with the system $system, and no person is in the log',
  async ({ system, shows }) => {
    const demo = startDemo('--once', '--system', system);
    const code = await demo.ended;
    const said = demo.said();
    const log = readFileSync(logFileIn(said), 'utf8');
    removeLog(demo);
    expect(demo.complained()).toBe('');
    expect(said).toMatch(/^Outcome: birth settled, death settled, after [\d.]+ s\.$/m);
    expect(code).toBe(0);
    expect(shows.filter((text) => !said.includes(text))).toEqual([]);
    const [, number = ''] = /^ *National ID(?: \(UIN\))? (\d+) now stands in the record/m.exec(said) ?? [];
    const canaries = ['Thandiwe', 'Guessan', 'Josephat', 'Banda', '1120457786', number];
    expect(canaries.filter((canary) => canary === '' || !said.includes(canary))).toEqual([]);
    expect(log).toContain('"event":"event.settled"');
    expect(canaries.filter((canary) => log.includes(canary))).toEqual([]);
  },
  LONGEST_MS,
);

test.each([
  { name: 'it does not know', options: ['--twice'] },
  { name: 'names an OpenCRVS that it does not show', options: ['--opencrvs', '3.0'] },
  { name: 'names a system that it does not show', options: ['--system', 'paper'] },
  {
    name: 'names a system and an OpenCRVS that do not go together',
    options: ['--system', 'osia', '--opencrvs', '1.8'],
  },
  { name: 'lets a system lose what only MOSIP sends', options: ['--system', 'osia', '--lose-credential'] },
])('an argument is refused that $name', ({ options }) => {
  expect(() => readOptions(options)).toThrow();
});

test('ends with 64 on an argument that is refused, and tells how it is used', async () => {
  const demo = startDemo('--twice');
  expect(await demo.ended).toBe(64);
  expect(demo.complained()).toContain('Usage: npm run demo');
});

describe('without --once, and with the mapping that docs/mappings.md makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mappings-example-'));
  const mappings = join(folder, 'our-mappings');
  let demo: Demo;
  beforeAll(async () => {
    const [commands = ''] = codeBlocks('docs/mappings.md', 'sh');
    execFileSync('sh', ['-e', '-c', commands.replaceAll('/tmp/our-mappings', mappings)], { cwd: ROOT });
    demo = startDemo('--verbose', '--mappings', mappings);
    await until(() => demo.said().includes('OpenHIM router'), 'the demo has told its addresses', LONGEST_MS);
  }, LONGEST_MS);
  afterAll(() => {
    demo.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('MOSIP gets what the mapping says', () => {
    const [, shown = ''] = codeBlocks('docs/mappings.md', 'text')[0]?.split('createPacket') ?? [];
    const lines = shown.split('\n').filter((line) => /fullName|gender/.test(line));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(demo.said()).toContain(line);
  });

  test('every printed command gets an answer', async () => {
    const commands = [...demo.said().matchAll(/curl (?:--user '([^']+)' )?(http\S+)/g)];
    expect(commands).toHaveLength(5);
    for (const [, user, url = ''] of commands) {
      const headers = user === undefined ? undefined : { authorization: `Basic ${btoa(user)}` };
      const response = await fetch(url, headers === undefined ? {} : { headers });
      expect([url, response.status]).toEqual([url, 200]);
      await response.arrayBuffer();
    }
  });

  test('prints the log lines of the mediator where it is told to', () => {
    expect(demo.said()).toContain('"event":"event.settled"');
  });

  test('ends with 0 on Ctrl-C', async () => {
    demo.child.kill('SIGINT');
    expect(await demo.ended).toBe(0);
  });
});

test(
  'ends with 1, and says what was not seen, when an answer never comes',
  async () => {
    expect(await losing.ended).toBe(1);
    expect(losing.said()).toContain(
      "Outcome: failed. Within 10 s it was not seen that the mediator has taken MOSIP's credential.",
    );
    expect(losing.said()).not.toContain('settled');
    removeLog(losing);
  },
  LONGEST_MS,
);
