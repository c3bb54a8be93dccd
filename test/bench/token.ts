import { startClientSide } from '../integration/opencrvs/client-side.js';

const CALLS = 1_000;
/** A wait for a request to OpenCRVS takes longer than this; taking a token that is there does not. */
const WAITED_MS = 20;

/** Callers of the system-client token at once; then again while it is renewed in the background. */
export async function benchToken(): Promise<object> {
  const side = await startClientSide();
  try {
    const waits = async (): Promise<number> => {
      const begun = performance.now();
      const durations = await Promise.all(
        Array.from({ length: CALLS }, () => side.tokens.get().then(() => performance.now() - begun)),
      );
      return durations.filter((ms) => ms > WAITED_MS).length;
    };
    await waits();
    const requests = side.opencrvs.auth.tokenRequests;
    // The clock moves to the renewal; nobody waits for its end.
    const renewed = side.tokenResult();
    const advanced = side.clock.advance(540_000);
    const waited = await waits();
    await Promise.all([renewed, advanced]);
    return { calls: CALLS, token_requests: requests, waited_after_first: waited };
  } finally {
    await side.stop();
  }
}
