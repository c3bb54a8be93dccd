import { expect, test } from '@jest/globals';
import { lockFolder } from '../../../src/pipeline/store/folder-lock.js';
import { temporaryFolder } from '../../support/pipeline-harness.js';

test('a folder belongs to one holder at a time', async () => {
  const folder = temporaryFolder();
  const release = lockFolder(folder.path);
  expect(() => lockFolder(folder.path)).toThrow(expect.objectContaining({ code: 'store_locked' }));
  release();
  lockFolder(folder.path)();
  await folder.remove();
});
