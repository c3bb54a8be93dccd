import type { Clock } from '../../../src/runtime/index.js';
import { type CheckReport, createHealth, type Health } from '../../../src/telemetry/index.js';

export interface WatchedHealth extends Health {
  /** What is reported next about a dependency: tells that a piece of background work has ended. */
  nextReport(name: string): Promise<CheckReport>;
}

/** The real health, whose reports can be waited for. */
export function createWatchedHealth(clock: Clock): WatchedHealth {
  const health = createHealth(clock);
  const waiting: { readonly name: string; readonly resolve: (report: CheckReport) => void }[] = [];
  return {
    ...health,
    check(name, ...first) {
      const check = health.check(name, ...first);
      return {
        report(state, detail) {
          check.report(state, detail);
          const report = detail === undefined ? { state } : { state, detail };
          for (const waiter of waiting.splice(0)) {
            if (waiter.name === name) waiter.resolve(report);
            else waiting.push(waiter);
          }
        },
      };
    },
    nextReport: (name) => new Promise((resolve) => void waiting.push({ name, resolve })),
  };
}
