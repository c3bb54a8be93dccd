import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { birthNumber, postWebhook } from '../support/births.js';
import { type ServiceProcess, startProcess } from '../support/service-process.js';
import { directEnvironment, startWorld } from '../support/world.js';
import { onPostgres } from './pipeline-stage.js';

const Options = z.object({ BENCH_SECONDS: z.coerce.number().positive().default(60) });
/** As in the image: the loader of TypeScript has a size of its own. */
const BUILT = 'dist/main.js';
const PER_SECOND = 1_000;
const TICK_MS = 50;

/** Resident memory of a process, in MB. */
function residentMb({ pid }: Pick<ServiceProcess, 'pid'>): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

/** The built service on PostgreSQL under so many webhooks a second, for BENCH_SECONDS (60). */
export async function benchMemory(): Promise<object> {
  const { BENCH_SECONDS: seconds } = Options.parse(process.env);
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  return onPostgres(async (databaseUrl) => {
    const world = await startWorld();
    const environment = { ...world.environment, ...directEnvironment(world), DATABASE_URL: databaseUrl };
    const mediator = startProcess({ ...environment, LOG_LEVEL: 'error' }, BUILT);
    try {
      await mediator.answers('/health/ready');
      const start = residentMb(mediator);
      let highest = start;
      let sent = 0;
      let acknowledged = 0;
      const begun = performance.now();
      const pending = new Set<Promise<void>>();
      while (performance.now() - begun < seconds * 1000) {
        const due = Math.floor(((performance.now() - begun) / 1000) * PER_SECOND);
        for (; sent < due && pending.size < PER_SECOND; sent += 1) {
          const one = postWebhook(world.port, birthNumber(sent + 1).body, world.opencrvs.system.shaSecret).then(
            async (response) => {
              await response.arrayBuffer();
              if (response.status === 200) acknowledged += 1;
            },
          );
          const settled = one.finally(() => pending.delete(settled));
          pending.add(settled);
        }
        highest = Math.max(highest, residentMb(mediator));
        await delay(TICK_MS);
      }
      await Promise.all(pending);
      const end = residentMb(mediator);
      return {
        rss_mb_start: start,
        rss_mb_end: end,
        rss_mb_highest: Math.max(highest, end),
        seconds,
        acks_per_s: Math.round(acknowledged / seconds),
      };
    } finally {
      await mediator.end('SIGKILL');
      await world.stop();
    }
  });
}
