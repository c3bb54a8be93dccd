import { PgBoss } from 'pg-boss';
import type { Logger } from '../telemetry/index.js';
import type { Job, Jobs } from './jobs.js';
import { QUEUES, type Queue } from './queues.js';
import type { Database } from './store/index.js';

/** Every value and the reason for it: reference/measured.md 4, architecture section 10. */
const QUEUE_OPTIONS = {
  // One waiting or running job for an event.
  policy: 'exclusive',
  notify: true,
  // Only crashes use these retries: our own back-off sends a new job.
  retryLimit: 10,
  retryDelay: 0,
  // Waiting jobs older than this vanish without a word: a year, and the sweep would send them again.
  retentionSeconds: 365 * 24 * 3600,
  deleteAfterSeconds: 3600,
} as const;

/** A killed worker's job comes back after a minute; pg-boss's own value is a quarter of an hour. */
const EXPIRE_IN_SECONDS = 60;

const BATCH_SIZE = 20;

const WORK_OPTIONS = {
  batchSize: BATCH_SIZE,
  // A loop takes no more before its batch has ended: with several, one slow call does not hold up the queue.
  localConcurrency: 4,
  // Without this a backlog drains one batch a polling interval.
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  // A notification wakes for a new job, not for one whose delay is over: those wait for this.
  notifyPollingIntervalSeconds: 0.5,
  perJobResults: true,
} as const;

/**
 * Jobs on pg-boss. On a database that no other process can use, jobs that a killed process left running are given back
 * at once; elsewhere they come back when their time is over. `sendsOnly`: another process works on them, and keeps the
 * queues in order.
 */
export async function startPgBossJobs(
  deps: { readonly database: Database; readonly log: Logger },
  options: { readonly sendsOnly?: boolean; readonly expireInSeconds?: number | undefined } = {},
): Promise<Jobs> {
  const { database, log } = deps;
  const { sendsOnly = false, expireInSeconds = EXPIRE_IN_SECONDS } = options;
  const boss = new PgBoss({
    ...database.bossOptions,
    useListenNotify: true,
    supervise: !sendsOnly,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    schedule: false,
    registerInstance: false,
    openTelemetry: { enabled: false },
  });
  boss.on('error', (err) => log.warn({ event: 'jobs.error', err }, 'the job queue reported an error'));
  await boss.start();
  for (const queue of QUEUES) {
    await boss.createQueue(queue, { ...QUEUE_OPTIONS, expireInSeconds });
    const { policy: _, ...changeable } = QUEUE_OPTIONS;
    await boss.updateQueue(queue, { ...changeable, expireInSeconds });
  }
  if (database.exclusive) await giveBackOrphans(boss, database);

  return {
    async send(sql, queue, subjectIds, delayMs = 0, priority = 0) {
      if (subjectIds.length === 0) return;
      const startAfter = delayMs > 0 ? { startAfter: `${Math.ceil(delayMs)} milliseconds` } : {};
      const jobs = subjectIds.map((id) => ({ data: { id }, singletonKey: id, priority, ...startAfter }));
      await boss.insert(queue, jobs, { db: sql.boss });
    },
    async sendMissing(queue, subjectIds, priority = 0) {
      const jobs = subjectIds.map((id) => ({ data: { id }, singletonKey: id, priority }));
      const sent = jobs.length === 0 ? [] : await boss.insert(queue, jobs, { returnId: true });
      return sent?.length ?? 0;
    },
    async complete(sql, queue, job) {
      const response = await boss.complete(queue, { id: job.id, retryCount: job.attempt }, null, { db: sql.boss });
      return (response as { readonly affected?: number }).affected === 1;
    },
    async work(queue, handler) {
      await boss.work<{ readonly id: string }>(queue, WORK_OPTIONS, async (taken) => {
        const jobs = taken.map((job): Job => {
          const { id, retryCount: attempt, data, signal } = job;
          return { id, attempt, subjectId: data.id, signal };
        });
        const results = await handler(jobs);
        return jobs.map(({ id }) => ({ id, status: results.get(id) === 'done' ? 'completed' : 'failed' }) as const);
      });
    },
    stop: (timeoutMs) => boss.stop({ graceful: true, timeout: timeoutMs, close: true }),
  };
}

/** Fails the running jobs of a process that no longer exists, so that they run again now. */
async function giveBackOrphans(boss: PgBoss, database: Database): Promise<void> {
  const orphans = await database.query<{ name: Queue; ids: string[] }>(
    `select name, array_agg(id::text) as ids from pgboss.job where state = 'active' group by name`,
  );
  for (const { name, ids } of orphans) await boss.fail(name, ids, null);
}
