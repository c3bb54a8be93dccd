import type { StoreSettings } from '../../src/config/index.js';
import { birth } from '../support/pipeline-harness.js';
import {
  bareSends,
  GatedSystem,
  onEmbedded,
  onPostgres,
  percentile,
  type Timing,
  time,
  withPipeline,
} from './pipeline-stage.js';

const EVENTS = 10_000;
const EMBEDDED_EVENTS = 2_000;

const accept = (store: StoreSettings, count: number): Promise<Timing> =>
  withPipeline(store, new GatedSystem(), (pipeline) =>
    time(count, (index) => pipeline.accept(birth(`BENCH-${index}`))),
  );

/** Events accepted a second while nothing is worked on, each on the disk before it is acknowledged. */
export async function benchIntake(): Promise<object> {
  const [bare, postgres] = await onPostgres(async (url) => [
    await bareSends(url, EVENTS),
    await accept({ kind: 'postgres', url }, EVENTS),
  ]);
  const embedded = await onEmbedded((store) => accept(store, EMBEDDED_EVENTS));
  return {
    acks_per_s: postgres.perSecond,
    bare_sends_per_s: bare,
    ratio: Number((postgres.perSecond / bare).toFixed(2)),
    p99_ms: percentile(postgres.durations, 0.99),
    pglite: { acks_per_s: embedded.perSecond, p99_ms: percentile(embedded.durations, 0.99) },
  };
}
