import type { Job, JobResult, Jobs } from '../../src/pipeline/jobs.js';
import type { Queue } from '../../src/pipeline/queues.js';
import type { Database, Sql } from '../../src/pipeline/store/index.js';

/** As pg-boss is set in the service. */
const EXPIRES_MS = 60_000;
const BATCH = 20;

export type Handler = Parameters<Jobs['work']>[1];

/** A queue that has handlers, for whoever runs the jobs. */
export interface SimJobs extends Jobs {
  readonly handlers: ReadonlyMap<Queue, Handler>;
}

/** Jobs in a table of the same database, under its clock. Nothing runs by itself: see {@link runBatch}. */
export function createSimJobs(database: Database): SimJobs {
  const handlers = new Map<Queue, Handler>();
  const insert = (sql: Sql, queue: Queue, subjectIds: readonly string[], delayMs: number, priority: number) =>
    sql.query(
      `insert into sim.job (queue, subject, due_at, priority)
       select $1, subject, now() + $3::double precision * interval '1 millisecond', $4::integer from unnest($2::text[]) as subject
       on conflict (queue, subject) where state <> 'done' do nothing returning id`,
      [queue, subjectIds, delayMs, priority],
    );
  return {
    handlers,
    async send(sql, queue, subjectIds, delayMs = 0, priority = 0) {
      if (subjectIds.length > 0) await insert(sql, queue, subjectIds, delayMs, priority);
    },
    sendMissing: async (queue, subjectIds, priority = 0) =>
      (await insert(database, queue, subjectIds, 0, priority)).length,
    async complete(sql, _queue, { id, attempt }) {
      const ended = await sql.query(
        `update sim.job set state = 'done' where id = $1 and attempt = $2 and state = 'active' returning id`,
        [id, attempt],
      );
      return ended.length === 1;
    },
    async work(queue, handler) {
      handlers.set(queue, handler);
    },
    stop: async () => undefined,
  };
}

/** Gives back what a process has held for too long, then runs a batch of due jobs; false when none was due. */
export async function runBatch(database: Database, jobs: SimJobs, queue: Queue): Promise<boolean> {
  const handler = jobs.handlers.get(queue);
  if (handler === undefined) return false;
  await database.query(
    `update sim.job set state = 'waiting', attempt = attempt + 1 where state = 'active' and expires_at <= now()`,
    [],
  );
  const taken = await database.query<{ id: number; attempt: number; subject: string }>(
    `update sim.job set state = 'active', expires_at = now() + $2::double precision * interval '1 millisecond'
     where id in (select id from sim.job where queue = $1 and state = 'waiting' and due_at <= now()
                  order by priority desc, due_at, id limit $3)
     returning id, attempt, subject`,
    [queue, EXPIRES_MS, BATCH],
  );
  if (taken.length === 0) return false;
  const batch = taken.map(({ id, attempt, subject }): Job => {
    return { id: String(id), attempt, subjectId: subject, signal: new AbortController().signal };
  });
  const results: ReadonlyMap<string, JobResult> = await handler(batch);
  for (const { id, attempt } of batch) {
    const change = results.get(id) === 'done' ? `state = 'done'` : `state = 'waiting', attempt = attempt + 1`;
    await database.query(`update sim.job set ${change} where id = $1 and attempt = $2 and state = 'active'`, [
      id,
      attempt,
    ]);
  }
  return true;
}
