import type { Clock } from '../runtime/index.js';

/** `down` alone makes the service not ready; `degraded` is shown and service goes on. */
export type CheckState = 'ok' | 'degraded' | 'down' | 'unknown';

export interface CheckReport {
  readonly state: CheckState;
  /** Plain words; no address with credentials, nothing personal. */
  readonly detail?: string;
}

/** One dependency's current state, told by the part that talks to it. */
export interface HealthCheck {
  report(state: CheckState, detail?: string): void;
}

export interface ReadinessReport {
  readonly status: 'ready' | 'degraded' | 'not-ready';
  readonly checks: Record<string, CheckReport & { readonly since: string; readonly ageSeconds: number }>;
  readonly warnings: readonly string[];
}

export interface Health {
  /** Registers a dependency under a fixed name; its first state is `unknown` unless told. */
  check(name: string, first?: CheckState, detail?: string): HealthCheck;
  /** Shows a dependency no longer. */
  forget(name: string): void;
  /** A lasting remark about an unsafe or limited set-up. */
  warn(text: string): void;
  readiness(): ReadinessReport;
}

/** Collects what each part last said about its peer. Nothing is called when readiness is asked for. */
export function createHealth(clock: Clock): Health {
  const checks = new Map<string, { state: CheckState; detail: string | undefined; since: number; seen: number }>();
  const warnings: string[] = [];
  return {
    check(name, first = 'unknown', detail) {
      const entry = { state: first, detail, since: clock.now(), seen: clock.now() };
      checks.set(name, entry);
      return {
        report(state, newDetail) {
          const now = clock.now();
          if (entry.state !== state) entry.since = now;
          entry.state = state;
          entry.detail = newDetail;
          entry.seen = now;
        },
      };
    },
    forget: (name) => void checks.delete(name),
    warn: (text) => void warnings.push(text),
    readiness() {
      const now = clock.now();
      const states = [...checks.values()].map((check) => check.state);
      const status = states.includes('down') ? 'not-ready' : states.includes('degraded') ? 'degraded' : 'ready';
      return {
        status,
        checks: Object.fromEntries(
          [...checks].map(([name, { state, detail, since, seen }]) => [
            name,
            {
              state,
              ...(detail === undefined ? {} : { detail }),
              since: new Date(since).toISOString(),
              ageSeconds: Math.round((now - seen) / 1000),
            },
          ]),
        ),
        warnings: [...warnings],
      };
    },
  };
}
