import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ROOT } from './repository.js';

/** Stands for npm: notes its arguments, writes a result as Jest would, and fails when the test says so. */
const NPM = `#!/bin/sh
echo "$*" | sed 's/ --json.*//' >> calls
for word in "$@"; do case "$word" in --outputFile=*) printf '%s' "$RESULT" > "\${word#--outputFile=}";; esac; done
[ "$*" = "$FAILS" ] || [ "$1" = "$FAILS" ] && exit 1
exit 0
`;

const result = (numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites = 0) =>
  JSON.stringify({ numPassedTests, numFailedTests, numRuntimeErrorTestSuites });

const folder = mkdtempSync(join(tmpdir(), 'ci-'));

beforeAll(() => {
  cpSync(join(ROOT, '.ci'), join(folder, '.ci'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/npm'), NPM, { mode: 0o755 });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(jestResult: string, fails: string) {
  const path = `${join(folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`;
  return spawnSync(join(folder, '.ci/run'), {
    env: { PATH: path, RESULT: jestResult, FAILS: fails },
    encoding: 'utf8',
  });
}

test.each([
  { name: 'all is well', jest: result(12, 0), fails: '', line: '12 passed, 0 failed', status: 0 },
  { name: 'tests fail', jest: result(10, 2), fails: 'test', line: '10 passed, 2 failed', status: 1 },
  { name: 'a test file does not load', jest: result(10, 0, 1), fails: 'test', line: '10 passed, 1 failed', status: 1 },
  { name: 'Jest leaves no result', jest: '', fails: 'test', line: '0 passed, 1 failed', status: 1 },
  { name: 'only the check fails', jest: result(12, 0), fails: 'run check', line: '12 passed, 0 failed', status: 1 },
])('ends with its line when $name', ({ jest, fails, line, status }) => {
  const outcome = run(jest, fails);
  expect(outcome.stdout.trimEnd().split('\n').at(-1)).toBe(line);
  expect(outcome.status).toBe(status);
});

test('stops at once when the modules cannot be installed', () => {
  expect(run('', 'ci').status).toBe(1);
});

test('runs these three commands', () => {
  rmSync(join(folder, 'calls'), { force: true });
  run(result(1, 0), '');
  expect(readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n').sort()).toEqual([
    'ci',
    'run check',
    'test --',
  ]);
});
