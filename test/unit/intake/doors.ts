import type { Express } from 'express';
import { createApp, type Route } from '../../../src/http/index.js';
import { systemClock } from '../../../src/runtime/index.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import { createMemoryLog } from '../../fakes/memory-log.js';
import { envelopeFaults } from '../../peers/openhim-envelope-rules.js';

/** What core adds to a request that it passes on (reference/openhim.md 5). */
export const THROUGH_OPENHIM = { 'x-openhim-transactionid': '65d3c1f1a2b3c4d5e6f70809' };

/** The app over these doors, as the service builds it. */
export function appOver(routes: readonly Route[]): { readonly app: Express; readonly lines: readonly string[] } {
  const { log, lines } = createMemoryLog();
  const deps = { clock: systemClock, log, metrics: createMetrics() };
  const app = createApp(deps, routes, { urn: 'urn:mediator:test', inbound: undefined, renderers: {} });
  return { app, lines };
}

export interface Envelope {
  readonly status: string;
  readonly response: { readonly status: number; readonly headers: Record<string, string>; readonly body: string };
  readonly error?: { readonly message: string };
}

/** The envelope of an answer that went through OpenHIM, which must be without fault. */
export function readEnvelope(text: string, contentType: string | undefined): Envelope {
  const faults = envelopeFaults(text, contentType);
  if (faults.length > 0) throw new Error(`not an envelope that core takes: ${faults.join('; ')}`);
  return JSON.parse(text) as Envelope;
}
