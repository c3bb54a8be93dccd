import { loadSettings } from '../src/config/index.js';
import { createService, type Service } from '../src/service.js';
import { createLogger } from '../src/telemetry/index.js';
import { until } from '../test/support/until.js';
import { NotSeen } from './observe.js';
import type { Happening } from './opencrvs/part.js';

export interface MediatorOptions {
  /** Gets each log line. */
  readonly log: { write(line: string): void };
  readonly deadlineMs: number;
}

/** Making a new embedded store takes longest of all, on a busy machine. */
const START_DEADLINE_MS = 60_000;

/** The mediator under demonstration: the real service, from its environment alone. */
export interface Mediator {
  readonly url: string;
  /** Resolves once it is ready for events. */
  start(environment: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves once its metrics say that an event of this kind is settled. */
  settled(kind: Happening['kind']): Promise<void>;
  stop(): Promise<void>;
}

export function createMediator(port: number, { log, deadlineMs }: MediatorOptions): Mediator {
  const url = `http://127.0.0.1:${port}`;
  let service: Service | undefined;

  const see = async (awaited: string, withinMs: number, condition: () => Promise<boolean>): Promise<void> => {
    await until(condition, awaited, withinMs).catch((cause: unknown) => {
      throw new NotSeen(awaited, withinMs, { cause });
    });
  };

  return {
    url,
    async start(environment) {
      const settings = loadSettings(environment);
      service = createService(settings, { log: createLogger(settings.logLevel, log) });
      await service.start();
      await see('the mediator is ready', START_DEADLINE_MS, async () => {
        const { status } = await fetch(`${url}/health/ready`);
        return status === 200;
      });
    },
    async settled(kind) {
      const counted = `mediator_event_transitions_total{kind="${kind}",state="settled"} 1`;
      await see(`the ${kind} is settled`, deadlineMs, async () => {
        const metrics = await fetch(`${url}/metrics`);
        return (await metrics.text()).split('\n').includes(counted);
      });
    },
    async stop() {
      await service?.stop();
      service = undefined;
    },
  };
}
