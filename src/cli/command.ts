/** Exit codes of the commands: the usual ones of sysexits.h. */
export const EXIT = { ok: 0, failed: 1, usage: 64, settings: 78 } as const;

/** What a command sees of the process that it runs in. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Standard input; a person types it when `isTTY` is set. */
  readonly input: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };
  /** Results: what a script may read. */
  out(text: string): void;
  /** Words for a person. */
  say(text: string): void;
  /** Whether these appear on a screen, where a line can be written anew. Default false. */
  readonly showsProgress?: boolean;
}

export interface Command {
  /** The words that call it, after the program's name. */
  readonly name: string;
  /** What follows the name; empty when nothing does. */
  readonly synopsis: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** All there is to know, shown by `--help` below the usage. */
  readonly help?: string;
  /**
   * Returns the exit code.
   *
   * @throws UsageError when it was called in a wrong way, MediatorError when the work failed
   */
  run(args: readonly string[], terminal: Terminal): number | Promise<number>;
}

/** The command was called in a wrong way. Its message never quotes a value: that might be a secret. */
export class UsageError extends Error {}
