import type { StoreSettings } from '../../src/config/index.js';
import { birth } from '../support/pipeline-harness.js';
import { execute } from '../support/postgres-server.js';
import { until } from '../support/until.js';
import { GatedSystem, onEmbedded, onPostgres, time, withPipeline } from './pipeline-stage.js';

/** How many are handed over while the rate is taken: the same of a short backlog and of a long one. */
const TAKEN = 1_000;
const DEADLINE_MS = 600_000;

/**
 * Events handed over a second from so long a backlog, while others are written back. `settle`: what the database does by
 * itself within a minute, which the backlog of the benchmark does not last.
 */
async function rateFrom(store: StoreSettings, waiting: number, settle = async () => {}): Promise<number> {
  const system = new GatedSystem();
  return withPipeline(store, system, async (pipeline) => {
    await time(waiting, (index) => pipeline.accept(birth(`BENCH-${index}`)));
    await settle();
    const begun = performance.now();
    system.open();
    await until(() => system.handedOver.size >= TAKEN, 'the first of the backlog are handed over', DEADLINE_MS);
    return Math.round(system.handedOver.size / ((performance.now() - begun) / 1000));
  });
}

/** How quickly a backlog goes, and whether its length matters. */
export async function benchDrain(): Promise<object> {
  const onServer = (waiting: number): Promise<number> =>
    onPostgres((url) => rateFrom({ kind: 'postgres', url }, waiting, () => execute(url, 'vacuum analyze')));
  return {
    events_per_s_1k: await onServer(1_000),
    events_per_s_100k: await onServer(100_000),
    pglite: { events_per_s_1k: await onEmbedded((store) => rateFrom(store, 1_000)) },
  };
}
