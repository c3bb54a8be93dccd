import type { HttpPeer } from '../test/peers/http-peer.js';

/** What should have been seen, and was not. */
export class NotSeen extends Error {
  constructor(awaited: string, deadlineMs: number, options?: ErrorOptions) {
    super(`Within ${deadlineMs / 1000} s it was not seen that ${awaited}.`, options);
  }
}

/**
 * Resolves with what `look` finds, as soon as it finds something; it looks again after each request of the peer.
 *
 * @throws NotSeen after the deadline
 */
export async function observe<T>(
  peer: HttpPeer,
  awaited: string,
  look: () => T | undefined,
  deadlineMs: number,
): Promise<T> {
  let found: T | undefined;
  const isThere = (): boolean => {
    found = look();
    return found !== undefined;
  };
  await peer.until(isThere, deadlineMs).catch((cause: unknown) => {
    throw new NotSeen(awaited, deadlineMs, { cause });
  });
  if (found === undefined) throw new NotSeen(awaited, deadlineMs);
  return found;
}
