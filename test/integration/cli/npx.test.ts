import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const NEEDED = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts', 'src', '.npmrc'];
/** A whole build, on a machine that does other things too. */
const DEADLINE_MS = 120_000;

/** A checkout of its own: the one of the tests may be built by somebody else at the same time. */
const checkout = mkdtempSync(join(tmpdir(), 'checkout-'));

function npx(...args: string[]) {
  const node = join(process.execPath, '..');
  return spawnSync('npx', ['--no-install', 'national-id-mediator', ...args], {
    cwd: checkout,
    encoding: 'utf8',
    env: { PATH: `${node}${delimiter}${process.env['PATH']}`, HOME: checkout },
  });
}

beforeAll(() => {
  for (const path of NEEDED) cpSync(join(ROOT, path), join(checkout, path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const build = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: checkout, encoding: 'utf8' });
  if (build.status !== 0) throw new Error(build.stdout + build.stderr);
}, DEADLINE_MS);
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

test('the build makes the command executable', () => {
  expect(statSync(join(checkout, 'dist/cli/main.js')).mode & 0o111).toBe(0o111);
});

test(
  'npx runs the command of a built checkout and hands on its exit code',
  () => {
    expect(npx('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('system-client register') });
    const refused = npx('system-client', 'list', '--version', '1.0', '--user-mgnt', 'http://127.0.0.1:9');
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('has no call to list the clients') });
  },
  DEADLINE_MS,
);

test('a reader that stops early, such as head, is no crash', () => {
  const script = `"${process.execPath}" dist/cli/main.js --help | true; exit \${PIPESTATUS[0]}`;
  expect(spawnSync('bash', ['-c', script], { cwd: checkout, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
