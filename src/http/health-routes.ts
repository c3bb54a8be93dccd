import type { Health, Metrics } from '../telemetry/index.js';
import { jsonReply } from './reply.js';
import type { Route } from './route.js';

/** Probes for orchestration and the metrics. Nothing is called when they are asked for. */
export function healthRoutes(deps: { readonly health: Health; readonly metrics: Metrics }): Route[] {
  const { health, metrics } = deps;
  return [
    { methods: ['get'], path: '/health/live', quiet: true, handler: async () => jsonReply(200, { status: 'alive' }) },
    {
      methods: ['get'],
      path: '/health/ready',
      quiet: true,
      handler: async () => {
        const report = health.readiness();
        return jsonReply(report.status === 'not-ready' ? 503 : 200, report);
      },
    },
    {
      methods: ['get'],
      path: '/metrics',
      quiet: true,
      handler: async () => {
        const { contentType, text } = await metrics.render();
        return { status: 200, headers: { 'content-type': contentType }, body: text };
      },
    },
  ];
}
