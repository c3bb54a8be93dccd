import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { listenerOf } from './app.js';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

export interface Listener {
  /** The port taken, also where 0 was asked for. */
  readonly port: number;
  /** Takes no more connections, lets requests in hand end within `timeoutMs`, then cuts what is left. */
  close(timeoutMs: number): Promise<void>;
}

/** Slow or silent clients are cut; the keep-alive outlives that of the usual balancers (60 s). */
const TIMEOUTS = { headersTimeout: 15_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 } as const;

/** Opens the listener; rejects when the port is taken. */
export async function listen(app: Express, options: ListenOptions): Promise<Listener> {
  const listener = listenerOf(app);
  const server =
    options.tls === undefined
      ? http.createServer(TIMEOUTS, listener)
      : https.createServer({ ...TIMEOUTS, ...options.tls }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close(timeoutMs) {
      const cut = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      clearTimeout(cut);
    },
  };
}
