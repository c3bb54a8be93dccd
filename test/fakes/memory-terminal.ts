import type { Terminal } from '../../src/cli/command.js';
import { COMMANDS } from '../../src/cli/commands.js';
import { runCommand } from '../../src/cli/run-command.js';

/** What became of a command. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly said: string;
}

export interface CallOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** On standard input. */
  readonly input?: string;
  readonly isTTY?: boolean;
}

/** Runs one of the administrator's commands in this process, with a terminal in memory. */
export async function run(args: readonly string[], options: CallOptions = {}): Promise<Ended> {
  const [out, said]: [string[], string[]] = [[], []];
  async function* typed(): AsyncGenerator<string> {
    yield options.input ?? '';
  }
  const terminal: Terminal = {
    environment: options.environment ?? {},
    input: Object.assign(typed(), { isTTY: options.isTTY ?? false }),
    out: (text) => void out.push(text),
    say: (text) => void said.push(text),
  };
  const code = await runCommand(COMMANDS, args, terminal);
  return { code, out: out.join(''), said: said.join('') };
}
