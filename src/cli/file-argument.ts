/** The one argument that is no option, wherever it stands. `valued`: the options whose value follows them. */
export function fileIn(
  args: readonly string[],
  valued: ReadonlySet<string>,
): { readonly file: string | undefined; readonly others: readonly string[] } {
  const at = args.findIndex((arg, index) => !arg.startsWith('-') && !valued.has(args[index - 1] ?? ''));
  return at < 0 ? { file: undefined, others: args } : { file: args[at], others: args.toSpliced(at, 1) };
}
