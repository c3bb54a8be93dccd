/** The mediator as the chaos run starts it: the real service, with patience cut short so that a run takes minutes. */
import { run } from '../../src/run.js';

await run(process.env, {
  callTimeoutMs: 1_000,
  retry: { firstMs: 100, longestMs: 2_000, longestUnansweredMs: 2_000, giveUpMs: 3_600_000 },
  breaker: { failures: 5, firstPauseMs: 200, longestPauseMs: 2_000 },
  sweepEveryMs: 2_000,
  jobExpirySeconds: 8,
});
