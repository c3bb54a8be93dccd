import type { Health, HealthCheck } from '../telemetry/index.js';

/**
 * Health checks that are shown only from `show` on: a system that is being built must not hide the checks of the one
 * that it may replace.
 */
export function deferChecks(health: Health): {
  readonly health: Health;
  readonly names: readonly string[];
  readonly show: () => void;
} {
  const names: string[] = [];
  const begin: (() => void)[] = [];
  return {
    names,
    show: () => begin.forEach((one) => void one()),
    health: {
      ...health,
      check(name, first, detail) {
        let shown: HealthCheck | undefined;
        names.push(name);
        begin.push(() => {
          shown = health.check(name, first, detail);
        });
        return { report: (state, newDetail) => shown?.report(state, newDetail) };
      },
    },
  };
}
