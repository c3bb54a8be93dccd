import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import express, { type ErrorRequestHandler, type Express } from 'express';
import helmet from 'helmet';
import { MediatorError } from '../errors/index.js';
import { recordingCalls } from '../outbound/index.js';
import { type ExchangeDeps, type ExchangeOptions, openExchange } from './exchange.js';
import { createCredentialCheck, type InboundCredentials } from './inbound-auth.js';
import type { Reply } from './reply.js';
import { toInbound } from './request.js';
import type { Route } from './route.js';

export interface AppOptions extends ExchangeOptions {
  readonly inbound: InboundCredentials | undefined;
}

type Outcome = { readonly reply: Reply } | { readonly thrown: unknown };

function checkContentType({ headers }: IncomingMessage, allowed: readonly string[]): void {
  const given = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given === undefined || !allowed.includes(given)) {
    throw new MediatorError('media_type_unsupported', { message: `Expected content type ${allowed.join(' or ')}.` });
  }
}

/** Core announces the body of such a request and never sends it (reference/openhim.md 5): to wait for it is to hang. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE']);

/** Reads a body, as `request.body`, or leaves it where none can come. */
function bodyReader(limit: number): (request: IncomingMessage, response: ServerResponse) => Promise<void> | undefined {
  const read = express.raw({ type: () => true, limit });
  return (request, response) =>
    BODILESS.has(request.method ?? '')
      ? undefined
      : new Promise((resolve, reject) => {
          read(request, response, (thrown?: unknown) => (thrown === undefined ? resolve() : reject(thrown)));
        });
}

/** The methods of each path, for the answer to any other. */
function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, methods } of routes) {
    if (methods === 'all') continue;
    byPath.set(path, [...(byPath.get(path) ?? []), ...methods.map((method) => method.toUpperCase())]);
  }
  return byPath;
}

type Handle = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Name of the app's setting that holds its shortcuts, by first segment. */
const SHORTCUTS = 'shortcuts';
const FIRST_SEGMENT = /^\/[^/?]*/;

/** Express refuses a path that cannot be decoded before any route sees it: it has to see such a one. */
function isDecodable(url: string): boolean {
  const [path = ''] = url.split('?', 1);
  if (!path.includes('%')) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * What a server listens with: Express, save for routes with a shortcut. Express and helmet cost a proxied call as much as
 * all of our own part (docs/performance.md).
 */
export function listenerOf(app: Express): RequestListener {
  const shortcuts = app.get(SHORTCUTS) as ReadonlyMap<string, Handle>;
  return (request, response) => {
    const { url = '' } = request;
    const [firstSegment = ''] = FIRST_SEGMENT.exec(url) ?? [];
    const shortcut = isDecodable(url) ? shortcuts.get(firstSegment) : undefined;
    (shortcut ?? app)(request, response);
  };
}

/** The Express app over declared routes: one way to answer, one way to fail. */
export function createApp(deps: ExchangeDeps, routes: readonly Route[], options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  const checkCredentials = createCredentialCheck(options.inbound);
  const letIn = (guarded: NonNullable<Route['guarded']>, request: IncomingMessage): Promise<unknown> | undefined => {
    const { method = 'GET', headers, socket } = request;
    const { authorization } = headers;
    if (guarded !== true && 'by' in guarded) guarded.by({ method, headers, client: socket.remoteAddress ?? '' });
    else if (guarded !== true && /^Bearer /i.test(authorization ?? '')) return guarded.orBearer(authorization ?? '');
    else checkCredentials(authorization);
    return undefined;
  };

  const serve = (route: Route): Handle => {
    const { guarded, contentTypes, maxBodyBytes, handler } = route;
    const read = maxBodyBytes === undefined ? () => undefined : bodyReader(maxBodyBytes);

    return async (request, response) => {
      const exchange = openExchange(deps, options, request, response, route);
      const work = async (): Promise<Outcome> => {
        try {
          if (guarded !== undefined) await letIn(guarded, request);
          if (contentTypes !== undefined && request.method === 'POST') checkContentType(request, contentTypes);
          await read(request, response);
          return { reply: await handler(toInbound(request, response, exchange.correlationId)) };
        } catch (thrown) {
          return { thrown };
        }
      };
      // Only an envelope tells of the calls made meanwhile.
      const { result, calls } = exchange.isEnveloped ? await recordingCalls(work) : { result: await work(), calls: [] };
      if ('reply' in result) exchange.succeed(result.reply, calls);
      else exchange.fail(result.thrown, calls);
    };
  };

  const add = (route: Route): void => {
    for (const method of route.methods === 'all' ? (['all'] as const) : route.methods) {
      app[method](route.path, serve(route));
    }
  };
  const fail = (request: IncomingMessage, response: ServerResponse, thrown: unknown): void =>
    openExchange(deps, options, request, response).fail(thrown);

  app.use(helmet());
  for (const route of routes) add(route);
  const shortcuts = routes.flatMap((route) =>
    route.shortcut === undefined ? [] : [[route.shortcut, serve(route)] as const],
  );
  app.set(SHORTCUTS, new Map(shortcuts));
  for (const [path, allowed] of methodsByPath(routes)) {
    app.all(path, (request, response) => {
      response.set('allow', allowed.join(', '));
      fail(request, response, new MediatorError('method_not_allowed'));
    });
  }
  app.use((request, response) => fail(request, response, new MediatorError('route_not_found')));
  const onError: ErrorRequestHandler = (thrown, request, response, _next) => fail(request, response, thrown);
  app.use(onError);
  return app;
}
