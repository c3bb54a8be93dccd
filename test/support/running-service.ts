import { z } from 'zod';
import { loadSettings } from '../../src/config/index.js';
import { createService, type Service, type ServiceOverrides } from '../../src/service.js';
import { createMemoryLog } from '../fakes/memory-log.js';
import { JumpingClock } from './jumping-clock.js';
import { QUICK_RETRY } from './pipeline-harness.js';
import { until } from './until.js';
import { installChannels, untilReady, type World } from './world.js';

/** A breaker that a test can wait for. */
const QUICK_BREAKER = { failures: 3, firstPauseMs: 100, longestPauseMs: 200 } as const;

const Readiness = z.object({
  status: z.enum(['ready', 'degraded', 'not-ready']),
  checks: z.record(z.string(), z.object({ state: z.string(), detail: z.string().optional() })),
});

/** A service in this process, amid a world, with short retries and a clock that can be put forward. */
export interface RunningService {
  readonly service: Service;
  readonly clock: JumpingClock;
  /** Every line logged so far. */
  readonly lines: readonly string[];
  /** Resolves once this event of the log has been written, about this registration where one is given. */
  logged(event: string, registrationNumber?: string): Promise<void>;
  /** What `/health/ready` says. */
  readiness(): Promise<z.infer<typeof Readiness>>;
  /** Resolves once a check of the readiness has this state. */
  checked(name: string, state: string): Promise<void>;
}

/** Whether a line of the log is of this event, about this registration where one is given. */
export function tells(line: string, event: string, registrationNumber?: string): boolean {
  const isAbout = registrationNumber === undefined || line.includes(`"registrationNumber":"${registrationNumber}"`);
  return isAbout && line.includes(`"event":"${event}"`);
}

/** What `/health/ready` on this port says. */
export async function readinessOf(port: number): Promise<z.infer<typeof Readiness>> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return Readiness.parse(await response.json());
}

/** Starts a service, and waits for nothing. */
export async function startService(
  world: World,
  environment: Readonly<Record<string, string>> = {},
  overrides: Partial<ServiceOverrides> = {},
): Promise<RunningService> {
  const clock = new JumpingClock();
  const { log, lines } = createMemoryLog('debug');
  const service = createService(loadSettings({ ...world.environment, LOG_LEVEL: 'debug', ...environment }), {
    clock,
    log,
    retry: QUICK_RETRY,
    breaker: QUICK_BREAKER,
    ...overrides,
  });
  await service.start();
  const readiness = (): ReturnType<typeof readinessOf> => readinessOf(world.port);
  return {
    service,
    clock,
    lines,
    readiness,
    logged: (event, registrationNumber) =>
      until(
        () => lines.some((line) => tells(line, event, registrationNumber)),
        `the log tells ${event} of ${registrationNumber ?? 'any'}`,
      ),
    checked: (name, state) =>
      until(async () => (await readiness()).checks[name]?.state === state, `the check ${name} is ${state}`),
  };
}

/** Starts a service in a world where all is well, and waits until it has everything set up. */
export async function startSettledService(
  world: World,
  environment: Readonly<Record<string, string>> = {},
  overrides: Partial<ServiceOverrides> = {},
): Promise<RunningService> {
  const running = await startService(world, environment, overrides);
  await installChannels(world.core);
  await untilReady(world.port);
  const { webhooks } = world.opencrvs;
  const isMosip = { ...world.environment, ...environment }['NATIONAL_ID_SYSTEM'] === 'mosip';
  await webhooks.until(() => webhooks.subscriptions.length === 2);
  await world.mosip.until(() => !isMosip || world.mosip.hub.subscribers === 1);
  return running;
}
