export interface BatcherOptions {
  /** Most items in one batch. */
  readonly max: number;
  /** Batches under way at once. */
  readonly parallel: number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Runs items together: one alone at once, and those that come while batches are under way in the next one. No item waits
 * for another to come. `run` gives one result an item, in order; when it throws, all items of the batch fail with it.
 */
export function createBatcher<T, R>(
  run: (items: readonly T[]) => Promise<readonly R[]>,
  { max, parallel }: BatcherOptions,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = [];
  let underWay = 0;

  const runNext = async (): Promise<void> => {
    const batch = waiting.splice(0, max);
    underWay += 1;
    try {
      const results = await run(batch.map(({ item }) => item));
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as R);
    } catch (thrown) {
      for (const { reject } of batch) reject(thrown);
    }
    underWay -= 1;
    begin();
  };

  const begin = (): void => {
    while (underWay < parallel && waiting.length > 0) void runNext();
  };

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      begin();
    });
}
