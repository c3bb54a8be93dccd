import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { run } from '../../fakes/memory-terminal.js';
import { type Environment, FEWEST } from './environment.js';

const ROOT = join(import.meta.dirname, '../../..');

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the administrator's command as a process of its own, with this environment and nothing else. */
function command(args: readonly string[], environment: Environment = {}): Promise<Ended> {
  const file = [join(ROOT, 'src/cli/main.ts'), ...args];
  const argv = ['--import', join(ROOT, 'scripts/typescript-imports.mjs'), ...file];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, argv, { cwd: ROOT, env: environment }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('config check: 0 and the warnings where the settings are valid', async () => {
  const { code, stdout, stderr } = await command(['config', 'check'], FEWEST);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^The settings are valid\.\n {2}warning: embedded store/);
});

test('config check: 78 and every problem where they are not', async () => {
  const { code, stdout, stderr } = await command(['config', 'check'], { ...FEWEST, PORT: 'canary', FHIR_BASE_URL: '' });
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  expect(stderr.split('\n')).toEqual([
    'The settings are not valid:',
    '  PORT: whole number, 0 to 65535',
    '  FHIR_BASE_URL: an http or https address, for NATIONAL_ID_SYSTEM=fhir',
    '',
  ]);
});

test.each([
  { name: 'no command', args: [], usage: 'COMMAND' },
  { name: 'half a command', args: ['config'], usage: 'config check' },
  { name: 'an unknown command', args: ['config', 'chekc'], usage: 'config check' },
  { name: 'an argument too many', args: ['config', 'check', 'now'], usage: 'config check' },
])('$name: 64 and how it is used', async ({ args, usage }) => {
  const { code, out, said } = await run(args, { environment: FEWEST });
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(said.split('\n')).toContain(`Usage: national-id-mediator ${usage}`);
});
