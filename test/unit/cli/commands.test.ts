import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../../src/cli/commands.js';
import { run } from '../../fakes/memory-terminal.js';

const NAMES = COMMANDS.map(({ name }) => name);

test.each([
  { name: 'no command', args: [], shown: NAMES },
  { name: 'an unknown command', args: ['confgi'], shown: NAMES },
  {
    name: 'half a command',
    args: ['system-client'],
    shown: NAMES.filter((name) => name.startsWith('system-client ')),
  },
])('$name: 64 and what there is', async ({ args, shown }) => {
  const { code, out, said } = await run(args);
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(said.split('\n').flatMap((line) => /^ {2}(\S.*?) {3,}/.exec(line)?.[1] ?? [])).toEqual(shown);
});

test.each([
  { args: ['help'], start: 'Usage: national-id-mediator COMMAND\n' },
  { args: ['--help'], start: 'Usage: national-id-mediator COMMAND\n' },
  { args: ['system-client', '-h'], start: 'Usage: national-id-mediator COMMAND\n' },
  ...NAMES.map((name) => ({ args: [...name.split(' '), '--help'], start: `Usage: national-id-mediator ${name}` })),
])('$args: help on standard output', async ({ args, start }) => {
  const { code, out, said } = await run(args);
  expect({ code, said }).toEqual({ code: 0, said: '' });
  expect(out.startsWith(start)).toBe(true);
});

test('a word of help as a value is a value', async () => {
  const { code, said } = await run(['system-client', 'register', '--name', 'help', '--version', '1.2', '--print']);
  expect({ code, said }).toMatchObject({ code: 64, said: expect.stringContaining('One address is wanted') });
});
