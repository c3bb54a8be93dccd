import { readFileSync } from 'node:fs';
import { type Terminal, UsageError } from '../command.js';
import { errorCode } from '../error-code.js';
import { MAX_INPUT_BYTES, readInput } from '../read-input.js';
import { variable } from '../variable.js';

const FILE_VARIABLE = 'OPENHIM_ADMIN_PASSWORD_FILE';

function passwordIn(text: string, source: string): string {
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new UsageError(`${source} is empty: the administrator's password was expected there.`);
  return password;
}

/**
 * The administrator's password: from `--password-file`, the file that `OPENHIM_ADMIN_PASSWORD_FILE` names, or standard
 * input.
 *
 * @throws UsageError
 */
export async function readAdminPassword(option: string | undefined, terminal: Terminal): Promise<string> {
  const file = option ?? variable(terminal.environment, FILE_VARIABLE);
  if (file === undefined) {
    if (terminal.input.isTTY === true) terminal.say("The administrator's password, then Enter and Ctrl-D:\n");
    return passwordIn(await readInput(terminal.input), 'Standard input');
  }
  const source = option === undefined ? `The file of ${FILE_VARIABLE}` : 'The file of --password-file';
  try {
    return passwordIn(readFileSync(file, 'utf8').slice(0, MAX_INPUT_BYTES), source);
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    throw new UsageError(`${source} cannot be read (${errorCode(thrown)}).`);
  }
}

/** An argument is seen by everybody on the machine (`ps`) and stays in the shell's history. */
export function refusePasswordArguments(args: readonly string[]): void {
  if (!args.some((arg) => /^--?pass(word)?(=|$)/i.test(arg))) return;
  throw new UsageError(
    'A password is never an argument: others on this machine can read it. Give it on standard input or by --password-file.',
  );
}
