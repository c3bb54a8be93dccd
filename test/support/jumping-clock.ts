import type { Clock } from '../../src/runtime/index.js';

interface Timer {
  readonly dueAt: number;
  readonly task: () => void;
  handle: NodeJS.Timeout;
}

/** The real clock, which can be put forward: what falls due in the time that is skipped runs at once. */
export class JumpingClock implements Clock {
  #skippedMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return Date.now() + this.#skippedMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer: Timer = { dueAt: this.now() + delayMs, task, handle: setTimeout(() => this.#run(timer), delayMs) };
    timer.handle.unref();
    this.#timers.add(timer);
    return () => this.#cancel(timer);
  }

  /** Skips so much time. */
  jump(byMs: number): void {
    this.#skippedMs += byMs;
    for (const timer of [...this.#timers].sort((a, b) => a.dueAt - b.dueAt)) {
      clearTimeout(timer.handle);
      const leftMs = timer.dueAt - this.now();
      if (leftMs <= 0) this.#run(timer);
      else timer.handle = setTimeout(() => this.#run(timer), leftMs).unref();
    }
  }

  #run(timer: Timer): void {
    if (!this.#timers.has(timer)) return;
    this.#cancel(timer);
    timer.task();
  }

  #cancel(timer: Timer): void {
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }
}
