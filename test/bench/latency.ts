import type { StoreSettings } from '../../src/config/index.js';
import { birth } from '../support/pipeline-harness.js';
import { GatedSystem, onEmbedded, onPostgres, percentile, withPipeline } from './pipeline-stage.js';

const EVENTS = 300;
const EMBEDDED_EVENTS = 100;

interface Latency {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

async function measure(store: StoreSettings, count: number): Promise<Latency> {
  const system = new GatedSystem();
  system.open();
  return withPipeline(store, system, async (pipeline) => {
    const latencies: number[] = [];
    for (let index = 0; index < count; index += 1) {
      const number = `SINGLE-${index}`;
      await pipeline.accept(birth(number));
      const acknowledgedAt = performance.now();
      await system.submitted(number);
      // Handed over before the acknowledgement was seen here: no wait at all.
      latencies.push(Math.max(0, (system.handedOver.get(number) ?? performance.now()) - acknowledgedAt));
    }
    latencies.sort((a, b) => a - b);
    return { p50_ms: percentile(latencies, 0.5), p99_ms: percentile(latencies, 0.99) };
  });
}

/** From the acknowledgement to the hand-over, one event at a time. */
export async function benchLatency(): Promise<object> {
  const postgres = await onPostgres((url) => measure({ kind: 'postgres', url }, EVENTS));
  return { ...postgres, pglite: await onEmbedded((store) => measure(store, EMBEDDED_EVENTS)) };
}
