import { once } from 'node:events';

/** After all tests: the process of jest.global-setup.js removes what it made and ends. */
export default async function tearDown() {
  const ended = once(globalThis.sharedStores, 'exit');
  globalThis.sharedStores.stdin.end();
  await ended;
}
