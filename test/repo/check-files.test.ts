import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { checkFiles } from '../../scripts/check-files.js';

const KEY = '-----BEGIN PRIVATE KEY-----\n';
const SOUND: Readonly<Record<string, string>> = {
  '.gitignore': 'dist/\n*.log\n',
  'package.json': '{ "version": "1.2.3" }\n',
  'package-lock.json': '{ "version": "1.2.3" }\n',
  'mediator.json': '{ "version": "1.2.3" }\n',
  'deploy/all.yaml': 'a: 1\n---\nb: [2]\n',
  'empty.txt': '',
  'image.bin': 'a\0b',
  'test/key.pem': KEY,
  'dist/broken.json': '{',
  'some.log': 'no newline',
};

let folder: string;

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  write(SOUND);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('finds nothing in a sound tree, and leaves out what git ignores', () => {
  expect(checkFiles(folder)).toEqual([]);
});

test.each([
  ['broken JSON', { 'a/b.json': '{ "a": 1,\n' }, ['a/b.json does not parse']],
  ['broken YAML', { 'a.yml': 'a: [1\nb: }\n' }, ['a.yml does not parse']],
  ['no newline at the end', { 'a.md': 'text' }, ['a.md does not end with a newline']],
  ['a private key outside test', { 'config/a.pem': KEY }, ['config/a.pem holds a private key']],
  [
    'a private key of one algorithm',
    { 'a.txt': `x\n${KEY.replace('PRIVATE', 'RSA PRIVATE')}` },
    ['a.txt holds a private key'],
  ],
  ['a large file', { 'a.bin': '\0'.repeat(614_401) }, ['a.bin is larger than 614400 bytes']],
  [
    'another version',
    { 'mediator.json': '{ "version": "1.2.4" }\n' },
    ['mediator.json does not name the version of package.json'],
  ],
  ['no version', { 'package-lock.json': '{}\n' }, ['package-lock.json does not name the version of package.json']],
])('finds %s', (_, files, faults) => {
  write(files);
  expect(checkFiles(folder)).toEqual(faults);
});
