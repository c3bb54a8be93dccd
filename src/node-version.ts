const NEEDED = 24;

/** Ends the process with a plain sentence where Node is too old, instead of a failing import. */
export function checkNodeVersion(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NEEDED) return;
  process.stderr.write(`This service needs Node ${NEEDED} or newer; this is Node ${process.versions.node}.\n`);
  process.exit(78);
}
