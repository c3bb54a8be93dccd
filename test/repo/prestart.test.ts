import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ROOT } from './repository.js';

/** Stands for the compiler: writes down what it was asked, or fails. */
const COMPILER = `
const fs = require('node:fs');
if (fs.readFileSync('src/main.ts', 'utf8') === 'fault') process.exit(2);
fs.mkdirSync('dist');
fs.writeFileSync('dist/main.js', process.argv.slice(2).join(' '));
`;
const COMPILER_PATH = 'node_modules/typescript/bin/tsc';
const BUILT = 'dist/main.js';

let folder: string;

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Sets the time of a file or folder, in seconds before now. */
function age(path: string, seconds: number): void {
  const time = Date.now() / 1000 - seconds;
  utimesSync(join(folder, path), time, time);
}

function prestart(): number | null {
  return spawnSync(process.execPath, ['scripts/prestart.mjs'], { cwd: folder }).status;
}

const built = () => readFileSync(join(folder, BUILT), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prestart-'));
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  write(COMPILER_PATH, COMPILER);
  write('package.json', '{}');
  write('tsconfig.json', '{}');
  write('tsconfig.build.json', '{}');
  write('src/part/file.ts', '');
  write('src/main.ts', '');
  for (const path of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) age(path, 100);
  for (const path of ['src/main.ts', 'src/part/file.ts', 'src/part', 'src']) age(path, 100);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('builds where there is no build yet', () => {
  expect(prestart()).toBe(0);
  expect(built()).toBe('-p tsconfig.build.json --noEmitOnError');
});

test('leaves a build alone that is newer than every source', () => {
  write(BUILT, 'as it was');
  expect(prestart()).toBe(0);
  expect(built()).toBe('as it was');
});

test.each(['src/part/file.ts', 'src/part', 'tsconfig.build.json', 'package.json'])(
  'builds anew, from nothing, after a change of %s',
  (path) => {
    write(BUILT, 'as it was');
    write('dist/stale.js', '');
    age(BUILT, 50);
    age(path, 10);
    expect(prestart()).toBe(0);
    expect(built()).not.toBe('as it was');
    expect(existsSync(join(folder, 'dist/stale.js'))).toBe(false);
  },
);

test('starts what it finds where the compiler is not installed', () => {
  rmSync(join(folder, COMPILER_PATH));
  write(BUILT, 'as it was');
  age(BUILT, 1_000);
  expect(prestart()).toBe(0);
  expect(built()).toBe('as it was');
});

test('stops npm start when the build fails, and leaves no half build', () => {
  write(BUILT, 'as it was');
  age(BUILT, 50);
  write('src/main.ts', 'fault');
  expect(prestart()).toBe(2);
  expect(existsSync(join(folder, 'dist'))).toBe(false);
});
