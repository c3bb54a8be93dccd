#!/usr/bin/env node
import { checkNodeVersion } from '../node-version.js';

checkNodeVersion();
// Only now: the rest needs modules that an older Node does not have.
const [{ COMMANDS }, { runCommand }] = await Promise.all([import('./commands.js'), import('./run-command.js')]);

/** Whoever reads may stop early, as `head` does. The command goes on: work that was begun at a peer is not left half done. */
function ignoreGoneReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
process.stdout.on('error', ignoreGoneReader);
process.stderr.on('error', ignoreGoneReader);

process.exitCode = await runCommand(COMMANDS, process.argv.slice(2), {
  environment: process.env,
  input: process.stdin,
  out: (text) => void process.stdout.write(text),
  say: (text) => void process.stderr.write(text),
  showsProgress: process.stderr.isTTY === true,
});
