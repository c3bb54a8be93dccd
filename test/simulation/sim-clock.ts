import type { Clock } from '../../src/runtime/index.js';

interface Timer {
  readonly dueAt: number;
  readonly task: () => void;
  readonly owner: InstanceClock;
}

/** The time of a simulated world. It moves only when told to; each process has timers of its own. */
export class SimClock {
  #now = Date.parse('2024-03-01T00:00:00Z');
  readonly #timers = new Set<Timer>();

  get now(): number {
    return this.#now;
  }

  /** When the next timer is due; undefined without one. */
  get nextDueAt(): number | undefined {
    const dueTimes = [...this.#timers].map(({ dueAt }) => dueAt);
    return dueTimes.length === 0 ? undefined : Math.min(...dueTimes);
  }

  forInstance(): InstanceClock {
    return new InstanceClock(this, this.#timers);
  }

  advanceTo(moment: number): void {
    this.#now = Math.max(this.#now, moment);
  }

  /** Takes one due timer out, the longest due first. */
  takeDue(): (() => void) | undefined {
    const [next] = [...this.#timers].filter(({ dueAt }) => dueAt <= this.#now).sort((a, b) => a.dueAt - b.dueAt);
    if (next === undefined) return undefined;
    this.#timers.delete(next);
    return next.task;
  }
}

/** The clock of one process: its timers go with it. */
export class InstanceClock implements Clock {
  readonly #world: SimClock;
  readonly #timers: Set<Timer>;

  constructor(world: SimClock, timers: Set<Timer>) {
    this.#world = world;
    this.#timers = timers;
  }

  now(): number {
    return this.#world.now;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { dueAt: this.#world.now + delayMs, task, owner: this };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** The process is gone. */
  drop(): void {
    for (const timer of this.#timers) if (timer.owner === this) this.#timers.delete(timer);
  }
}
