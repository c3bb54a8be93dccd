import { MediatorError } from '../errors/index.js';

/** What was thrown, as an error of ours. */
export function asStoreFailure(thrown: unknown): MediatorError {
  return thrown instanceof MediatorError ? thrown : new MediatorError('store_unavailable', { cause: thrown });
}

/** Tells what the database throws in our words: its own may hold its address, or data of a row. */
export async function guardedStore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw asStoreFailure(thrown);
  }
}
