import { MediatorError, toMediatorError } from '../../errors/index.js';

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new MediatorError('call_cancelled'));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/**
 * Does the work of a request, until its caller goes or its time is up, also where the national ID system does not listen.
 * That the system is away is told as such (503, 504), however it is away: a caller can only try again.
 *
 * @throws MediatorError `peer_timeout`, `peer_unavailable`, and those of the work
 */
export async function withinTime<T>(
  given: { readonly signal: AbortSignal; readonly timeoutMs: number },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(given.timeoutMs);
  const signal = AbortSignal.any([given.signal, deadline]);
  try {
    return await Promise.race([work(signal), whenAborted(signal)]);
  } catch (thrown) {
    if (deadline.aborted) throw new MediatorError('peer_timeout', { cause: thrown });
    const error = toMediatorError(thrown);
    if (error.disposition !== 'retry' || error.status !== 502) throw error;
    const { message, retryAfterMs } = error;
    throw new MediatorError('peer_unavailable', {
      message,
      cause: error,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
