import { readFileSync } from 'node:fs';
import { type Terminal, UsageError } from '../command.js';
import { errorCode } from '../error-code.js';
import { MAX_INPUT_BYTES, readInput } from '../read-input.js';

const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** @throws UsageError when the text is no token */
function tokenIn(text: string, source: string): string {
  const token = text.trim().replace(/^Bearer\s+/i, '');
  if (token === '') throw new UsageError(`${source} is empty: the token was expected there.`);
  if (!JWT.test(token)) throw new UsageError(`${source} does not hold a token (a JWT, three parts with dots between).`);
  return token;
}

/** The token in a file. */
export function readTokenFile(path: string, option: string): string {
  try {
    return tokenIn(readFileSync(path, 'utf8').slice(0, MAX_INPUT_BYTES), `The file of ${option}`);
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    throw new UsageError(`The file of ${option} cannot be read (${errorCode(thrown)}).`);
  }
}

/**
 * The administrator's token, from a file or from standard input.
 *
 * @throws UsageError
 */
export async function readAdminToken(file: string | undefined, terminal: Terminal): Promise<string> {
  if (file !== undefined) return readTokenFile(file, '--token-file');
  if (terminal.input.isTTY === true) {
    terminal.say("Paste the administrator's token, then Enter and Ctrl-D:\n");
  }
  return tokenIn(await readInput(terminal.input), 'Standard input');
}

/** An argument is seen by everybody on the machine (`ps`) and stays in the shell's history: a token is never one. */
export function refuseTokenArguments(args: readonly string[]): void {
  const given = args.some((arg) => /^--?(?:token|bearer|jwt)(?:=|$)/i.test(arg) || /(?:^|[=\s])ey[\w-]+\.ey/.test(arg));
  if (!given) return;
  throw new UsageError(
    'A token is never an argument: others on this machine can read it. Give it on standard input or by --token-file.',
  );
}
