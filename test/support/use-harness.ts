import { afterAll, beforeAll } from '@jest/globals';
import { type Harness, type HarnessOptions, startHarness, temporaryFolder } from './pipeline-harness.js';
import { type Engine, startTestStore, type TestStore } from './test-store.js';

/**
 * One pipeline on a store of its own for all tests of a file, or of the `describe` that this is called in. `take` is told
 * of it before the first of them.
 */
export function useHarness(engine: Engine, options: Partial<HarnessOptions>, take: (harness: Harness) => void): void {
  const folder = temporaryFolder();
  let store: TestStore | undefined;
  let harness: Harness | undefined;

  beforeAll(async () => {
    store = await startTestStore(engine);
    harness = await startHarness({ dataDir: folder.path, store, ...options });
    take(harness);
  }, 60_000);

  afterAll(async () => {
    await harness?.stop();
    await store?.stop();
    await folder.remove();
  });
}
