/** The code of an error of Node's own; its message is left alone, it may quote what a person typed. */
export function errorCode(thrown: unknown): string {
  const hasCode = typeof thrown === 'object' && thrown !== null && 'code' in thrown;
  return hasCode ? String(thrown.code) : 'unknown';
}
