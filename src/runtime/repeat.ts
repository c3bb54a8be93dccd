import type { Clock } from './clock.js';

export interface Repeater {
  /** Ends the repetition and waits for a run in hand. Harmless twice. */
  stop(): Promise<void>;
}

/**
 * Runs `task` at once and then again and again, never two at a time. `task` says how many milliseconds to wait before
 * the next run (Infinity: never again) and must not throw.
 */
export function repeat(clock: Clock, task: (signal: AbortSignal) => Promise<number>): Repeater {
  const abort = new AbortController();
  let cancel: () => void = () => undefined;
  let running: Promise<void> | undefined;

  const run = (): void => {
    if (abort.signal.aborted) return;
    running = task(abort.signal).then((waitMs) => {
      running = undefined;
      if (!abort.signal.aborted && Number.isFinite(waitMs)) cancel = clock.after(waitMs, run);
    });
  };
  run();

  return {
    async stop() {
      abort.abort();
      cancel();
      await running;
    },
  };
}
