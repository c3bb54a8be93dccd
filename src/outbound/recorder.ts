import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallRecord } from './client.js';

const storage = new AsyncLocalStorage<CallRecord[]>();

/** Runs `work` and gives, besides its result, every outward call that was made during it, in order of their ends. */
export async function recordingCalls<T>(work: () => Promise<T>): Promise<{ result: T; calls: readonly CallRecord[] }> {
  const calls: CallRecord[] = [];
  const result = await storage.run(calls, work);
  return { result, calls };
}

/**
 * The calls of the recording in progress so far, without their bodies: for what outlives the request. Empty where none
 * is in progress.
 */
export function recordedCalls(): readonly CallRecord[] {
  return (storage.getStore() ?? []).map(({ request: { body: _asked, ...request }, response, ...call }) => {
    if (response === undefined) return { ...call, request };
    const { body: _answered, ...answer } = response;
    return { ...call, request, response: answer };
  });
}

/** Adds a call to the recording in progress; `describe` is asked only if there is one. */
export function recordCall(describe: () => CallRecord): void {
  storage.getStore()?.push(describe());
}
