import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallRecord } from './client.js';

const storage = new AsyncLocalStorage<CallRecord[]>();

/** Runs `work` and gives, besides its result, every outward call that was made during it, in order of their ends. */
export async function recordingCalls<T>(work: () => Promise<T>): Promise<{ result: T; calls: readonly CallRecord[] }> {
  const calls: CallRecord[] = [];
  const result = await storage.run(calls, work);
  return { result, calls };
}

/** Adds a call to the recording in progress, if there is one. */
export function recordCall(call: CallRecord): void {
  storage.getStore()?.push(call);
}
