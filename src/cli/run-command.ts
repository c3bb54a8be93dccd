import { MediatorError } from '../errors/index.js';
import { type Command, EXIT, type Terminal, UsageError } from './command.js';

const PROGRAM = 'national-id-mediator';

const callOf = ({ name, synopsis }: Command): string =>
  [PROGRAM, name, synopsis].filter((part) => part !== '').join(' ');

/** The overview of some commands. */
function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `Usage: ${PROGRAM} COMMAND`,
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`),
    '',
    `${PROGRAM} COMMAND --help says more about one of them.`,
    '',
  ].join('\n');
}

/** The whole help of one command. */
function helpOf(command: Command): string {
  const help = command.help === undefined ? [] : [command.help.trimEnd(), ''];
  return [`Usage: ${callOf(command)}`, '', `  ${command.summary}`, '', ...help].join('\n');
}

/** The commands whose names begin with the first words of a call; all of them where none does. */
function nearest(commands: readonly Command[], args: readonly string[]): readonly Command[] {
  const group = commands.filter(({ name }) => name.split(' ')[0] === args[0]);
  return group.length > 0 ? group : commands;
}

/**
 * Runs the command that the arguments name and returns the exit code. Errors are told in words: a wrong call together
 * with its usage, a failure by its own safe message. Anything else is a fault of ours and is thrown.
 */
export async function runCommand(
  commands: readonly Command[],
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const command = commands.find(({ name }) => {
    const words = name.split(' ');
    return words.every((word, index) => args[index] === word);
  });
  const asksForHelp = args[0] === 'help' || args.includes('--help') || args.includes('-h');
  if (command === undefined) {
    const group = nearest(commands, args);
    const [only] = group;
    (asksForHelp ? terminal.out : terminal.say)(group.length === 1 && only ? helpOf(only) : overview(group));
    return asksForHelp ? EXIT.ok : EXIT.usage;
  }
  if (asksForHelp) {
    terminal.out(helpOf(command));
    return EXIT.ok;
  }
  try {
    return await command.run(args.slice(command.name.split(' ').length), terminal);
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      terminal.say(`${thrown.message}\n\nUsage: ${callOf(command)}\n`);
      return EXIT.usage;
    }
    if (!(thrown instanceof MediatorError)) throw thrown;
    terminal.say(`${thrown.message}\n`);
    return EXIT.failed;
  }
}
