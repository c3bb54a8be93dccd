import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { run } from '../../fakes/memory-terminal.js';

/** Nothing listens there: a call that gets so far ends with 1. */
const NOWHERE = 'http://127.0.0.1:9';
const TOKEN = jwt.sign({ sub: 'a', scope: ['natlsysadmin'] }, 'any key');
const folder = mkdtempSync(join(tmpdir(), 'system-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const empty = file('empty', '\n');
const prose = file('prose', 'the quick brown canary');
const held = mkdtempSync(join(folder, 'held-'));
writeFileSync(join(held, 'OPENCRVS_CLIENT_ID'), 'another');

const TARGET = ['--version', '1.2', '--user-mgnt', NOWHERE];
const NEW = ['--type', 'NATIONAL_ID', '--name', 'Mediator', '--print'];
const register = (...args: string[]) => ['register', ...args];
const OLD = ['--version', '1.1', '--user-mgnt', NOWHERE];

test.each([
  { name: 'no version', args: register('--user-mgnt', NOWHERE, ...NEW), words: '--version is missing' },
  ...['1', '1.10', '0.9', '3.0', 'canary'].map((version) => ({
    name: `version ${version}`,
    args: register('--version', version, '--user-mgnt', NOWHERE, ...NEW),
    words: '--version is 1.0 to 1.9, or 2.x',
  })),
  { name: 'no address', args: register('--version', '1.2', ...NEW), words: 'One address is wanted' },
  { name: 'two addresses', args: register(...TARGET, '--gateway', NOWHERE, ...NEW), words: 'One address is wanted' },
  {
    name: 'an address of another kind',
    args: register('--version', '1.2', '--user-mgnt', 'user-mgnt:3030', ...NEW),
    words: '--user-mgnt is an http or https address',
  },
  { name: 'nowhere for the secrets', args: register(...TARGET, '--name', 'M'), words: 'Say where the secrets go' },
  {
    name: 'both places for the secrets',
    args: register(...TARGET, ...NEW, '--out', folder),
    words: 'Say where the secrets go',
  },
  {
    name: 'a folder that cannot be written',
    args: register(...TARGET, '--type', 'HEALTH', '--name', 'M', '--out', join(prose, 'below')),
    words: 'cannot be written to (ENOTDIR)',
  },
  {
    name: 'a folder that is taken',
    args: register(...TARGET, '--type', 'HEALTH', '--name', 'M', '--out', held),
    words: 'credentials of another client',
  },
  { name: 'a task that is none', args: register(...TARGET, ...NEW, '--for', 'canary'), words: '--for is health or' },
  { name: 'a quota in words', args: register(...TARGET, ...NEW, '--daily-quota', 'canary'), words: 'whole number' },
  { name: 'a token as an option', args: register(...TARGET, ...NEW, '--token', TOKEN), words: 'never an argument' },
  { name: 'a token after =', args: register(...TARGET, ...NEW, `--token=${TOKEN}`), words: 'never an argument' },
  { name: 'a token alone', args: register(...TARGET, ...NEW, TOKEN), words: 'never an argument' },
  { name: 'a token as a value', args: register(...TARGET, '--name', TOKEN, '--print'), words: 'never an argument' },
  { name: 'a header', args: register(...TARGET, ...NEW, `Bearer ${TOKEN}`), words: 'never an argument' },
  { name: 'a stray argument', args: register(...TARGET, ...NEW, 'canary'), words: 'belongs to no option' },
  { name: 'an unknown option', args: register(...TARGET, '--typ=canary'), words: 'does not have: --typ.' },
  { name: 'an option without value', args: register(...TARGET, '--name'), words: 'lacks its value' },
  { name: 'no token', args: register(...TARGET, ...NEW), words: 'Standard input is empty' },
  { name: 'an empty file', args: register(...TARGET, ...NEW, '--token-file', empty), words: '--token-file is empty' },
  { name: 'another file', args: register(...TARGET, ...NEW, '--token-file', prose), words: 'does not hold a token' },
  {
    name: 'a file that is not there',
    args: register(...TARGET, ...NEW, '--token-file', join(folder, 'none')),
    words: 'cannot be read (ENOENT)',
  },
  { name: 'no client', args: ['deactivate', ...TARGET], words: '--client-id is missing' },
  { name: 'a blank client', args: ['delete', ...TARGET, '--client-id', ' '], words: '--client-id is missing' },
  {
    name: 'a blank client to refresh',
    args: ['refresh-secret', ...TARGET, '--print'],
    words: '--client-id is missing',
  },
  {
    name: 'a system id from 1.2',
    args: ['deactivate', ...TARGET, '--client-id', 'a', '--system-id', 'b'],
    words: 'by --client-id alone',
  },
  {
    name: 'a client id on 1.1',
    args: ['deactivate', ...OLD, '--client-id', 'b6ad2ac5-7f3a-4f4e-8ee0-6a4ab1e0a0b1'],
    words: 'by the id of its database record',
  },
  { name: 'no id on 1.1', args: ['reactivate', ...OLD], words: '--system-id' },
  {
    name: 'a token of a 2.x client on 1.1',
    args: ['deactivate', ...OLD, '--client-token-file', file('client-token', TOKEN)],
    words: '--client-token-file',
  },
])('refused before any call: $name', async ({ args, words }) => {
  const { code, out, said } = await run(['system-client', ...args]);
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(said).toContain(words);
  expect(said).toContain('\nUsage: national-id-mediator system-client ');
  expect(said).not.toMatch(/canary|eyJ/);
});

test.each([
  {
    name: 'a list on 1.0',
    args: ['list', '--version', '1.0', '--user-mgnt', NOWHERE],
    words: 'OpenCRVS 1.0 has no call to list the clients.',
  },
  {
    name: 'a new secret on 1.1',
    args: ['refresh-secret', ...OLD, '--client-id', 'a', '--print'],
    words: 'OpenCRVS 1.1 has no call to refresh a secret.',
  },
  { name: 'a deletion on 1.1', args: ['delete', ...OLD, '--system-id', 'a'.repeat(24)], words: 'no call to delete' },
  {
    name: 'a list through a 1.x gateway',
    args: ['list', '--version', '1.5', '--gateway', NOWHERE],
    words: 'no call to list the clients through the gateway. Ask user-mgnt itself',
  },
  {
    name: 'a gateway on 1.1',
    args: ['list', '--version', '1.1', '--gateway', NOWHERE],
    words: 'With OpenCRVS 1.1 the address is --user-mgnt URL.',
  },
  {
    name: 'events on 1.9',
    args: ['list', '--version', '1.9', '--events', NOWHERE],
    words: 'the address is --user-mgnt URL or --gateway URL.',
  },
  {
    name: 'user-mgnt on 2.x',
    args: ['list', '--version', '2.0.1', '--user-mgnt', NOWHERE],
    words: 'the address is --events URL or --gateway URL.',
  },
  { name: 'no type', args: register(...TARGET, '--name', 'M', '--print'), words: '--type is missing' },
  { name: 'no name', args: register(...TARGET, '--type', 'HEALTH', '--print'), words: '--name is missing' },
  ...['AGE_CHECK', 'EXTERNAL_VALIDATION'].map((type) => ({
    name: `${type} from 1.2`,
    args: register(...TARGET, '--type', type, '--name', 'M', '--print'),
    words: `The type ${type} cannot be registered. It could be on 1.0 and 1.1 only.`,
  })),
  {
    name: 'REINDEX',
    args: register('--version', '1.9', '--gateway', NOWHERE, '--type', 'REINDEX', '--name', 'M', '--print'),
    words: 'The type REINDEX cannot be registered. OpenCRVS 1.9 registers NATIONAL_ID, HEALTH, RECORD_SEARCH, WEBHOOK',
  },
  {
    name: 'IMPORT_EXPORT before 1.9',
    args: register('--version', '1.8', '--gateway', NOWHERE, '--type', 'IMPORT_EXPORT', '--name', 'M', '--print'),
    words: 'This type cannot be registered.',
  },
  {
    name: 'WEBHOOK that may see nothing',
    args: register(...TARGET, '--type', 'WEBHOOK', '--name', 'M', '--print'),
    words: '--webhook EVENT:PERMISSION',
  },
  {
    name: 'scopes before 2.x',
    args: register(...TARGET, ...NEW, '--scope', 'record.read'),
    words: 'has a type, no scopes of its own',
  },
  {
    name: 'neither type nor scope on 2.x',
    args: register('--version', '2', '--events', NOWHERE, '--name', 'M', '--print'),
    words: '--scope or --type is missing',
  },
  {
    name: 'an integrating system on 1.2',
    args: register(...TARGET, ...NEW, '--integrating-system', 'MOSIP'),
    words: 'takes no --integrating-system',
  },
])('told before the token is asked for: $name', async ({ args, words }) => {
  const { code, out, said } = await run(['system-client', ...args]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(said).toContain(words);
});

test('a person is told what to type', async () => {
  const { said } = await run(['system-client', 'list', ...TARGET], { isTTY: true, input: TOKEN });
  expect(said).toMatch(/^Paste the administrator's token, then Enter and Ctrl-D:\n/);
});
